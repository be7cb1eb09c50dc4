import { wire } from "../../proto/wire.ts";
import { levelAsked } from "./causes.ts";
import { deadLenderAt, unconfirmedReleaseAt } from "./endings.ts";
import { graceSeconds, limitedDwellMs, recoveryGraceEndsAt } from "./floor.ts";
import type { Ledger } from "./ledger.ts";
import { nextOverdueNotice, offlineWarningAgedAt, orderedNoticesAgedAt, overdueNoticesAgedAt } from "./notices.ts";
import { levelObserved } from "./observations.ts";
import { remainingMs } from "./offline-budget.ts";
import { quietSecondsLeft } from "./quiet-hours.ts";
import type { Situation } from "./situation.ts";
import { offlineWarnings } from "./terms.ts";
import { poweredOnAt, trustedNow } from "./trusted-time.ts";

/** Powered-on time of the next moment at which anything follows from time alone; `undefined` if nothing does. */
export function nextChangeAt(situation: Situation): number | undefined {
	const now = situation.ledger.time.poweredOnMs;
	const later = moments(situation).filter((at) => at > now);
	return later.length > 0 ? Math.min(...later) : undefined;
}

function moments(situation: Situation): number[] {
	const { ledger, contract } = situation;
	const { time, lock, contact, codes } = ledger;
	const atTrusted = (unixSeconds: number) => poweredOnAt(time, unixSeconds);
	const now = trustedNow(time);
	const certain = [
		// Each tick is paid before it is used.
		time.poweredOnMs + (contact.prepaidUntilElapsedMs - time.elapsedMs),
		atTrusted(contract.paidUntilUnixSeconds),
		atTrusted(contract.paidUntilUnixSeconds + graceSeconds(situation)),
		atTrusted(contract.serviceOpensAtUnixSeconds),
		atTrusted(contract.serviceClosesAtUnixSeconds),
		...lock.holds.map((hold) => atTrusted(hold.untilUnixSeconds)),
		lock.passUntilPoweredOnMs,
		deadLenderAt(situation),
		codes.backingOffUntilPoweredOnMs,
		atTrusted(now + quietSecondsLeft(situation, now)),
		...offlineMoments(situation),
	];
	const possible = [
		unconfirmedReleaseAt(situation),
		nextOverdueNotice(situation)?.atPoweredOnMs,
		overdueNoticesAgedAt(situation),
		offlineWarningAgedAt(situation),
		levelObserved(ledger, situation.terms) > wire.RestrictionLevel.RESTRICTION_LEVEL_NONE
			? orderedNoticesAgedAt(situation)
			: undefined,
		recoveryGraceEndsAt(situation),
		awaitsDwell(situation) ? lock.standingSincePoweredOnMs + limitedDwellMs(situation) : undefined,
	];
	return [...certain, ...possible.filter((at) => at !== undefined)];
}

function offlineMoments(situation: Situation): number[] {
	const { ledger, terms } = situation;
	const left = remainingMs(ledger.contact, terms.offline.budgetSeconds, ledger.time.elapsedMs);
	return offlineWarnings(terms).map((threshold) => ledger.time.poweredOnMs + left - threshold * 1000);
}

function awaitsDwell(situation: Situation): boolean {
	const isLimited = situation.ledger.lock.standing === wire.Standing.STANDING_LOCKED_LIMITED;
	return isLimited && levelAsked(situation) === wire.RestrictionLevel.RESTRICTION_LEVEL_FULL;
}

/** A powered-on time as milliseconds of the present boot, for the host's alarm. */
export function toElapsed({ time }: Pick<Ledger, "time">, poweredOnMs: number): number {
	return Math.ceil(time.elapsedMs + (poweredOnMs - time.poweredOnMs));
}
