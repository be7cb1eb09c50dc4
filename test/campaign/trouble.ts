import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import type { BenchOptions } from "../e2e/station-bench.ts";
import type { LabHandset } from "../lab/lab.ts";
import type { Round } from "./round.ts";

/** Something that goes wrong in a warehouse, and what must come of it. */
export interface Trouble {
	readonly id: string;
	readonly what: string;
	/** Codes that runs may end with; any other is a wrong stop. With two there is a reason beside them. */
	readonly codes: readonly FaultCode[];
	/** Codes of one handset's runs alone, beside `codes`. */
	readonly codesOf?: (handset: LabHandset) => readonly FaultCode[];
	/** Codes that must be seen on a card, such as a scan's mismatch, which begins no run. */
	readonly shows?: readonly FaultCode[];
	/** Codes that a card may show beside `codes` and `shows`; any other is a wrong stop. */
	readonly mayShow?: readonly FaultCode[];
	readonly phones: number;
	readonly more?: (random: () => number) => Partial<BenchOptions>;
	/** Faults of the handsets themselves, as `scripts/lab` takes them. */
	readonly faults?: (index: number, random: () => number) => readonly string[];
	/** Two handsets in a row say the same IMEIs; the manifest names the first of them. */
	readonly clones?: true;
	/** Makes the trouble, then puts it right as a person would. Returns the handsets that must have passed; all of them by default. */
	play(round: Round): Promise<readonly LabHandset[] | undefined>;
}

/** Steps of an enrolment at which something can happen: preflight to confirm. */
const STEPS = 8;

/** A random step of an enrolment. */
export const anyStep = ({ random }: Round) => 1 + Math.floor(random() * STEPS);
/** One of them, at random. */
export const some = <Value>(values: readonly Value[], { random }: Round): Value => {
	const value = values[Math.floor(random() * values.length)];
	if (value === undefined) throw new Error("nothing to choose from");
	return value;
};

/**
 * Does something to each phone when its run is at a random step, `times` in a row, if the phone is still on its cable then. Resolves
 * when all of it was done.
 */
export async function eachAtSomeStep(round: Round, act: (handset: LabHandset, index: number) => void, times = 1): Promise<void> {
	// Drawn before anything happens, so that the seed decides and not who comes first.
	const steps = round.handsets.map(() => Array.from({ length: times }, () => anyStep(round)));
	await Promise.all(
		round.handsets.map(async (handset, index) => {
			for (const step of steps[index] ?? []) {
				await round.atStep(handset, step);
				if (round.its.hub.usbPaths.includes(round.portOf(handset))) act(handset, index);
			}
		}),
	);
}

/** Asks for another try until the unit passed: a click may come while the run before it is still ending. */
export async function again(round: Round, handset: LabHandset): Promise<void> {
	const { station } = round.bench;
	const contractId = round.contractOf(handset);
	const retry = async () => {
		const slot = station.view().slots.find((each) => each.contractId === contractId && each.word !== "running")?.slot;
		if (slot !== undefined) await station.perform({ type: "retry", slots: [slot], count: 1 });
	};
	const stop = station.onChange(() => void retry());
	try {
		await retry();
		await round.passed([handset]);
	} finally {
		stop();
	}
}
