import { describe, expect, it } from "vitest";

import type { BatchState, UnitState } from "../../../../provisioning/station/journal/batch-state.ts";
import { batchReport } from "../../../../provisioning/station/reports/batch-report.ts";
import { sampleBatch } from "./sample-batch.ts";

const unitNamed = (input: ReturnType<typeof sampleBatch>, contractId: string) =>
	batchReport(input).units.find((unit) => unit.contractId === contractId);

describe("a batch's report", () => {
	it("has one entry for each unit of the manifest, in its order, also for those that nothing happened to", () => {
		const input = sampleBatch(64);
		const { units } = batchReport(input);
		expect(units.map(({ contractId }) => contractId)).toEqual(input.units.map(({ contractId }) => contractId));
		expect(units[15]).toEqual({
			...{ contractId: "LN-2026-000016", row: 17, imeis: input.units[15]?.imeis, model: "Redmi Note 13" },
			...{ standing: "waiting", runs: 0, faults: [], voidLabels: [] },
		});
	});

	it("tells of a unit what its last run was, and what ended the ones before", () => {
		expect(unitNamed(sampleBatch(64), "LN-2026-000007")).toMatchObject({
			...{ standing: "pass", runs: 2, faults: ["XIAOMI_SECURITY_TOGGLE_OFF"], label: "B7-000007-1", slot: 7, operator: "Asha" },
			...{ enrollmentId: "e-6", runMs: 41_600, phone: { serial: "SN6", model: "2312DRA50G" } },
		});
		expect(unitNamed(sampleBatch(64), "LN-2026-000023")).toMatchObject({
			standing: "hold",
			runs: 0,
			hold: { reason: "box is wet" },
		});
	});

	it("names who worked, when, and up to which line of the journal this is told", () => {
		const input = sampleBatch(64);
		expect(batchReport(input)).toMatchObject({
			schema: "holdfast-batch-report/1",
			operators: ["Asha", "Ravi"],
			batch: { id: "B7", manifestSha256: "ab".repeat(32), closed: { operator: "Asha" } },
			station: { id: "BLR-A-ENR-01" },
			figures: input.figures,
			journal: input.state.head,
			madeAtMs: input.nowMs,
		});
	});

	it("counts runs by the hour on the station's wall, half-hour zones too", () => {
		const hours = batchReport(sampleBatch(10_000)).hours;
		expect(hours[0]?.hour).toBe("2026-11-21 08:00");
		expect(hours.map(({ hour }) => hour)).toEqual([...hours.map(({ hour }) => hour)].sort());
		const input = sampleBatch(10_000, { timeZone: "UTC" });
		const runs = [...input.state.units.values()].flatMap((unit) => unit.runs);
		const sum = (name: "ended" | "passed" | "queued") => batchReport(input).hours.reduce((total, hour) => total + hour[name], 0);
		expect(sum("ended")).toBe(runs.length);
		expect(sum("passed")).toBe(input.figures.pass);
		expect(sum("queued")).toBe(input.figures.queued);
	});

	it("lists for review what the journal knows and the manifest does not, and what supervisors overrode", () => {
		const input = sampleBatch(64);
		const stranger: UnitState = { contractId: "LN-OTHER", standing: "pass", runs: [], voidLabels: [] };
		const state: BatchState = { ...input.state, units: new Map([...input.state.units, ["LN-OTHER", stranger]]) };
		const report = batchReport({ ...input, state });
		expect(report.review).toEqual({
			misScans: input.state.misScans,
			unmatched: ["LN-OTHER"],
			lockedSlots: [17],
			openWebhooks: 0,
		});
		expect(report.overrides).toEqual([
			expect.objectContaining({ what: "typed-imei", supervisor: "Meera", operator: "Ravi", contractId: "LN-2026-000001" }),
		]);
	});

	it("of an empty batch is a report", () => {
		const report = batchReport(sampleBatch(0, { closed: false }));
		expect(report).toMatchObject({ units: [], hours: [], operators: [] });
		expect(report.batch).not.toHaveProperty("closed");
		expect(report.batch).not.toHaveProperty("firstRunAtMs");
	});
});
