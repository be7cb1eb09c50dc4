import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";

/** A step of the ladder that the terms name, and when it can come at the earliest. Times in seconds since 1970-01-01T00:00:00Z. */
export interface LadderStep {
	readonly name: "due" | "limited" | "full" | "free";
	readonly atUnixSeconds: number;
}

/**
 * Earliest dates of the ladder from a paid-until on, by the terms alone: the floor, notices that were not seen, nights and holds can only
 * put them off. A level that the terms or the place do not allow is left out. The last is the day that the phone frees itself whatever
 * was paid.
 */
export function ladderDates(
	{ terms }: Pick<ContractStory, "terms">,
	paidUntilUnixSeconds: number,
	holdUntilUnixSeconds = 0,
): LadderStep[] {
	const { ladder, jurisdiction, instalments } = terms;
	const grace = Math.max(ladder.graceSeconds, jurisdiction.minPastDueSeconds);
	const limitedAt = Math.max(paidUntilUnixSeconds + grace, holdUntilUnixSeconds);
	const allowed = [ladder.maxLevel, jurisdiction.maxLevel];
	const steps: LadderStep[] = [
		{ name: "due", atUnixSeconds: paidUntilUnixSeconds },
		...(allowed.includes("none") ? [] : [{ name: "limited" as const, atUnixSeconds: limitedAt }]),
		...(allowed.every((level) => level === "full")
			? [{ name: "full" as const, atUnixSeconds: limitedAt + ladder.limitedDwellSeconds }]
			: []),
	];
	const last = instalments.at(-1)?.dueAtUnixSeconds;
	return last === undefined ? steps : [...steps, { name: "free", atUnixSeconds: last + terms.deadLenderReleaseSeconds }];
}

/** Paid-until once the next instalment is paid: the due date of the one after it. `undefined`: it is the last one. */
export function paidUntilAfterNext({ terms }: Pick<ContractStory, "terms">): number | undefined {
	const open = terms.instalments.filter(({ state }) => state !== "paid");
	return open[1]?.dueAtUnixSeconds;
}

/** The latest end of a hold that keeps new locks away now. */
export function heldUntil({ holds }: Pick<ContractStory, "holds">): number | undefined {
	const ends = holds.filter(({ inForce }) => inForce).map(({ untilUnixSeconds }) => untilUnixSeconds);
	return ends.length === 0 ? undefined : Math.max(...ends);
}
