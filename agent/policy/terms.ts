import { decode, type Message } from "../../proto/codec.ts";
import { ProtocolError } from "../../proto/error.ts";
import { type Jurisdiction, jurisdictionOf } from "../../proto/jurisdiction.ts";
import { wire } from "../../proto/wire.ts";

type WireTerms = Message<wire.Terms.$Properties>;
type Part<Name extends keyof WireTerms> = NonNullable<WireTerms[Name]>;

/** Terms of which every required part is there. */
export type Terms = WireTerms & {
	ladder: Part<"ladder">;
	notices: Part<"notices">;
	offline: Part<"offline">;
	passes: Part<"passes">;
	contact: Part<"contact">;
};

const DAY = 24 * 3600;
/** An Extend may go this far past the last due date. Also the limit for the first period. */
export const MAX_EXTENSION_SECONDS = 400 * DAY;
const MAX_INSTALMENTS = 120;
const MAX_NOTICES = 8;
const MAX_UNCONFIRMED_SECONDS = 30 * DAY;
const MAX_TEXT = 200;

/** Terms in force, and the profile whose floors hold for them. */
export interface Agreement {
	readonly terms: Terms;
	readonly profile: Jurisdiction;
}

/** Reads terms that may be taken at all. Gives what is wrong with them otherwise, for the lender's log. */
export function readAgreement(bytes: Uint8Array): Agreement | { problem: string } {
	let terms: WireTerms;
	try {
		terms = decode(wire.Terms, bytes);
	} catch (error) {
		if (error instanceof ProtocolError) return { problem: error.code };
		throw error;
	}
	const { ladder, notices, offline, passes, contact } = terms;
	if (!ladder || !notices || !offline || !passes || !contact)
		return { problem: "ladder, notices, offline, passes or contact is missing" };
	const complete: Terms = { ...terms, ladder, notices, offline, passes, contact };
	const profile = jurisdictionOf(terms.jurisdiction);
	if (!profile) return { problem: "no such jurisdiction profile" };
	const problem = problemOf(complete);
	return problem === undefined ? { terms: complete, profile } : { problem };
}

function problemOf(terms: Terms): string | undefined {
	const texts = [terms.contractId, terms.lenderId, terms.lenderName, terms.accountShown, terms.contact.supportPhone];
	if (texts.some((text) => text === "" || text.length > MAX_TEXT))
		return "contract, lender, account or support phone is empty or too long";
	if (!/^[A-Z]{3}$/.test(terms.currency)) return "currency is not an ISO 4217 code";
	if (terms.instalments.length === 0 || terms.instalments.length > MAX_INSTALMENTS) return "no instalment, or too many";
	let previous = 0;
	for (const { dueAtUnixSeconds, amountMinor } of terms.instalments) {
		if (dueAtUnixSeconds <= previous) return "instalments are not in order of their due dates";
		if (amountMinor === 0) return "an instalment of nothing";
		previous = dueAtUnixSeconds;
	}
	if (terms.initialPaidUntilUnixSeconds === 0) return "initial paid-until is missing";
	if (terms.initialPaidUntilUnixSeconds > finalDue(terms) + MAX_EXTENSION_SECONDS) return "initial paid-until is too late";
	const { observations } = terms;
	if (observations && (!isLevel(observations.onSimChange) || !isLevel(observations.onAttestationChange)))
		return "an unknown level";
	if (!isLevel(terms.ladder.maxLevel) || !isLevel(terms.offline.level)) return "an unknown level";
	if (terms.notices.count > MAX_NOTICES) return "more notices than anybody reads";
	if (!isDescending(terms.offline.warnAtRemainingSeconds)) return "offline warnings are not from the longest to the shortest";
	if (terms.languages.length === 0) return "no language";
	if (terms.releaseDigest.length !== 0 && terms.releaseDigest.length !== 32) return "the release digest is not 32 bytes";
	if (terms.unconfirmedReleaseSeconds === 0 || terms.unconfirmedReleaseSeconds > MAX_UNCONFIRMED_SECONDS) {
		return "an unconfirmed binding must free the phone within 30 days";
	}
	if (terms.quietHours && (terms.quietHours.startMinute > 1439 || terms.quietHours.endMinute > 1439))
		return "quiet hours are not minutes of a day";
	if (terms.quietHours && Math.abs(terms.quietHours.utcOffsetMinutes) > 14 * 60) return "no place has that offset from UTC";
	if (!isCheckInUrl(terms.checkInUrl)) return "the check-in address is neither https nor loopback";
	if (terms.essentialPackages.length > 16) return "too many essential packages";
	if (!terms.essentialPackages.every(isPackageName)) return "an essential package is not a package name";
	return undefined;
}

/** Whether a text can be the name of an Android package. */
export function isPackageName(text: string): boolean {
	return /^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/.test(text);
}

/** Due date of the last instalment. */
export function finalDue(terms: Pick<Terms, "instalments">): number {
	return terms.instalments.at(-1)?.dueAtUnixSeconds ?? 0;
}

/** Everything due by a time and not covered by paid-until; the next instalment when that is nothing. */
export function amountDue(terms: Terms, paidUntil: number, now: number): { amountMinor: number; dueAtUnixSeconds: number } {
	const unpaid = terms.instalments.filter((instalment) => instalment.dueAtUnixSeconds >= paidUntil);
	const due = unpaid.filter((instalment) => instalment.dueAtUnixSeconds <= now);
	const counted = due.length > 0 ? due : unpaid.slice(0, 1);
	return {
		amountMinor: counted.reduce((sum, instalment) => sum + instalment.amountMinor, 0),
		dueAtUnixSeconds: counted[0]?.dueAtUnixSeconds ?? 0,
	};
}

/** Remaining times at which an offline warning is given, longest first: never none. */
export function offlineWarnings(terms: Terms): readonly number[] {
	return terms.offline.warnAtRemainingSeconds.length > 0 ? terms.offline.warnAtRemainingSeconds : [DAY];
}

function isLevel(level: wire.RestrictionLevel): boolean {
	return level >= wire.RestrictionLevel.RESTRICTION_LEVEL_NONE && level <= wire.RestrictionLevel.RESTRICTION_LEVEL_FULL;
}

function isDescending(values: readonly number[]): boolean {
	return (
		values.length <= 8 && values.every((value, index) => value > 0 && value < (values[index - 1] ?? Number.POSITIVE_INFINITY))
	);
}

/** https, or http to this very device: the agent never speaks in the clear over a network. */
function isCheckInUrl(url: string): boolean {
	if (url.length > 500 || /[\s#?]/.test(url)) return false;
	return (
		/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/|$)/.test(url) ||
		/^http:\/\/(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?(\/|$)/.test(url)
	);
}
