import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, type Plugin } from "esbuild";

const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the bundle may weigh, in bytes: an engine on a slow phone parses all of it at each start. */
export const MOST_BUNDLE_BYTES = 200_000;

/**
 * The agent as one script for an engine without a host: daemon, policy, wire and cryptography. It leaves one global, `holdfast`
 * (agent/hosts/engine/entry.ts). Its bytes are a function of the sources and of the pinned packages.
 */
export async function bundleAgent(): Promise<Uint8Array> {
	const { outputFiles } = await build({
		absWorkingDir: PROJECT_ROOT,
		entryPoints: ["agent/hosts/engine/entry.ts"],
		bundle: true,
		write: false,
		minify: true,
		format: "iife",
		globalName: "holdfast",
		platform: "neutral",
		mainFields: ["module", "main"],
		conditions: ["module"], // without it XState is its CommonJS build, of which nothing can be left out
		target: "es2022",
		inject: ["agent/hosts/engine/console.ts"],
		legalComments: "eof",
		plugins: [wireAsNamespace],
		logLevel: "warning",
	});
	const [file] = outputFiles;
	if (!file) throw new Error("esbuild gave no file");
	return file.contents;
}

/**
 * esbuild sees through a module's own namespace but not through one that another module exports again. With the generated file
 * imported directly, it leaves out messages that the agent does not speak, and writes enums as their numbers.
 */
const wireAsNamespace: Plugin = {
	name: "wire-as-namespace",
	setup({ onLoad, onResolve }) {
		onLoad({ filter: /[\\/](?:proto|agent)[\\/].*\.ts$/ }, async ({ path }) => ({
			contents: (await readFile(path, "utf8")).replace(/^import \{ wire \} from/m, "import * as wire from"),
			loader: "ts",
		}));
		onResolve({ filter: /\/wire\.ts$/ }, () => ({ path: join(PROJECT_ROOT, "proto/generated/holdfast.ts") }));
	},
};
