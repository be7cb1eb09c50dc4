import { parentPort, workerData } from "node:worker_threads";

import { openCoverage } from "./coverage.ts";
import { fuzzTarget } from "./fuzz-target.ts";
import { fuzzTargets } from "./targets.ts";
import type { FuzzTask } from "./watched.ts";

// One decoder in a thread of its own: one that never ends is ended from outside, and its input is known.
const { target: name, inputs, seed, isGuided, slowMs, shared }: FuzzTask = workerData;
const target = fuzzTargets().find((each) => each.name === name);
if (!target) throw new Error(`there is no target ${name}`);
// A refusal is the usual end of an input, and its stack would take longer than all else.
Error.stackTraceLimit = 0;
const [counters, bytes] = [new Int32Array(shared, 0, 2), new Uint8Array(shared, 8)];
const coverage = isGuided ? openCoverage() : undefined;
const report = await fuzzTarget(target, {
	inputs,
	seed,
	slowMs,
	...(coverage ? { coverage } : {}),
	onInput: (input) => {
		bytes.set(input.length > bytes.length ? input.subarray(0, bytes.length) : input);
		counters[1] = Math.min(input.length, bytes.length);
		Atomics.add(counters, 0, 1);
	},
});
const { rss } = process.memoryUsage();
parentPort?.postMessage({ ...report, covered: coverage?.covered, rssMiB: Math.round(rss / 2 ** 20) });
coverage?.close();
