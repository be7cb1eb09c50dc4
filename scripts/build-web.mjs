// Builds the pages into provisioning/web/build/<page>/: an index and files with a hash in their name.
// `--if-stale` skips a page that is newer than every source.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { iconPng } from "./page-icon.mjs";

// Whoever builds: under a test runner Vite would take React's development build.
process.env.NODE_ENV = "production";

const root = fileURLToPath(new URL("..", import.meta.url));
const web = join(root, "provisioning/web");
const PAGES = ["station", "sign-in", "console", "desk", "technician", "borrower", "check", "simulator"];
/** Pages that run the agent itself, in a worker. */
const WITH_AGENT = ["console", "simulator"];
/** Pages that a browser installs, and that stand without the network. */
const INSTALLABLE = ["desk"];
const AGENT = ["agent/daemon", "agent/hosts/engine", "agent/policy", "proto"];
/** The station has a server to itself; the others share the registry's. */
const baseOf = (page) => (page === "station" ? "/" : `/${page}/`);
/** What pages are made of besides their own folder. */
const SHARED = [
	"proto",
	"provisioning/handset",
	"provisioning/procedure",
	"provisioning/registry",
	"provisioning/simulation",
	"provisioning/station",
	"provisioning/transport",
	"provisioning/vouchers",
	"provisioning/web/faults",
	"provisioning/web/frame",
	"provisioning/web/simulated-phone",
];

/** Newest modification time of the sources in these folders, in milliseconds. */
async function newest(folders) {
	let time = (await stat(fileURLToPath(import.meta.url))).mtimeMs;
	for (const folder of folders) {
		for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
			if (entry.isFile()) time = Math.max(time, (await stat(join(entry.parentPath, entry.name))).mtimeMs);
		}
	}
	return time;
}

/** Writes the SHA-384 of every script and style into the index, so that a browser refuses a file that is not the one built with it. */
function integrity() {
	return {
		name: "integrity",
		enforce: "post",
		async writeBundle({ dir }, bundle) {
			if (!bundle["index.html"]) return;
			const path = join(dir, "index.html");
			const html = await readFile(path, "utf8");
			const marked = html.replace(
				/<(?:script|link)\b[^>]*?\b(?:src|href)="\/[^"]*?(assets\/[^"]+\.(?:js|css))"[^>]*>/g,
				(tag, file) => {
					const { code, source } = bundle[file] ?? {};
					const text = code ?? source;
					if (text === undefined) return tag;
					const hash = createHash("sha384").update(text).digest("base64");
					return tag.replace(/>$/, ` integrity="sha384-${hash}">`);
				},
			);
			await writeFile(path, marked);
		},
	};
}

/** The agent's bundle, byte for byte as it goes into the APK: pages load it as a script of its own, and Vite does not touch it. */
async function buildAgentBundle() {
	const output = join(web, "build/agent-bundle/agent.js");
	const built = (await stat(output).catch(() => undefined))?.mtimeMs ?? 0;
	if (process.argv.includes("--if-stale") && built > (await newest(AGENT.map((folder) => join(root, folder))))) return;
	await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/agent/main.ts", "--out", output], { cwd: root });
}

async function buildPage(page) {
	const output = join(web, "build", page);
	const built = (await stat(join(output, "index.html")).catch(() => undefined))?.mtimeMs ?? 0;
	const shared = WITH_AGENT.includes(page) ? [...SHARED, ...AGENT] : SHARED;
	const sources = [join(web, page), ...shared.map((folder) => join(root, folder))];
	if (process.argv.includes("--if-stale") && built > (await newest(sources))) return;
	const { build } = await import("vite");
	// A server may be answering from the folder: the new one takes its place whole.
	const draft = join(web, "build", `.draft-${page}-${process.pid}`);
	await build({
		configFile: false,
		root: join(web, page),
		base: baseOf(page),
		logLevel: "warn",
		// Files that keep their name, such as a service worker's manifest.
		publicDir: "public",
		plugins: [integrity()],
		oxc: { jsx: { runtime: "automatic", importSource: "react" } },
		build: {
			outDir: draft,
			emptyOutDir: true,
			target: "es2022",
			assetsInlineLimit: 0, // the page's policy allows no data: addresses
			modulePreload: { polyfill: false },
			sourcemap: false,
		},
	});
	if (INSTALLABLE.includes(page)) await makeInstallable(page, draft);
	const old = `${draft}-old`;
	await rename(output, old).catch(() => {});
	await rename(draft, output);
	await rm(old, { recursive: true, force: true });
}

/**
 * Writes the page's icons, and the worker that keeps the page for when the network is away: with the path and the hash of each file,
 * so that it takes exactly this build or nothing.
 */
async function makeInstallable(page, folder) {
	await writeFile(join(folder, "icon-192.png"), iconPng(192, false));
	await writeFile(join(folder, "icon-512.png"), iconPng(512, false));
	await writeFile(join(folder, "icon-maskable-512.png"), iconPng(512, true));
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const names = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
	const files = [];
	for (const name of names.map((each) => each.replaceAll("\\", "/")).sort()) {
		const hash = createHash("sha384")
			.update(await readFile(join(folder, name)))
			.digest("base64");
		files.push([`/${page}/${name === "index.html" ? "" : name}`, `sha384-${hash}`]);
	}
	const { build } = await import("esbuild");
	await build({
		entryPoints: [join(web, page, "service-worker.ts")],
		outfile: join(folder, "service-worker.js"),
		bundle: true,
		format: "iife",
		platform: "browser",
		target: "es2022",
		minify: true,
		legalComments: "none",
		logLevel: "warning",
		define: {
			FILES: JSON.stringify(files),
			BUILD: JSON.stringify(createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16)),
		},
	});
}

await buildAgentBundle();
for (const page of PAGES) await buildPage(page);
