import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { BatchState, UnitStanding } from "../../../../provisioning/station/journal/batch-state.ts";
import type { JournalEntry } from "../../../../provisioning/station/journal/entry.ts";
import { figuresOf } from "../../../../provisioning/station/journal/figures.ts";
import { foldBatch, stepBatch } from "../../../../provisioning/station/journal/fold.ts";
import { interruptedRuns } from "../../../../provisioning/station/journal/interrupted.ts";
import { anyEntry, ended, linesOf, OPENED, otherPhone, started } from "./entries.ts";

const fold = (...entries: readonly JournalEntry[]): BatchState => foldBatch(linesOf([OPENED, ...entries]));
const plain = (state: BatchState) => ({ ...state, units: [...state.units], openWebhooks: [...state.openWebhooks] });
const expected = ["C1", "C2", "C3", "C#4"].map((contractId) => ({ contractId }));

const act = (run: string, step: string): JournalEntry => ({ type: "act", run, step });
const stepEnded = (run: string, step: string): JournalEntry => ({
	type: "step-ended",
	run,
	step,
	end: "done",
	milliseconds: 100,
});
const held: JournalEntry = { type: "held", contractId: "C1", operator: "Asha", reason: "box torn" };
const lifted: JournalEntry = { type: "hold-lifted", contractId: "C1", supervisor: "Ravi", reason: "box fine" };
const queued: JournalEntry = {
	type: "receipt-queued",
	run: "C1#1",
	contractId: "C1",
	enrollmentId: "e1",
	receiptEnvelope: "AA==",
	evidence: "AA==",
};
const delivered: JournalEntry = { type: "receipt-delivered", contractId: "C1", enrollmentId: "e1" };
const scanned: JournalEntry = { type: "scanned", operator: "Asha", contractId: "C1", imei: "869071041234567" };

describe("a unit of a batch", () => {
	test.each<[string, UnitStanding | undefined, JournalEntry[]]>([
		["nothing happened to is not listed", undefined, []],
		["was scanned waits", "waiting", [scanned]],
		["is worked on is running", "running", [scanned, started("C1#1", 1)]],
		["was worked on when the journal ended is running", "running", [started("C1#1", 1), act("C1#1", "own")]],
		["passed is a pass", "pass", [started("C1#1", 1), ended("C1#1", "pass")]],
		[
			"failed, then passed is a pass",
			"pass",
			[started("C1#1", 1), ended("C1#1", "fail"), started("C1#2", 2), ended("C1#2", "pass")],
		],
		["was cancelled is cancelled", "cancelled", [started("C1#1", 1), ended("C1#1", "cancelled")]],
		["is held is on hold", "hold", [started("C1#1", 1), ended("C1#1", "fail"), held]],
		["was held before anything waits again", "waiting", [held, lifted]],
		["was held after a failure is a failure again", "fail", [started("C1#1", 1), ended("C1#1", "fail"), held, lifted]],
		["is queued is queued", "queued", [started("C1#1", 1), queued, ended("C1#1", "queued")]],
		[
			"is queued stays so when the receipt is delivered: it is not sealed",
			"queued",
			[started("C1#1", 1), queued, ended("C1#1", "queued"), delivered],
		],
	])("that %s", (_, standing, entries) => {
		expect(fold(...entries).units.get("C1")?.standing).toBe(standing);
	});

	test("is a pass when its receipt is delivered, where phones are not sealed, and stays so after a hold", () => {
		const story = [{ ...OPENED, seal: false }, started("C1#1", 1), queued, ended("C1#1", "queued"), delivered, held, lifted];
		const state = foldBatch(linesOf(story));
		expect(state.units.get("C1")).toMatchObject({ standing: "pass", receiptDelivered: true });
		expect(state.units.get("C1")).not.toHaveProperty("queuedReceipt");
	});

	test("keeps a queued receipt until that one is delivered", () => {
		const other: JournalEntry = { ...delivered, enrollmentId: "e9" } as JournalEntry; // still an entry
		expect(fold(started("C1#1", 1), queued, other).units.get("C1")?.queuedReceipt).toEqual(queued);
	});

	test("has one valid label", () => {
		const print = (label: string, voids?: string): JournalEntry => ({
			type: "label-printed",
			contractId: "C1",
			label,
			operator: "Asha",
			...(voids === undefined ? {} : { voids }),
		});
		const unit = fold(print("B7-000001-1"), print("B7-000001-2", "B7-000001-1"), print("B7-000001-3")).units.get("C1");
		expect(unit).toMatchObject({ label: "B7-000001-3", voidLabels: ["B7-000001-1", "B7-000001-2"] });
	});

	test("tells each run's steps, and the side effect whose end is not known", () => {
		const run = fold(
			started("C1#1", 3),
			{ type: "identified", run: "C1#1", serial: "S1", imeis: ["869071041234567"], model: "M" },
			act("C1#1", "install"),
			stepEnded("C1#1", "install"),
			act("C1#1", "own"),
		).units.get("C1")?.runs[0];
		expect(run).toMatchObject({ slot: 3, serial: "S1", model: "M", openAct: "own", steps: [{ step: "install" }] });
		expect(run?.steps[0]).not.toHaveProperty("hash");
	});
});

