import { decode, type Message } from "../../proto/codec.ts";
import { type Jurisdiction, jurisdictionOf } from "../../proto/jurisdiction.ts";
import { wire } from "../../proto/wire.ts";

type WireTerms = Message<wire.Terms.$Properties>;
type Part<Name extends keyof WireTerms> = NonNullable<WireTerms[Name]>;

/** Terms of which everything is there that a lock is judged by. */
export type Terms = WireTerms & {
	readonly ladder: Part<"ladder">;
	readonly notices: Part<"notices">;
	readonly offline: Part<"offline">;
	readonly passes: Part<"passes">;
};

/** What was agreed, and the floors of the place. */
export interface Agreement {
	readonly terms: Terms;
	readonly profile: Jurisdiction;
}

const DAY = 24 * 3600;
/** Where terms name no offline warning, there is one a day ahead. */
const USUAL_OFFLINE_WARNING = DAY;

/**
 * Reads terms. `undefined` if they cannot be judged by.
 *
 * @throws {ProtocolError} if the bytes are no Terms.
 */
export function readAgreement(bytes: Uint8Array): Agreement | undefined {
	const terms = decode(wire.Terms, bytes);
	const { ladder, notices, offline, passes } = terms;
	const profile = jurisdictionOf(terms.jurisdiction);
	if (!ladder || !notices || !offline || !passes || !profile) return undefined;
	return { terms: { ...terms, ladder, notices, offline, passes }, profile };
}

/** F3: seconds past paid-until before anything may be restricted. */
export function graceSeconds({ terms, profile }: Agreement): number {
	return Math.max(terms.ladder.graceSeconds, profile.minPastDueSeconds);
}

/** F4: highest level that may ever be in force. */
export function highestLevel({ terms, profile }: Agreement): wire.RestrictionLevel {
	return Math.min(terms.ladder.maxLevel, profile.maxLevel);
}

/** F4: powered-on seconds in LIMITED before FULL. */
export function dwellSeconds({ terms, profile }: Agreement): number {
	return Math.max(terms.ladder.limitedDwellSeconds, profile.minLimitedDwellSeconds);
}

/** F13: powered-on seconds that an emergency pass lasts. */
export function passSeconds({ terms, profile }: Agreement): number {
	return Math.min(Math.max(terms.passes.durationSeconds, profile.passes.minDurationSeconds), profile.passes.maxDurationSeconds);
}

/** F5: remaining seconds of the offline budget at the last warning, and how long it must have stood. */
export function lastOfflineWarning({ terms }: Agreement): { remainingSeconds: number; standsSeconds: number } {
	const remainingSeconds = terms.offline.warnAtRemainingSeconds.at(-1) ?? USUAL_OFFLINE_WARNING;
	return { remainingSeconds, standsSeconds: Math.min(remainingSeconds, 3600) };
}

/** F14: whether a time lies in hours, or on a day of the week, without a new lock. */
export function isQuiet({ terms, profile }: Agreement, unixSeconds: number): boolean {
	const hours = terms.quietHours ?? profile.quietHours;
	const localMinutes = Math.floor(unixSeconds / 60) + (hours?.utcOffsetMinutes ?? 0);
	// 1970-01-01 was a Thursday, and Sunday is 0.
	const weekday = (Math.floor(localMinutes / 1440) + 4) % 7;
	if (profile.quietWeekdays.includes(weekday)) return true;
	if (!hours) return false;
	const minute = localMinutes % 1440;
	const [start, end] = [hours.startMinute, hours.endMinute];
	return start <= end ? minute >= start && minute < end : minute >= start || minute < end;
}

/** F10: whether other terms are harder on the borrower in any respect that numbers can tell. */
export function areHarder(before: Terms, after: Terms): boolean {
	const has = <Value>(all: readonly Value[], some: readonly Value[]) => some.every((value) => all.includes(value));
	const budget = (terms: Terms) => terms.offline.budgetSeconds || Number.POSITIVE_INFINITY;
	const observed = (terms: Terms, what: "onSimChange" | "onAttestationChange") => terms.observations?.[what] ?? 0;
	const quiet = ({ quietHours: hours }: Terms) =>
		hours ? [hours.startMinute, hours.endMinute, hours.utcOffsetMinutes].join() : "the place's";
	const instalments =
		after.instalments.length > before.instalments.length ||
		after.instalments.some(({ amountMinor, dueAtUnixSeconds }, index) => {
			const old = before.instalments[index];
			return !old || amountMinor > old.amountMinor || dueAtUnixSeconds < old.dueAtUnixSeconds;
		});
	return [
		after.ladder.graceSeconds < before.ladder.graceSeconds,
		after.ladder.limitedDwellSeconds < before.ladder.limitedDwellSeconds,
		after.ladder.maxLevel > before.ladder.maxLevel,
		after.notices.count < before.notices.count,
		after.notices.minSpacingSeconds < before.notices.minSpacingSeconds,
		after.notices.minChannels < before.notices.minChannels,
		budget(after) < budget(before),
		after.offline.level > before.offline.level,
		!has(after.offline.warnAtRemainingSeconds, before.offline.warnAtRemainingSeconds),
		after.passes.perYear < before.passes.perYear,
		after.passes.durationSeconds < before.passes.durationSeconds,
		after.deadLenderReleaseSeconds > before.deadLenderReleaseSeconds,
		after.unconfirmedReleaseSeconds > before.unconfirmedReleaseSeconds,
		quiet(after) !== quiet(before),
		after.jurisdiction !== before.jurisdiction,
		after.currency !== before.currency,
		observed(after, "onSimChange") > observed(before, "onSimChange"),
		observed(after, "onAttestationChange") > observed(before, "onAttestationChange"),
		!has(after.languages, before.languages),
		!has(after.essentialPackages, before.essentialPackages),
		instalments,
	].some(Boolean);
}
