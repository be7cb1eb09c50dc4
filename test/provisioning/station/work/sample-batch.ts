import { type Imei, luhnDigit } from "../../../../proto/imei.ts";
import type { BatchState, UnitState } from "../../../../provisioning/station/journal/batch-state.ts";
import type { Unit } from "../../../../provisioning/station/unit.ts";

/** A valid IMEI that follows from a number. */
export function imeiOf(number: number): Imei {
	const first = `86907103${String(number).padStart(6, "0")}`;
	return `${first}${luhnDigit(first)}` as Imei; // made with its check digit
}

/** Unit n of a sample batch: contract `C-n`, two IMEIs. */
export function sampleUnit(n: number, more: Partial<Unit> = {}): Unit {
	return { contractId: `C-${n}`, imeis: [imeiOf(2 * n), imeiOf(2 * n + 1)], row: n + 1, ...more };
}

/** A batch in which nothing happened yet but what is given. */
export function sampleBatch(units: readonly UnitState[] = [], match: "scan" | "manifest" = "scan"): BatchState {
	return {
		opened: {
			type: "batch-opened",
			batchId: "B1",
			manifestSha256: "0".repeat(64),
			units: 3,
			station: "TST-A-ENR-01",
			tool: "test",
			apkSha256: "0".repeat(64),
			match,
			seal: true,
			atMs: 0,
		},
		units: new Map(units.map((unit) => [unit.contractId, unit])),
		misScans: [],
		overrides: [],
		mismatches: new Map(),
		lockedSlots: new Set(),
		openWebhooks: new Map(),
		head: { n: 1, hash: "0".repeat(64), atMs: 0 },
	};
}

/** A unit's state with no runs. */
export function unitState(contractId: string, more: Partial<UnitState> = {}): UnitState {
	return { contractId, standing: "waiting", runs: [], voidLabels: [], ...more };
}
