import { describe, expect, test } from "vitest";

import type { BatchState } from "../../../../provisioning/station/journal/batch-state.ts";
import type { JournalEntry } from "../../../../provisioning/station/journal/entry.ts";
import { figuresOf } from "../../../../provisioning/station/journal/figures.ts";
import { foldBatch } from "../../../../provisioning/station/journal/fold.ts";
import { interruptedRuns } from "../../../../provisioning/station/journal/interrupted.ts";
import { ended, linesOf, OPENED, otherPhone, started } from "./entries.ts";

const fold = (...entries: readonly JournalEntry[]): BatchState => foldBatch(linesOf([OPENED, ...entries]));
const expected = ["C1", "C2", "C3", "C#4"].map((contractId) => ({ contractId }));

describe("the figures of a batch", () => {
	const minute = 60_000;
	/** Runs of one minute, each with the minute it begins in. */
	const runsAt = (...minutes: readonly number[]) => {
		const entries = minutes.flatMap((_, index) => [started(`C${index}#1`, 1), ended(`C${index}#1`, "pass", minute)]);
		const times = minutes.flatMap((at) => [at * minute, (at + 1) * minute]);
		return {
			state: foldBatch(linesOf([OPENED, ...entries], [0, ...times])),
			units: minutes.map((_, index) => ({ contractId: `C${index}` })),
		};
	};

	test("tell yields, the most frequent faults and the median run", () => {
		const state = fold(
			started("C1#1", 1),
			ended("C1#1", "fail", 1000, "BATTERY_LOW"),
			started("C1#2", 1),
			ended("C1#2", "pass", 3000),
			started("C2#1", 2),
			ended("C2#1", "pass", 5000),
			started("C3#1", 2),
			ended("C3#1", "error", 7000, "USB_LOST"),
			started("C3#2", 2),
			ended("C3#2", "error", 9000, "USB_LOST"),
			otherPhone(2),
		);
		expect(figuresOf(state, expected, 12_000)).toMatchObject({
			expected: 4,
			pass: 2,
			failed: 1,
			missing: 1,
			firstPassYield: 1 / 3,
			topFaults: [
				{ code: "USB_LOST", count: 2 },
				{ code: "BATTERY_LOW", count: 1 },
			],
			slots: [
				{ slot: 1, runs: 2, passes: 1, yield: 0.5 },
				{ slot: 2, runs: 3, passes: 1, yield: 1 / 3 },
			],
			misScans: 1,
			medianRunMs: 4000,
		});
	});

	test("tell passes per hour of work: a lunch break is none, a short pause is", () => {
		const { state, units } = runsAt(0, 4, 70, 74);
		// Minutes 0 to 5 and 70 to 75.
		expect(figuresOf(state, units, 75 * minute).unitsPerHour).toBeCloseTo(4 / (10 / 60));
		expect(figuresOf(state, units, 77 * minute).unitsPerHour).toBeCloseTo(4 / (12 / 60));
		expect(figuresOf(state, units, 600 * minute).unitsPerHour).toBeCloseTo(4 / (10 / 60));
	});

	test("tell the last hour of work alone", () => {
		const { state, units } = runsAt(...Array.from({ length: 60 }, (_, index) => index * 2));
		// The last run ends in minute 119; of the hour before it, 30 runs ended.
		expect(figuresOf(state, units, 119 * minute).unitsPerHour).toBeCloseTo(31, 0);
	});

	test("are not diluted by the night that an interrupted run lay in", () => {
		const entries = [started("C0#1", 1), ended("C0#1", "pass", minute), started("C1#1", 1)];
		const before = linesOf([OPENED, ...entries], [0, 0, minute, minute]);
		const state = foldBatch(
			linesOf([OPENED, ...entries, ...interruptedRuns(foldBatch(before))], [0, 0, minute, minute, 900 * minute]),
		);
		expect(figuresOf(state, [{ contractId: "C0" }, { contractId: "C1" }], 900 * minute).unitsPerHour).toBeCloseTo(60);
	});

	test("are null where there is nothing to tell", () => {
		expect(figuresOf(fold(), expected, 0)).toEqual({
			expected: 4,
			pass: 0,
			queued: 0,
			failed: 0,
			held: 0,
			running: 0,
			missing: 4,
			firstPassYield: null,
			unitsPerHour: null,
			topFaults: [],
			slots: [],
			misScans: 0,
			medianRunMs: null,
		});
	});
});
