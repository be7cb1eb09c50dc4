import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import type { World } from "../e2e/world.ts";
import { APK, tokenOf } from "./bench-world.ts";
import type { BatchEnd, Places, ProcedureBatch, StationBatch } from "./enrolling-batch.ts";

/** A running process that enrols batches of handsets. */
export interface EnrollingProcess<Batch> {
	readonly pid: number;
	/** Enrols a batch to its end. */
	run(batch: Batch): Promise<BatchEnd>;
	close(): Promise<void>;
}

/** The station's engine and nothing else (`enroll-station.ts`). */
export const startStationProcess = (world: World): Promise<EnrollingProcess<StationBatch>> =>
	start(world, "enroll-station.ts", []);

/**
 * The procedure without a station, every round trip told (`enroll-procedure.ts`).
 *
 * @param nodeFlags such as `--cpu-prof`.
 */
export const startProcedureProcess = (
	world: World,
	nodeFlags: readonly string[] = [],
	environment: NodeJS.ProcessEnv = {},
): Promise<EnrollingProcess<ProcedureBatch>> => start(world, "enroll-procedure.ts", nodeFlags, environment);

/** Starts a process, bundled as the command line is. */
async function start<Batch>(
	world: World,
	source: string,
	nodeFlags: readonly string[],
	environment: NodeJS.ProcessEnv = {},
): Promise<EnrollingProcess<Batch>> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-station-"));
	const program = join(folder, "program.mjs");
	await build({
		entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
		outfile: program,
		bundle: true,
		format: "esm",
		platform: "node",
		banner: {
			js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
		},
	});
	const child = spawn(process.execPath, [...nodeFlags, program], {
		stdio: ["pipe", "pipe", "inherit"],
		env: { ...process.env, ...environment },
	});
	const ended = new Promise<never>((_, reject) => {
		child.once("error", reject);
		child.once("exit", (code, signal) => reject(new Error(`the enrolling process ended with ${code ?? signal}`)));
	});
	ended.catch(() => {}); // told to whoever waits for a batch
	const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const { registryUrl, adbPort } = world;
	const places: Places = { registryUrl, adbPort, adminToken: await tokenOf(world), apkFile: APK, folder };
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
