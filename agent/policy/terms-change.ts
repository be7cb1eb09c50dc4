import type { Terms } from "./terms.ts";

/** What may never change under a contract: a printed release code must stay good, and the phone stays whose it is. */
export function isSameContract(before: Terms, after: Terms): boolean {
	return (
		before.contractId === after.contractId &&
		before.lenderId === after.lenderId &&
		before.releaseDigest.length === after.releaseDigest.length &&
		before.releaseDigest.every((byte, index) => byte === after.releaseDigest[index])
	);
}

/**
 * In what respects other terms are harder on the borrower (F10). Whatever cannot be called equal or better by comparing
 * numbers counts as harder: then the borrower is asked, which is never wrong.
 */
export function waysTightened(before: Terms, after: Terms): string[] {
	const harder: [boolean, string][] = [
		[after.ladder.graceSeconds < before.ladder.graceSeconds, "grace"],
		[after.ladder.limitedDwellSeconds < before.ladder.limitedDwellSeconds, "dwell"],
		[after.ladder.maxLevel > before.ladder.maxLevel, "highest level"],
		[after.notices.count < before.notices.count, "number of notices"],
		[after.notices.minSpacingSeconds < before.notices.minSpacingSeconds, "time between notices"],
		[after.notices.minChannels < before.notices.minChannels, "channels of notices"],
		[isShorterBudget(before.offline.budgetSeconds, after.offline.budgetSeconds), "offline budget"],
		[after.offline.level > before.offline.level, "level of the offline lock"],
		[!includesAll(after.offline.warnAtRemainingSeconds, before.offline.warnAtRemainingSeconds), "offline warnings"],
		[after.passes.perYear < before.passes.perYear, "number of passes"],
		[after.passes.durationSeconds < before.passes.durationSeconds, "duration of passes"],
		[after.deadLenderReleaseSeconds > before.deadLenderReleaseSeconds, "release if the lender is gone"],
		[after.unconfirmedReleaseSeconds > before.unconfirmedReleaseSeconds, "release if never confirmed"],
		[isOtherQuiet(before, after), "quiet hours"],
		[after.jurisdiction !== before.jurisdiction, "jurisdiction"],
		[after.currency !== before.currency, "currency"],
		[areInstalmentsHarder(before, after), "instalments"],
		[!includesAll(after.languages, before.languages), "languages"],
		[observedLevel(after, "onSimChange") > observedLevel(before, "onSimChange"), "what follows from another SIM"],
		[
			observedLevel(after, "onAttestationChange") > observedLevel(before, "onAttestationChange"),
			"what follows from another attestation",
		],
		[!includesAll(after.essentialPackages, before.essentialPackages), "essential apps"],
	];
	return harder.filter(([isSo]) => isSo).map(([, what]) => what);
}

/** Whether the lender is reached, called or paid elsewhere: what a thief of an online key would change first. */
export function movesLender(before: Terms, after: Terms): boolean {
	const [a, b] = [before.contact, after.contact];
	return (
		before.checkInUrl !== after.checkInUrl ||
		before.lenderName !== after.lenderName ||
		before.accountShown !== after.accountShown ||
		a.supportPhone !== b.supportPhone ||
		a.supportUrl !== b.supportUrl ||
		a.payUrl !== b.payUrl ||
		a.payInstructions !== b.payInstructions ||
		a.disputeUrl !== b.disputeUrl
	);
}

function observedLevel({ observations }: Terms, which: "onSimChange" | "onAttestationChange"): number {
	return observations?.[which] ?? 0;
}

/** A budget of 0 is no offline lock at all: the longest there is. */
function isShorterBudget(before: number, after: number): boolean {
	return after !== 0 && (before === 0 || after < before);
}

function includesAll<Value>(all: readonly Value[], some: readonly Value[]): boolean {
	return some.every((value) => all.includes(value));
}

function isOtherQuiet(before: Terms, after: Terms): boolean {
	const [a, b] = [before.quietHours, after.quietHours];
	if (!a) return Boolean(b);
	return !b || a.startMinute !== b.startMinute || a.endMinute !== b.endMinute || a.utcOffsetMinutes !== b.utcOffsetMinutes;
}

/** Better or equal: no instalment added, none larger, none earlier. */
function areInstalmentsHarder(before: Terms, after: Terms): boolean {
	return after.instalments.some((instalment, index) => {
		const old = before.instalments[index];
		return !old || instalment.amountMinor > old.amountMinor || instalment.dueAtUnixSeconds < old.dueAtUnixSeconds;
	});
}
