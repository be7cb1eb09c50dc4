import type { FaultCode } from "../../../../provisioning/handset/fault-codes.ts";
import type { BatchFigures, BatchState, RunState, UnitState } from "../../../../provisioning/station/journal/batch-state.ts";
import type { Verdict } from "../../../../provisioning/station/journal/entry.ts";
import type { BatchReportInput } from "../../../../provisioning/station/reports/batch-report.ts";
import type { Unit } from "../../../../provisioning/station/unit.ts";
import { imeiOf } from "../labels/sample-labels.ts";

const START = Date.UTC(2026, 10, 21, 3, 10);
const FAULTS: readonly FaultCode[] = ["DPM_ACCOUNTS_PRESENT", "USB_LOST", "XIAOMI_SECURITY_TOGGLE_OFF", "BATTERY_LOW"];

/** How the unit of each number ended, made from its number alone. */
function verdictOf(index: number): Verdict | "waiting" | "hold" {
	if (index % 16 === 15) return "waiting";
	if (index % 23 === 22) return "hold";
	if (index % 11 === 10) return "fail";
	if (index % 29 === 28) return "error";
	return index % 19 === 18 ? "queued" : "pass";
}

/** A batch of so many units on 64 slots, some of which failed, wait, or are held. The same count gives the same batch. */
export function sampleBatch(count: number, { closed = true, timeZone = "Asia/Kolkata" } = {}): BatchReportInput {
	const units: Unit[] = Array.from({ length: count }, (_, index) => ({
		contractId: `LN-2026-${String(index + 1).padStart(6, "0")}`,
		imeis: [imeiOf(`3569211${String(2 * index).padStart(7, "0")}`), imeiOf(`3569211${String(2 * index + 1).padStart(7, "0")}`)],
		model: "Redmi Note 13",
		row: index + 2,
	}));
	const states = new Map<string, UnitState>();
	for (const [index, unit] of units.entries()) {
		const verdict = verdictOf(index);
		if (verdict !== "waiting") states.set(unit.contractId, unitState(unit, index, verdict));
	}
	const runs = [...states.values()].flatMap((unit) => unit.runs);
	return {
		state: batchState(states, runs, closed),
		units,
		figures: figuresOf(units, states, runs),
		nowMs: START + 9 * 3_600_000,
		timeZone,
	};
}

function unitState(unit: Unit, index: number, verdict: Verdict | "hold"): UnitState {
	const { contractId } = unit;
	const run = (number: number, end: Verdict): RunState => {
		const startedAtMs = START + Math.floor(index / 64) * 240_000 + (index % 64) * 1000 + number * 60_000;
		return {
			run: `${contractId}#${number}`,
			contractId,
			slot: (index % 64) + 1,
			usbPath: `1-${(index % 7) + 1}.${(index % 9) + 1}`,
			operator: index % 3 === 0 ? "Asha" : "Ravi",
			startedAtMs,
			serial: `SN${index}`,
			imeis: unit.imeis,
			model: "2312DRA50G",
			steps: [],
			end: {
				type: "run-ended",
				run: `${contractId}#${number}`,
				contractId,
				verdict: end,
				milliseconds: 41_000 + (index % 50) * 100,
				atMs: startedAtMs + 41_000,
				hash: "",
				...(end === "pass" || end === "queued"
					? { enrollmentId: `e-${index}` }
					: { fault: FAULTS[index % FAULTS.length] ?? "UNCLASSIFIED" }),
			},
		};
	};
	if (verdict === "hold")
		return {
			contractId,
			standing: "hold",
			runs: [],
			hold: { reason: "box is wet", operator: "Asha", atMs: START },
			voidLabels: [],
		};
	const runs = index % 7 === 6 ? [run(1, "fail"), run(2, verdict)] : [run(1, verdict)];
	const label = verdict === "pass" ? { label: `B7-${String(index + 1).padStart(6, "0")}-1` } : {};
	return { contractId, standing: verdict, runs, voidLabels: [], ...label };
}

function batchState(units: BatchState["units"], runs: readonly RunState[], closed: boolean): BatchState {
	const lastMs = runs.reduce((latest, { end }) => Math.max(latest, end?.atMs ?? 0), START);
	return {
		opened: {
			...{ type: "batch-opened", batchId: "B7", units: units.size, station: "BLR-A-ENR-01", tool: "holdfast 0.1.0" },
			...{ manifestSha256: "ab".repeat(32), apkSha256: "cd".repeat(32), match: "scan", seal: true, atMs: START },
		},
		units,
		misScans: runs.length === 0 ? [] : [{ why: "not-in-batch", operator: "Ravi", atMs: START + 60_000 }],
		overrides:
			runs.length === 0
				? []
				: [
						{
							...{ type: "override", supervisor: "Meera", operator: "Ravi", what: "typed-imei", contractId: "LN-2026-000001" },
							...{
								reason: "the box's barcode is torn; all fifteen digits were read aloud and checked by two people",
								atMs: START + 120_000,
							},
						},
					],
		mismatches: new Map(),
		lockedSlots: new Set(runs.length === 0 ? [] : [17]),
		openWebhooks: new Map(),
		...(closed ? { closed: { atMs: lastMs + 60_000, operator: "Asha" } } : {}),
		head: { n: 1 + runs.length * 12, hash: "0123456789abcdef".repeat(4), atMs: lastMs + 60_000 },
	};
}

function figuresOf(units: readonly Unit[], states: BatchState["units"], runs: readonly RunState[]): BatchFigures {
	const standing = (...names: string[]) => [...states.values()].filter((unit) => names.includes(unit.standing)).length;
	const slots = [...new Set(runs.map(({ slot }) => slot))].sort((a, b) => a - b);
	const codes = new Map<FaultCode, number>();
	for (const { end } of runs) if (end?.fault) codes.set(end.fault, (codes.get(end.fault) ?? 0) + 1);
	return {
		expected: units.length,
		pass: standing("pass"),
		queued: standing("queued"),
		failed: standing("fail", "error"),
		held: standing("hold"),
		running: 0,
		missing: units.length - states.size,
		firstPassYield: runs.length === 0 ? null : 0.83,
		unitsPerHour: runs.length === 0 ? null : 412,
		topFaults: [...codes].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count),
		slots: slots.map((slot) => {
			const here = runs.filter((run) => run.slot === slot);
			const passes = here.filter(({ end }) => end?.verdict === "pass").length;
			return { slot, runs: here.length, passes, yield: passes / here.length };
		}),
		misScans: runs.length === 0 ? 0 : 1,
		medianRunMs: runs.length === 0 ? null : 43_400,
	};
}
