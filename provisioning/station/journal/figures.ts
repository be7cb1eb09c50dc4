import type { FaultCode } from "../../handset/fault-codes.ts";
import type { Unit } from "../unit.ts";
import type { BatchFigures, BatchState, FaultCount, RunState, UnitStanding, UnitState } from "./batch-state.ts";
import { passesPerHour } from "./work-time.ts";

const TOP_FAULTS = 5;

type EndedRun = RunState & { readonly end: NonNullable<RunState["end"]> };

/**
 * What a shift lead asks of a batch. `pass`, `queued`, `failed`, `held`, `running` and `missing` add up to `expected`: a unit that
 * failed, met an error or was cancelled is `failed`; one that was scanned and no more is `missing`. Interrupted and cancelled runs
 * count as runs.
 *
 * @param expected the units of the manifest. Others, should the journal name any, are not counted.
 * @param nowMs by the clock that dated the lines.
 */
export function figuresOf(state: BatchState, expected: readonly Pick<Unit, "contractId">[], nowMs: number): BatchFigures {
	const counts: Record<UnitStanding, number> = {
		waiting: 0,
		running: 0,
		hold: 0,
		pass: 0,
		queued: 0,
		fail: 0,
		error: 0,
		cancelled: 0,
	};
	let [listed, endedUnits, firstPasses] = [0, 0, 0];
	const runs: RunState[] = [];
	for (const { contractId } of expected) {
		const unit = state.units.get(contractId);
		if (!unit) continue;
		listed += 1;
		counts[unit.standing] += 1;
		for (const run of unit.runs) runs.push(run);
		if (!unit.runs.some((run) => run.end)) continue;
		endedUnits += 1;
		if (passedFirst(unit)) firstPasses += 1;
	}
	const ended = runs.filter((run): run is EndedRun => run.end !== undefined);
	return {
		expected: expected.length,
		pass: counts.pass,
		queued: counts.queued,
		failed: counts.fail + counts.error + counts.cancelled,
		held: counts.hold,
		running: counts.running,
		missing: expected.length - listed + counts.waiting,
		firstPassYield: endedUnits === 0 ? null : firstPasses / endedUnits,
		unitsPerHour: passesPerHour(runs, nowMs),
		topFaults: topFaults(ended),
		slots: slotsOf(ended),
		misScans: state.misScans.length,
		medianRunMs: median(ended.filter(({ end }) => end.verdict === "pass").map(({ end }) => end.milliseconds)),
	};
}

/** The first run passed, or was queued and became a pass when the registry got its receipt. */
function passedFirst({ runs, standing }: UnitState): boolean {
	return runs[0]?.end?.verdict === "pass" || (runs.length === 1 && standing === "pass");
}

function topFaults(runs: readonly EndedRun[]): FaultCount[] {
	const counts = new Map<FaultCode, number>();
	for (const { end } of runs) if (end.fault) counts.set(end.fault, (counts.get(end.fault) ?? 0) + 1);
	return [...counts]
		.map(([code, count]) => ({ code, count }))
		.sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
		.slice(0, TOP_FAULTS);
}

function slotsOf(runs: readonly EndedRun[]): BatchFigures["slots"] {
	const slots = new Map<number, { runs: number; passes: number }>();
	for (const { slot, end } of runs) {
		const before = slots.get(slot) ?? { runs: 0, passes: 0 };
		slots.set(slot, { runs: before.runs + 1, passes: before.passes + (end.verdict === "pass" ? 1 : 0) });
	}
	return [...slots]
		.map(([slot, { runs: all, passes }]) => ({ slot, runs: all, passes, yield: passes / all }))
		.sort((a, b) => a.slot - b.slot);
}

function median(values: readonly number[]): number | null {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
	return low === undefined || high === undefined ? null : (low + high) / 2;
}
