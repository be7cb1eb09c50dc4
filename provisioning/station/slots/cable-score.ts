import type { FaultCode } from "../../handset/fault-codes.ts";
import type { BatchState } from "../journal/batch-state.ts";

/** What is known of one slot's cable. */
export interface CableFigures {
	/** Times a phone was plugged in here. The journal does not tell, so this counts from the station's start. */
	readonly plugs: number;
	readonly runs: number;
	/** Runs whose link was lost under way. */
	readonly drops: number;
}

/** As a card shows it. */
export interface CableScore {
	readonly plugs: number;
	readonly drops: number;
	/** Drops of 100 runs, rounded. 0 is a good cable. */
	readonly score: number;
}

/** Ends of a run that speak against the cable. A frozen phone, a restart and a dead adb server do not. */
const CABLE_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>(["USB_LOST", "ADB_OFFLINE", "TRANSFER_STALLED"]);

/** Counts by slot. */
export interface CableScores {
	plugged(slot: number): void;
	/** A run ended: well, or with this fault. One that a brown-out ended is told without its fault: the cable is not to blame. */
	runEnded(slot: number, fault?: FaultCode): void;
	of(slot: number): CableScore;
	/** Slots with a score, worst first. */
	worst(): readonly (CableScore & { readonly slot: number; readonly runs: number })[];
}

const NOTHING: CableFigures = { plugs: 0, runs: 0, drops: 0 };

/** @param before what an earlier start of the station counted: {@link cableFigures}. */
export function cableScores(before: ReadonlyMap<number, CableFigures> = new Map()): CableScores {
	const figures = new Map(before);
	const add = (slot: number, more: Partial<CableFigures>) => {
		const { plugs, runs, drops } = figures.get(slot) ?? NOTHING;
		figures.set(slot, { plugs: plugs + (more.plugs ?? 0), runs: runs + (more.runs ?? 0), drops: drops + (more.drops ?? 0) });
	};
	return {
		plugged: (slot) => add(slot, { plugs: 1 }),
		runEnded: (slot, fault) => add(slot, { runs: 1, drops: fault !== undefined && CABLE_FAULTS.has(fault) ? 1 : 0 }),
		of: (slot) => scoreOf(figures.get(slot) ?? NOTHING),
		worst: () =>
			[...figures]
				.map(([slot, each]) => ({ slot, runs: each.runs, ...scoreOf(each) }))
				.filter(({ score }) => score > 0)
				.sort((a, b) => b.score - a.score || a.slot - b.slot),
	};
}

/** What a batch's journal tells of its cables, by slot. */
export function cableFigures({ units }: Pick<BatchState, "units">): Map<number, CableFigures> {
	const figures = new Map<number, CableFigures>();
	for (const { runs } of units.values()) {
		for (const { slot, end } of runs) {
			if (end === undefined) continue;
			const { plugs, runs: count, drops } = figures.get(slot) ?? NOTHING;
			const dropped = end.fault !== undefined && CABLE_FAULTS.has(end.fault) ? 1 : 0;
			figures.set(slot, { plugs, runs: count + 1, drops: drops + dropped });
		}
	}
	return figures;
}

function scoreOf({ plugs, runs, drops }: CableFigures): CableScore {
	return { plugs, drops, score: runs === 0 ? 0 : Math.round((100 * drops) / runs) };
}
