import { describe, expect, it } from "vitest";

import { faultError } from "../../../../provisioning/handset/fault.ts";
import type { EnrollmentStatus } from "../../../../provisioning/procedure/registry-port.ts";
import type { RunState } from "../../../../provisioning/station/journal/batch-state.ts";
import type { JournalEntry } from "../../../../provisioning/station/journal/entry.ts";
import type { BatchLog } from "../../../../provisioning/station/work/batch-log.ts";
import { findSealedMeanwhile } from "../../../../provisioning/station/work/sealed-meanwhile.ts";
import { sampleBatch, unitState } from "./sample-batch.ts";

const run = (more: Partial<RunState>): RunState => ({
	...{ run: "C-1#1", contractId: "C-1", slot: 1, usbPath: "1-1", operator: "ann", startedAtMs: 0, serial: "S1", steps: [] },
	end: {
		...{ type: "run-ended", run: "C-1#1", contractId: "C-1", verdict: "error", milliseconds: 5, fault: "USB_LOST" },
		...{ atMs: 1, hash: "" },
	},
	...more,
});
const sealed: EnrollmentStatus = {
	...{ enrollmentId: "e1", deviceId: "d1", contractId: "C-1", imei1: "1", serial: "S1", state: "sealed" },
	bindingSha256: "",
};

async function found(
	last: RunState | readonly RunState[],
	answer: EnrollmentStatus | Error | undefined,
): Promise<readonly JournalEntry[]> {
	const told: JournalEntry[] = [];
	const state = sampleBatch([unitState("C-1", { standing: "error", runs: [last].flat() })]);
	const log: BatchLog = {
		...{ state, down: undefined, close: () => {}, intend: async () => {} },
		tell: async (...entries) => void told.push(...entries),
	};
	const enrollmentOf = async () => {
		if (answer instanceof Error) throw answer;
		return answer;
	};
	const passed: string[] = [];
	await findSealedMeanwhile({ log, registry: { enrollmentOf }, passed: (contractId) => void passed.push(contractId) });
	expect(passed).toHaveLength(told.length);
	return told;
}

describe("a phone that was lost at its last step", () => {
	const step = { type: "step-ended", run: "C-1#1", step: "seal", end: "failed", milliseconds: 1, fault: "USB_LOST" } as const;

	it.each([
		["in the middle of the seal", run({ openAct: "seal" })],
		["when the seal had not been heard of", run({ steps: [step] })],
	])("%s has passed when the registry knows it as sealed", async (_, last) => {
		expect(await found(last, sealed)).toEqual([
			expect.objectContaining({ type: "run-ended", run: "C-1#1", verdict: "pass", foundSealed: true, enrollmentId: "e1" }),
		]);
	});

	it.each([
		["another phone holds the contract", run({ openAct: "seal" }), { ...sealed, serial: "S2" }],
		["the registry has not heard of the seal", run({ openAct: "seal" }), { ...sealed, state: "contacted" as const }],
		["the registry does not know it", run({ openAct: "seal" }), undefined],
		["it was lost earlier", run({ openAct: "install" }), sealed],
	])("has not passed when %s", async (_, last, answer) => {
		expect(await found(last, answer)).toEqual([]);
	});

	it("has passed although a later run was lost at another step: it began before the phone had closed its cable", async () => {
		const later = run({ run: "C-1#2", openAct: "grants" });
		expect(await found([run({ openAct: "seal" }), later], sealed)).toEqual([
			expect.objectContaining({ type: "run-ended", run: "C-1#2", verdict: "pass" }),
		]);
	});

	it("waits for a registry that does not answer", async () => {
		expect(await found(run({ openAct: "seal" }), faultError("REGISTRY_UNREACHABLE"))).toEqual([]);
	});
});
