import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { build } from "esbuild";

import { ROOT } from "./source-tree.ts";

/** What handset and procedure may use beyond ECMAScript 2023: the web's way to cancel, which Node and browsers share. */
export const CANCELLATION_GLOBALS = `
declare class AbortSignal {
	readonly aborted: boolean;
	readonly reason: unknown;
	static any(signals: readonly AbortSignal[]): AbortSignal;
	throwIfAborted(): void;
	addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
	removeEventListener(type: "abort", listener: () => void): void;
}
declare class AbortController {
	readonly signal: AbortSignal;
	abort(reason?: unknown): void;
}
declare class TextDecoder {
	constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
	decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
declare class TextEncoder {
	encode(text?: string): Uint8Array;
}
`;

/**
 * Compiles rooms with nothing but ECMAScript 2023 and the given declarations, and gives the compiler's errors. A name of Node's
 * or the browser's is an error there, even where it is only a type.
 *
 * @param extra more files, by name, such as one that must not compile.
 */
export async function compileAlone(
	rooms: readonly string[],
	declarations: string,
	extra: Record<string, string> = {},
): Promise<string[]> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-portable-"));
	try {
		const files = { "globals.d.ts": declarations, ...extra };
		for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
		const config = {
			extends: join(ROOT, "tsconfig.json"),
			compilerOptions: { lib: ["ES2023"], types: [], typeRoots: [], noUnusedLocals: false },
			include: rooms.map((room) => join(ROOT, room, "**/*.ts")),
			files: Object.keys(files).map((name) => join(folder, name)),
		};
		await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
		const require = createRequire(import.meta.url);
		const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
		const output = await new Promise<string>((resolve) => {
			execFile(
				process.execPath,
				[tsc, "-p", folder, "--pretty", "false"],
				{ cwd: ROOT, timeout: 100_000 },
				(error, stdout, stderr) => {
					resolve(stdout + stderr + (error?.killed ? "error: the compiler took too long" : ""));
				},
			);
		});
		return output.split("\n").filter((line) => /\berror\b/.test(line));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/**
 * Bundles files for no platform at all, as a global script named `bundle`. What pulls in a Node module, however deep, is an
 * error.
 */
export async function bundleForAnywhere(paths: readonly string[]): Promise<string> {
	const result = await build({
		stdin: { contents: paths.map((path) => `export * from "./${path}";`).join("\n"), resolveDir: ROOT, loader: "ts" },
		bundle: true,
		write: false,
		format: "iife",
		globalName: "bundle",
		platform: "neutral",
		mainFields: ["module", "main"],
		target: "es2022",
		logLevel: "silent",
	});
	const [file] = result.outputFiles;
	if (!file) throw new Error("esbuild gave no file");
	return file.text;
}