describe("a slot", () => {
	const clear = (what: "clear-mismatch" | "unlock-slot"): JournalEntry => ({
		type: "override",
		supervisor: "Ravi",
		operator: "Asha",
		what,
		reason: "sorted out",
		slot: 2,
	});
	const locked: JournalEntry = { type: "slot-locked", slot: 2, why: "three mismatches in a row" };
	const three = [otherPhone(2), otherPhone(2), otherPhone(2)];

	test.each<[string, number | undefined, boolean, JournalEntry[]]>([
		["counts phones that do not fit", 2, false, [otherPhone(2), otherPhone(3), otherPhone(2)]],
		["is not locked by the third alone", 3, false, three],
		["is locked when the journal says so", 3, true, [...three, locked]],
		["counts anew after a right start", undefined, false, [otherPhone(2), started("C1#1", 2)]],
		["counts anew after a run ended", 1, false, [started("C1#1", 2), otherPhone(2), ended("C1#1", "pass"), otherPhone(2)]],
		["counts on when another slot starts", 1, false, [otherPhone(2), started("C1#1", 3), ended("C1#1", "pass")]],
		["counts anew after a supervisor cleared it", undefined, false, [...three, clear("clear-mismatch")]],
		["is open after a supervisor unlocked it", undefined, false, [...three, locked, clear("unlock-slot")]],
		[
			"counts only other phones",
			undefined,
			false,
			[{ type: "mis-scan", operator: "Asha", why: "not-in-batch", tail: "1", slot: 2 }],
		],
	])("%s", (_, count, isLocked, entries) => {
		const state = fold(...entries);
		expect(state.mismatches.get(2)).toBe(count);
		expect(state.lockedSlots.has(2)).toBe(isLocked);
	});
});

describe("a batch", () => {
	test("tells its shift, mis-scans, overrides, open webhooks and its end", () => {
		const state = fold(
			{ type: "station-started", station: "BLR-A-ENR-01", tool: "0.1.0", tornBytes: 12 },
			{ type: "shift-started", operator: "Asha", checks: [{ name: "printer", ok: true, detail: "prints" }] },
			otherPhone(2),
			{ type: "webhook-queued", id: "w1", event: "unit.passed", contractId: "C1" },
			{ type: "webhook-queued", id: "w2", event: "unit.passed", contractId: "C2" },
			{ type: "webhook-ended", id: "w1", delivered: true, attempts: 1 },
			{ type: "report-made", format: "pdf", sha256: "ab" },
			{ type: "batch-closed", operator: "Asha" },
		);
		expect(state.shift).toEqual({
			operator: "Asha",
			startedAtMs: 2000,
			checks: [{ name: "printer", ok: true, detail: "prints" }],
		});
		expect(state.misScans).toEqual([{ why: "other-phone", operator: "Asha", atMs: 3000, slot: 2 }]);
		expect([...state.openWebhooks.keys()]).toEqual(["w2"]);
		expect(state.closed).toEqual({ atMs: 8000, operator: "Asha" });
		expect(state.head).toMatchObject({ n: 9, atMs: 8000 });
		expect(state.opened).toEqual({ ...OPENED, atMs: 0 });
	});

	test("has no shift after it ended", () => {
		const state = fold(
			{ type: "shift-started", operator: "Asha", checks: [] },
			{ type: "shift-ended", operator: "Asha", why: "timed out" },
		);
		expect(state).not.toHaveProperty("shift");
	});

	test("cannot be told from no line, or from lines that do not open one", () => {
		const damaged = expect.objectContaining({ fault: expect.objectContaining({ code: "JOURNAL_DAMAGED" }) });
		expect(() => foldBatch([])).toThrow(damaged);
		expect(() => foldBatch(linesOf([scanned]))).toThrow(damaged);
	});

	const story = fc.array(anyEntry, { maxLength: 40 });

	test("is told by any prefix of any lines, and a step at a time as at once", () => {
		fc.assert(
			fc.property(story, fc.nat(), (entries, where) => {
				const lines = linesOf([OPENED, ...entries]);
				const cut = 1 + (where % lines.length);
				const prefix = foldBatch(lines.slice(0, cut));
				const before = structuredClone(plain(prefix));
				const stepped = lines.slice(cut).reduce(stepBatch, prefix);
				expect(plain(stepped)).toEqual(plain(foldBatch(lines)));
				expect(plain(prefix)).toEqual(before); // nobody's state changes under them
				expect(stepped.head.n).toBe(lines.length);
			}),
		);
	});

	test("has figures that add up", () => {
		fc.assert(
			fc.property(story, (entries) => {
				const state = fold(...entries);
				const figures = figuresOf(state, expected, entries.length * 1000);
				const { pass, failed, held: onHold, running, missing } = figures;
				expect(pass + figures.queued + failed + onHold + running + missing).toBe(expected.length);
				for (const ratio of [figures.firstPassYield, ...figures.slots.map((slot) => slot.yield)]) {
					expect(ratio === null || (ratio >= 0 && ratio <= 1)).toBe(true);
				}
				expect(figures.unitsPerHour === null || figures.unitsPerHour >= 0).toBe(true);
			}),
		);
	});

	test("that a station finds again has an end for every run, once", () => {
		fc.assert(
			fc.property(story, (entries) => {
				const ends = interruptedRuns(fold(...entries));
				const state = fold(...entries, ...ends);
				expect(interruptedRuns(state)).toEqual([]);
				expect([...state.units.values()].filter(({ standing }) => standing === "running")).toEqual([]);
			}),
		);
	});
});

describe("a run that the station's end interrupted", () => {
	test("ends as the station's error, and says what had been begun", () => {
		const state = fold(started("C1#1", 1), act("C1#1", "install"), stepEnded("C1#1", "install"), act("C1#1", "own"));
		expect(interruptedRuns(state)).toEqual([
			{
				type: "run-ended",
				run: "C1#1",
				contractId: "C1",
				verdict: "error",
				milliseconds: 100,
				fault: "STATION_STOPPED",
				details: { step: "own" },
				interrupted: true,
			},
		]);
	});
});
