import type { Jurisdiction } from "./jurisdiction.ts";
import { wire } from "./wire.ts";

/** A promise to the borrower, by its number. */
export type FloorRule = "F1" | "F2" | "F3" | "F4" | "F5" | "F10" | "F13" | "F14" | "F16";

/** Why something may not tighten. */
export interface Objection {
	readonly rule: FloorRule;
	readonly why: string;
}

/** What of terms the floor looks at. Times in seconds. */
export interface FlooredTerms {
	readonly ladder: {
		readonly graceSeconds: number;
		readonly limitedDwellSeconds: number;
		readonly maxLevel: wire.RestrictionLevel;
	};
	readonly notices: { readonly count: number; readonly minSpacingSeconds: number; readonly minChannels: number };
	readonly offline: { readonly level: wire.RestrictionLevel };
	readonly passes: { readonly perYear: number; readonly durationSeconds: number };
	readonly deadLenderReleaseSeconds: number;
	readonly quietHours?:
		| { readonly startMinute: number; readonly endMinute: number; readonly utcOffsetMinutes: number }
		| null
		| undefined;
	readonly observations?:
		| { readonly onSimChange: wire.RestrictionLevel; readonly onAttestationChange: wire.RestrictionLevel }
		| null
		| undefined;
}

/**
 * What terms promise less of than the place demands. Empty: they may be taken. Asked where a contract is written, so that a
 * mistake is found at the desk, and asked again by the agent, which takes nobody's word for it.
 */
export function objectionsToTerms(terms: FlooredTerms, profile: Jurisdiction): Objection[] {
	const { ladder, notices, passes } = terms;
	const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED } = wire.RestrictionLevel;
	const onObservation = Math.max(terms.observations?.onSimChange ?? NONE, terms.observations?.onAttestationChange ?? NONE);
	const tooLittle: [boolean, FloorRule, string][] = [
		[ladder.graceSeconds < profile.minPastDueSeconds, "F3", "the grace is too short"],
		[notices.count < profile.notices.minCount, "F3", "too few notices"],
		[notices.minChannels < profile.notices.minChannels, "F3", "too few channels for notices"],
		[notices.minSpacingSeconds * notices.count < profile.notices.minTotalSeconds, "F3", "the notices come too close together"],
		[ladder.maxLevel > profile.maxLevel, "F4", "a higher level than the place allows"],
		[ladder.limitedDwellSeconds < profile.minLimitedDwellSeconds, "F4", "the time in LIMITED is too short"],
		[terms.offline.level > ladder.maxLevel, "F4", "an offline lock above the ladder"],
		[onObservation > Math.min(LIMITED, ladder.maxLevel), "F4", "too high a level for an observation"],
		[passes.perYear < profile.passes.minPerYear, "F13", "too few emergency passes"],
		[passes.durationSeconds < profile.passes.minDurationSeconds, "F13", "emergency passes are too short"],
		[!coversNight(terms, profile), "F14", "shorter quiet hours than the place's, or another place's time"],
		[terms.deadLenderReleaseSeconds === 0, "F16", "no release if the lender is gone"],
		[terms.deadLenderReleaseSeconds > profile.maxDeadLenderSeconds, "F16", "the release if the lender is gone comes too late"],
	];
	return tooLittle.filter(([isSo]) => isSo).map(([, rule, why]) => ({ rule, why }));
}

/** Whether the quiet hours that terms name hold all of the place's, by a clock of the place. */
function coversNight({ quietHours }: FlooredTerms, { quietHours: night }: Jurisdiction): boolean {
	if (!night || !quietHours) return true;
	if (!night.utcOffsetsMinutes.includes(quietHours.utcOffsetMinutes)) return false;
	const isIn = (hours: { startMinute: number; endMinute: number }, minute: number) =>
		hours.startMinute <= hours.endMinute
			? minute >= hours.startMinute && minute < hours.endMinute
			: minute >= hours.startMinute || minute < hours.endMinute;
	for (let minute = 0; minute < 24 * 60; minute += 1) if (isIn(night, minute) && !isIn(quietHours, minute)) return false;
	return true;
}
