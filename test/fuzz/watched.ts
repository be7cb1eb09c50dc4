import { Worker } from "node:worker_threads";

import type { Coverage } from "./coverage.ts";
import type { TargetReport } from "./fuzz-target.ts";

/** What a thread is to do. */
export interface FuzzTask {
	readonly target: string;
	readonly inputs: number;
	readonly seed: number;
	readonly isGuided: boolean;
	readonly slowMs: number;
	/** Number of inputs begun, length of the present one, and its bytes. */
	readonly shared: SharedArrayBuffer;
}

export interface WatchedReport extends TargetReport {
	readonly covered: Coverage["covered"] | undefined;
	/** Memory of the whole process at the end. */
	readonly rssMiB: number;
}

const LONGEST = 1024 * 1024;
/** Memory that no decoder may take: a thread that wants more is ended by V8. */
const MOST_HEAP_MIB = 1024;
const LOOK_MS = 1000;

/**
 * Fuzzes a decoder in a thread of its own.
 *
 * @param bundle of `worker.ts`.
 * @param hangMs an input that takes longer is a finding, and the end. Must be far more than what a busy machine takes for one.
 */
export function fuzzWatched(bundle: string, task: Omit<FuzzTask, "shared">, hangMs = 60_000): Promise<WatchedReport> {
	const shared = new SharedArrayBuffer(8 + LONGEST);
	const [counters, bytes] = [new Int32Array(shared, 0, 2), new Uint8Array(shared, 8)];
	const began = performance.now();
	return new Promise((resolve, reject) => {
		const worker = new Worker(bundle, {
			workerData: { ...task, shared },
			resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MIB },
		});
		let last = { count: -1, atMs: performance.now() };
		const ended = (problem: string) => {
			const input = Uint8Array.from(bytes.subarray(0, counters[1]));
			const seconds = (performance.now() - began) / 1000;
			const inputs = Atomics.load(counters, 0);
			resolve({
				...{ target: task.target, inputs, seconds, taken: 0, corpus: 0, slowestMs: Number.NaN },
				...{ covered: undefined, rssMiB: Number.NaN, findings: [{ problem, input }] },
			});
		};
		const watch = setInterval(() => {
			const count = Atomics.load(counters, 0);
			if (count === 0 || count !== last.count) last = { count, atMs: performance.now() };
			else if (performance.now() - last.atMs > hangMs) {
				ended(`does not end within ${hangMs / 1000} s`);
				void worker.terminate();
			}
		}, LOOK_MS);
		worker.once("message", resolve);
		worker.once("error", (error) => {
			if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") ended(`takes more than ${MOST_HEAP_MIB} MiB`);
			else reject(error);
		});
		worker.once("exit", () => clearInterval(watch));
	});
}
