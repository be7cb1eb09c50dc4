import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { BuildError } from "../../scripts/apk/build-error.ts";
import { jvmClasses, type Outcome, onJvm, openWorkshop } from "../agent/hosts/conformance/engines.ts";
import { writeVectors } from "../agent/hosts/conformance/vectors.ts";
import type { Call, HandleCalls } from "./handle-calls.ts";
import { median, type Row, within } from "./row.ts";

const CALLS = 800;
const SIGNED_CALLS = 200;
const LIMIT_MS = 60_000;
const MIB = 1024 * 1024;
const NOTHING = new Uint8Array();

/**
 * The library of an x86-64 phone, linked for a JVM and called through the class that phones run, with the JVM's own cryptography. No
 * rows where it cannot be built.
 */
export function benchPhoneEngine(bundle: Uint8Array, calls: HandleCalls): Row[] {
	const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
	try {
		const workshop = openWorkshop(folder);
		const classes = jvmClasses(workshop);
		const question = { bundle: join(folder, "agent.js"), vectors: join(folder, "calls"), limitMs: LIMIT_MS };
		writeFileSync(question.bundle, bundle);
		const outcomeOf = (asked: readonly Call[]): Outcome => {
			const unjudged = asked.map(({ ledger, event }) => ({ ledger, event, after: NOTHING, effects: NOTHING }));
			writeFileSync(question.vectors, writeVectors({ verdicts: [], calls: unjudged }));
			return onJvm(workshop, classes, question, { checked: false });
		};
		const timesOf = (name: string, asked: readonly Call[], count: number, limitMs: number): Row[] => {
			const many = Array.from({ length: count }, (_, index) => asked[index % asked.length]).filter((call) => call !== undefined);
			// The first half warms the JVM up.
			const times = [...outcomeOf(many).calls].filter(([index]) => index >= count / 2).map(([, ns]) => ns / 1e6);
			const sorted = times.sort((a, b) => a - b);
			return [
				within(`${name}, phone's engine on a JVM, median`, median(sorted), "ms", limitMs),
				within(`${name}, phone's engine on a JVM, p99`, sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN, "ms", limitMs),
			];
		};
		const year = outcomeOf(calls.year);
		return [
			within("agent load, phone's engine on a JVM", median(year.loads) / 1e6, "ms", 40),
			...timesOf("handle without a signature", calls.unsigned, CALLS, 1),
			...timesOf("handle with one signature", calls.oneSignature, SIGNED_CALLS, 10),
			...timesOf("handle with two signatures", calls.twoSignatures, SIGNED_CALLS, 20),
			within("heap after a year, phone's engine", year.heapBytes / MIB, "MiB", 2),
		];
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		process.stderr.write(`the phone's engine is not measured: ${error.message}\n`);
		return [];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
