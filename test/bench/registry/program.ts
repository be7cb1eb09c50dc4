import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/** A program of the bench in a process of its own, bundled as what ships is. It is told one JSON line and answers lines of JSON. */
export interface Program {
	readonly pid: number;
	/** Its next line. @throws {Error} when it has ended. */
	next(): Promise<unknown>;
	tell(line: unknown): void;
	close(): Promise<void>;
}

/** @param source beside this file. @param told its first line of input. */
export async function startProgram(source: string, told: unknown): Promise<Program> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-program-"));
	const outfile = join(folder, "program.mjs");
	await build({
		entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
		outfile,
		bundle: true,
		format: "esm",
		platform: "node",
		external: ["pg-native"],
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
		},
	});
	const child: ChildProcess = spawn(process.execPath, [outfile], { stdio: ["pipe", "pipe", "inherit"] });
	const ended = new Promise<never>((_, reject) => {
		child.once("error", reject);
		child.once("exit", (code, signal) => reject(new Error(`${source} ended with ${code ?? signal}`)));
	});
	ended.catch(() => {}); // told to whoever waits for a line
	const lines = child.stdout && createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const tell = (line: unknown) => void child.stdin?.write(`${JSON.stringify(line)}\n`);
	tell(told);
	return {
		pid: child.pid ?? -1,
		tell,
		async next() {
			const line = await Promise.race([lines?.next(), ended]);
			return JSON.parse(line?.value ?? "null");
		},
		async close() {
			child.stdin?.end();
			await ended.catch(() => {});
			await rm(folder, { recursive: true, force: true });
		},
	};
}
