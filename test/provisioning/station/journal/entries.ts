import fc from "fast-check";

import { CHAIN_START, sealLine } from "../../../../provisioning/station/journal/chain.ts";
import type { JournalEntry, JournalLine } from "../../../../provisioning/station/journal/entry.ts";

type Entry<Type extends JournalEntry["type"]> = Extract<JournalEntry, { type: Type }>;

export const OPENED: Entry<"batch-opened"> = {
	type: "batch-opened",
	batchId: "B7",
	manifestSha256: "5e".repeat(32),
	units: 3,
	station: "BLR-A-ENR-01",
	tool: "0.1.0",
	apkSha256: "a9".repeat(32),
	match: "scan",
	seal: true,
};

export const started = (run: string, slot: number): Entry<"run-started"> => ({
	type: "run-started",
	run,
	contractId: run.split("#")[0] ?? "",
	slot,
	usbPath: `1-4.${slot}`,
	adbSerial: `X${slot}`,
	operator: "Asha",
});

export const ended = (
	run: string,
	verdict: Entry<"run-ended">["verdict"],
	milliseconds = 40_000,
	fault?: Entry<"run-ended">["fault"],
): Entry<"run-ended"> => ({
	type: "run-ended",
	run,
	contractId: run.split("#")[0] ?? "",
	verdict,
	milliseconds,
	...(fault ? { fault } : {}),
});

export const otherPhone = (slot: number): Entry<"mis-scan"> => ({
	type: "mis-scan",
	operator: "Asha",
	why: "other-phone",
	tail: "1234",
	slot,
});

/** Lines with a proper chain. `times` dates them; otherwise one second each. */
export function linesOf(entries: readonly JournalEntry[], times: readonly number[] = []): JournalLine[] {
	let head = CHAIN_START;
	return entries.map((entry, index) => {
		const { line } = sealLine(entry, head, times[index] ?? index * 1000);
		head = line;
		return line;
	});
}

export function bytesOf(entries: readonly JournalEntry[]): Buffer {
	let head = CHAIN_START;
	const texts = entries.map((entry, index) => {
		const { line, text } = sealLine(entry, head, index * 1000);
		head = line;
		return text;
	});
	return Buffer.from(texts.join(""), "utf8");
}

const contract = fc.constantFrom("C1", "C2", "C3", "C#4");
const slot = fc.integer({ min: 1, max: 4 });
const word = fc.string({ unit: "grapheme", maxLength: 12 });
const run = fc.tuple(contract, fc.integer({ min: 1, max: 3 })).map(([id, n]) => `${id}#${n}`);
const withContract = (name: string) => ({ run: name, contractId: name.slice(0, name.lastIndexOf("#")) });

/** Any entry, in any order: also stories that no station would tell. */
export const anyEntry: fc.Arbitrary<JournalEntry> = fc.oneof(
	fc.record({ operator: word }).map(({ operator }) => ({ type: "shift-started" as const, operator, checks: [] })),
	fc.record({ operator: word }).map(({ operator }) => ({ type: "shift-ended" as const, operator, why: "signed out" as const })),
	fc.record({ contractId: contract, imei: word }).map((each) => ({ type: "scanned" as const, operator: "Asha", ...each })),
	slot.map(otherPhone),
	fc.tuple(run, slot).map(([name, at]) => ({ ...started(name, at), ...withContract(name) })),
	run.map((name) => ({ type: "identified" as const, run: name, serial: "S1", imeis: ["869071041234567"], model: "M" })),
	fc.record({ run, step: word }).map((each) => ({ type: "act" as const, ...each })),
	fc
		.record({
			run,
			step: word,
			end: fc.constantFrom("already" as const, "done" as const, "failed" as const),
			milliseconds: fc.nat(),
		})
		.map((each) => ({ type: "step-ended" as const, ...each })),
	fc
		.tuple(run, fc.constantFrom("pass", "queued", "fail", "error", "cancelled"), fc.nat({ max: 100_000 }))
		.map(([name, verdict, ms]) => ({ ...ended(name, verdict as "pass", ms), ...withContract(name) })),
	run.map((name) => ({
		type: "receipt-queued" as const,
		...withContract(name),
		enrollmentId: "e1",
		receiptEnvelope: "AA==",
		evidence: "AA==",
	})),
	contract.map((contractId) => ({ type: "receipt-delivered" as const, contractId, enrollmentId: "e1" })),
	fc.record({ contractId: contract, reason: word }).map((each) => ({ type: "held" as const, operator: "Asha", ...each })),
	fc
		.record({ contractId: contract, reason: word })
		.map((each) => ({ type: "hold-lifted" as const, supervisor: "Ravi", ...each })),
	fc.record({ slot, what: fc.constantFrom("clear-mismatch" as const, "unlock-slot" as const) }).map((each) => ({
		type: "override" as const,
		supervisor: "Ravi",
		operator: "Asha",
		reason: "sorted out",
		...each,
	})),
	slot.map((at) => ({ type: "slot-locked" as const, slot: at, why: "three mismatches in a row" as const })),
	fc.record({ contractId: contract, label: word }).map((each) => ({ type: "label-printed" as const, operator: "Asha", ...each })),
	word.map((id) => ({ type: "webhook-queued" as const, id, event: "unit.passed" })),
	word.map((id) => ({ type: "webhook-ended" as const, id, delivered: true, attempts: 1 })),
	fc.constant({ type: "batch-closed" as const, operator: "Asha" }),
);
