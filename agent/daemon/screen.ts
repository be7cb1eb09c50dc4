import { requestNumber } from "../../proto/request-number.ts";
import { wire } from "../../proto/wire.ts";
import { levelAsked } from "../policy/causes.ts";
import { codeEntryState, codeRequest } from "../policy/code-entry.ts";
import { graceSeconds, limitedDwellMs } from "../policy/floor.ts";
import { holdInForce } from "../policy/holds.ts";
import type { Ledger } from "../policy/ledger.ts";
import { overdueNoticesAgedAtBest } from "../policy/notices.ts";
import { remainingMs } from "../policy/offline-budget.ts";
import { passesLeft } from "../policy/passes.ts";
import { contactState, situationOf } from "../policy/settle.ts";
import type { Situation } from "../policy/situation.ts";
import { isLocked, levelOf } from "../policy/standings.ts";
import { type Agreement, amountDue } from "../policy/terms.ts";
import { poweredOnAt, trustedNow } from "../policy/trusted-time.ts";

/** What the borrower reads (F11): who, why, how much, until when, how to pay, how to dispute, and what comes next. */
export function screenOf(ledger: Ledger, agreement: Agreement | undefined): wire.Screen.$Properties {
	const situation = situationOf(ledger, agreement);
	if (!situation) return { kind: ledger.recovery ? wire.ScreenKind.SCREEN_KIND_RECOVERY : wire.ScreenKind.SCREEN_KIND_UNBOUND };
	const { terms, contract } = situation;
	const who = {
		lenderName: terms.lenderName,
		accountShown: terms.accountShown,
		contact: terms.contact,
		languages: terms.languages,
	};
	if (contract.releasedBy) return { kind: wire.ScreenKind.SCREEN_KIND_RELEASED, ...who };
	const { lock, time } = ledger;
	const now = trustedNow(time);
	const due = amountDue(terms, contract.paidUntilUnixSeconds, now);
	const locked = isLocked(lock.standing);
	const ordered = lock.causes.find((cause) => cause.cause === wire.LockCause.LOCK_CAUSE_ORDERED);
	return {
		kind: kindOf(lock.standing),
		...who,
		causes: locked ? lock.causes.map((cause) => cause.cause) : [],
		reason: locked && ordered ? ordered.reason : wire.ReasonCode.REASON_CODE_UNSPECIFIED,
		level: levelOf(lock.standing),
		currency: terms.currency,
		amountDueMinor: due.amountMinor,
		dueAtUnixSeconds: due.dueAtUnixSeconds,
		paidUntilUnixSeconds: contract.paidUntilUnixSeconds,
		warnings: warningsOf(situation),
		passesLeft: passesLeft(situation),
		passRemainingSeconds: seconds(lock.passUntilPoweredOnMs - time.poweredOnMs),
		lockedMinutes: locked ? Math.floor((time.poweredOnMs - lock.lockedSincePoweredOnMs) / 60_000) : 0,
		heldUntilUnixSeconds: holdInForce(lock, now)?.untilUnixSeconds ?? 0,
		contactRequired: ledger.contact.required,
		wrongfulLockMinutes: lock.wrongfulLockMinutes,
		...codeEntryOf(ledger),
	};
}

function codeEntryOf(ledger: Ledger): Pick<wire.Screen.$Properties, "requestNumber" | "codesBackOffSeconds" | "signedOnly"> {
	const signedOnly = codeEntryState(ledger) === "signedOnly";
	const request = signedOnly ? undefined : codeRequest(ledger);
	const waitMs = ledger.codes.backingOffUntilPoweredOnMs - ledger.time.poweredOnMs;
	return {
		requestNumber: request ? requestNumber(request) : "",
		// Rounded up: at 0 a code is read.
		codesBackOffSeconds: Math.max(0, Math.ceil(waitMs / 1000)),
		signedOnly,
	};
}

function kindOf(standing: wire.Standing): wire.ScreenKind {
	switch (standing) {
		case wire.Standing.STANDING_UNLOCKED:
			return wire.ScreenKind.SCREEN_KIND_UNLOCKED;
		case wire.Standing.STANDING_GRACE:
			return wire.ScreenKind.SCREEN_KIND_GRACE;
		case wire.Standing.STANDING_LOCKED_LIMITED:
			return wire.ScreenKind.SCREEN_KIND_LIMITED;
		case wire.Standing.STANDING_LOCKED_FULL:
			return wire.ScreenKind.SCREEN_KIND_FULL;
		case wire.Standing.STANDING_RELEASED:
			return wire.ScreenKind.SCREEN_KIND_RELEASED;
		default:
			return wire.ScreenKind.SCREEN_KIND_UNBOUND;
	}
}

function warningsOf(situation: Situation): wire.ScreenWarning.$Properties[] {
	const { ledger, contract, terms } = situation;
	const { time, lock, contact } = ledger;
	const warnings: wire.ScreenWarning.$Properties[] = [];
	if (lock.standing === wire.Standing.STANDING_GRACE) {
		const graceEnds = poweredOnAt(time, contract.paidUntilUnixSeconds + graceSeconds(situation));
		const earliest = Math.max(graceEnds, overdueNoticesAgedAtBest(situation));
		warnings.push({ kind: wire.WarningKind.WARNING_KIND_OVERDUE_LOCK, remainingSeconds: seconds(earliest - time.poweredOnMs) });
	}
	if (contactState(situation) === wire.ContactState.CONTACT_STATE_WARNED) {
		const left = remainingMs(contact, terms.offline.budgetSeconds, time.elapsedMs);
		warnings.push({ kind: wire.WarningKind.WARNING_KIND_OFFLINE_LOCK, remainingSeconds: seconds(left) });
	}
	const awaitsFull = levelAsked(situation) === wire.RestrictionLevel.RESTRICTION_LEVEL_FULL;
	if (lock.standing === wire.Standing.STANDING_LOCKED_LIMITED && awaitsFull) {
		const dwellEnds = lock.standingSincePoweredOnMs + limitedDwellMs(situation);
		warnings.push({ kind: wire.WarningKind.WARNING_KIND_FULL_LOCK, remainingSeconds: seconds(dwellEnds - time.poweredOnMs) });
	}
	return warnings;
}

/** Whole seconds, rounded down: a promise of time is never too long. Never negative. */
function seconds(ms: number): number {
	return Math.max(0, Math.floor(ms / 1000));
}
