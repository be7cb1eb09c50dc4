import { describe, expect, it } from "vitest";

import type { JournalLine } from "../../../../provisioning/station/journal/entry.ts";
import { batchClosedEvent, owedWebhooks, unitEvent } from "../../../../provisioning/station/webhook/event.ts";
import { webhookHistory } from "../../../../provisioning/station/webhook/history.ts";
import { sampleBatch } from "../reports/sample-batch.ts";

const { state, units, figures } = sampleBatch(64);
const runsOf = (index: number) => state.units.get(units[index]?.contractId ?? "")?.runs ?? [];

describe("an event", () => {
	it("of a phone that passed holds what an ERP books by, and no person's name", () => {
		const [run] = runsOf(0);
		const message = run && unitEvent(state.opened, run, units[0]);
		expect(message).toMatchObject({
			event: "unit.passed",
			contractId: "LN-2026-000001",
			id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
		});
		expect(JSON.parse(message?.body ?? "")).toEqual({
			type: "unit.passed",
			timestamp: "2026-11-21T03:11:41.000Z",
			data: {
				...{ batchId: "B7", station: "BLR-A-ENR-01", contractId: "LN-2026-000001", run: "LN-2026-000001#1", verdict: "pass" },
				...{ imeis: units[0]?.imeis, serial: "SN0", model: "2312DRA50G", slot: 1, enrollmentId: "e-0" },
				...{ startedAt: "2026-11-21T03:11:00.000Z", endedAt: "2026-11-21T03:11:41.000Z" },
			},
		});
		expect(message?.body).not.toMatch(/Asha|Ravi/);
	});

	it("of a failure says which fault, in words, and names the box's IMEIs if the phone told none", () => {
		const [run] = runsOf(10);
		if (!run) throw new Error("no run");
		const { imeis: _imeis, ...untold } = run;
		const body = JSON.parse(unitEvent(state.opened, untold, units[10])?.body ?? "");
		expect(body).toMatchObject({ type: "unit.failed", data: { imeis: units[10]?.imeis, verdict: "fail" } });
		expect(body.data.fault).toEqual({ code: "XIAOMI_SECURITY_TOGGLE_OFF", meaning: expect.stringMatching(/\.$/) });
	});

	it.each([
		["queued", "unit.queued"],
		["error", "unit.failed"],
		["cancelled", undefined],
	] as const)("of a run that ended as %s is %s", (verdict, event) => {
		const [run] = runsOf(0);
		if (!run?.end) throw new Error("no run");
		expect(unitEvent(state.opened, { ...run, end: { ...run.end, verdict } })?.event).toBe(event);
	});

	it("is not there for a run that has not ended, or a batch that is open", () => {
		const [run] = runsOf(0);
		if (!run) throw new Error("no run");
		const { end: _end, ...underWay } = run;
		expect(unitEvent(state.opened, underWay)).toBeUndefined();
		expect(batchClosedEvent(sampleBatch(3, { closed: false }).state, figures)).toBeUndefined();
	});
});

describe("what the journal owes the ERP", () => {
	const queuedLine = (id: string, n: number): JournalLine => ({
		...{ type: "webhook-queued", id, event: "unit.passed", n, at: n, previous: "", hash: "" },
	});

	it("is a message for each run that ended and one for the closing, in the order of each contract's runs", () => {
		const owed = owedWebhooks(state, units, figures, new Set());
		const runs = [...state.units.values()].flatMap((unit) => unit.runs);
		expect(owed).toHaveLength(runs.length + 1);
		expect(new Set(owed.map(({ id }) => id)).size).toBe(owed.length);
		expect(owed.at(-1)).toMatchObject({ event: "batch.closed" });
		expect(JSON.parse(owed.at(-1)?.body ?? "").data).toMatchObject({
			expected: 64,
			pass: figures.pass,
			missing: figures.missing,
		});
		const ofSeven = owed.filter(({ contractId }) => contractId === "LN-2026-000007").map(({ event }) => event);
		expect(ofSeven).toEqual(["unit.failed", "unit.passed"]);
		expect(owedWebhooks(state, units, figures, new Set())).toEqual(owed);
	});

	it("is nothing that was queued before, whatever came of it", () => {
		const owed = owedWebhooks(state, units, figures, new Set());
		const [first, second] = owed.map(({ id }) => id);
		const history = webhookHistory([
			queuedLine(first ?? "", 1),
			queuedLine(second ?? "", 2),
			{ type: "webhook-ended", id: second ?? "", delivered: true, attempts: 1, n: 3, at: 3, previous: "", hash: "" },
		]);
		expect(owedWebhooks(state, units, figures, history.queued)).toEqual(owed.slice(2));
	});

	it("is under way again once it was queued again", () => {
		const lines: JournalLine[] = [
			queuedLine("msg_1", 1),
			{ type: "webhook-ended", id: "msg_1", delivered: false, attempts: 9, n: 2, at: 2, previous: "", hash: "" },
			queuedLine("msg_1", 3),
		];
		expect(webhookHistory(lines.slice(0, 2)).ended.has("msg_1")).toBe(true);
		expect(webhookHistory(lines).ended.has("msg_1")).toBe(false);
		expect(webhookHistory(lines).queued.get("msg_1")?.atMs).toBe(3);
	});
});
