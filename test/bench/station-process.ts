import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import type { World } from "../e2e/world.ts";
import { APK, tokenOf } from "./bench-world.ts";
import type { Batch, BatchEnd, StationPlaces } from "./station-batch.ts";

/** A running process that enrols batches of handsets. */
export interface StationProcess {
	readonly pid: number;
	/** Enrols a batch to its end. */
	run(batch: Batch): Promise<BatchEnd>;
	close(): Promise<void>;
}

/**
 * Starts the enrolling process (`enroll-station.ts`), bundled as the command line is.
 *
 * @param nodeFlags such as `--cpu-prof`.
 */
export async function startStation(world: World, nodeFlags: readonly string[] = []): Promise<StationProcess> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-station-"));
	const program = join(folder, "enroll-station.mjs");
	await build({
		entryPoints: [fileURLToPath(new URL("enroll-station.ts", import.meta.url))],
		outfile: program,
		bundle: true,
		format: "esm",
		platform: "node",
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
		},
	});
	const child = spawn(process.execPath, [...nodeFlags, program], { stdio: ["pipe", "pipe", "inherit"] });
	const ended = new Promise<never>((_, reject) => {
		child.once("error", reject);
		child.once("exit", (code, signal) => reject(new Error(`the enrolling process ended with ${code ?? signal}`)));
	});
	ended.catch(() => {}); // told to whoever waits for a batch
	const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const { registryUrl, adbPort } = world;
	const places: StationPlaces = { registryUrl, adbPort, adminToken: await tokenOf(world), apkFile: APK };
	child.stdin.write(`${JSON.stringify(places)}\n`);
	return {
		pid: child.pid ?? -1,
		async run(batch) {
			child.stdin.write(`${JSON.stringify(batch)}\n`);
			const { value } = await Promise.race([answers.next(), ended]);
			return JSON.parse(value ?? "");
		},
		async close() {
			child.stdin.end();
			await ended.catch(() => {});
			await rm(folder, { recursive: true, force: true });
		},
	};
}
