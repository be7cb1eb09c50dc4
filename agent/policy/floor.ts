import type { Objection } from "../../proto/terms-floor.ts";
import { wire } from "../../proto/wire.ts";
import { holdInForce, isDisputed } from "./holds.ts";
import type { LockRecord } from "./ledger.ts";
import { offlineWarningAgedAt, orderedNoticesAgedAt, overdueNoticesAgedAt } from "./notices.ts";
import { isPassInUse } from "./passes.ts";
import { quietSecondsLeft } from "./quiet-hours.ts";
import type { Situation } from "./situation.ts";
import type { Agreement } from "./terms.ts";
import { trustedNow } from "./trusted-time.ts";

// The borrower's floor: checked after every signature and before every tightening. What is asked here is only ever
// whether something may tighten; loosening asks nobody.
//
// Where the rest of F1-F18 lives: what terms may promise at least, proto/terms-floor.ts and proto/jurisdiction.ts; F1, F2
// posture.ts (NEVER_RESTRICTED); F6 wrongful-minutes.ts and daemon/check-in.ts (hourly while locked); F7 settle.ts and machine.ts (released); F8, F9 the schemas, which have no such order and no such report;
// F11 daemon/screen.ts; F12 decision-log.ts; F15 daemon/orders.ts and daemon/binding.ts; F16 endings.ts; F17 hosts; F18 endings.ts.

type Level = wire.RestrictionLevel;
const { RESTRICTION_LEVEL_LIMITED: LIMITED } = wire.RestrictionLevel;

/** Nothing new is locked for this long, powered-on, after the record was lost or put back: who has reached nobody yet is not to blame. */
const RECOVERY_GRACE_MS = 72 * 3600 * 1000;

/** Reasons for which a lender may restrict. A payment reason, a dispute or goodwill is never one. */
const RESTRICTING_REASONS: readonly wire.ReasonCode[] = [
	wire.ReasonCode.REASON_CODE_OVERDUE,
	wire.ReasonCode.REASON_CODE_THEFT_REPORTED,
	wire.ReasonCode.REASON_CODE_FRAUD,
	wire.ReasonCode.REASON_CODE_RETURNED,
];

/** Highest level that may be in force now: the terms', the place's (F4), and LIMITED while a dispute stands (F13). */
export function highestLevel({ ledger, terms, profile }: Situation): Level {
	const cap = Math.min(terms.ladder.maxLevel, profile.maxLevel);
	return isDisputed(ledger.lock, trustedNow(ledger.time)) ? Math.min(cap, LIMITED) : cap;
}

/** Why nothing may be tightened right now, whatever the cause: neither a new lock nor a higher level. */
export function objectionToTightening(situation: Situation): Objection | undefined {
	const { ledger, contract } = situation;
	const now = trustedNow(ledger.time);
	if (!contract.confirmed) return { rule: "F10", why: "the lender has not confirmed this binding" };
	if (ledger.time.poweredOnMs < (recoveryGraceEndsAt(situation) ?? 0))
		return { rule: "F5", why: "the record was lost or put back" };
	if (ledger.handset.emergencyCall) return { rule: "F14", why: "an emergency call is going on" };
	if (isPassInUse(situation)) return { rule: "F13", why: "an emergency pass is in use" };
	const held = objectionByHold(ledger.lock, now);
	if (held) return held;
	if (quietSecondsLeft(situation, now) > 0) return { rule: "F14", why: "quiet hours" };
	return undefined;
}

/** Powered-on time until which a recovery lets nothing new be locked; `undefined` if there was none, or contact since. */
export function recoveryGraceEndsAt({ ledger }: Pick<Situation, "ledger">): number | undefined {
	const { contact, recovery } = ledger;
	return contact.required && recovery ? recovery.sincePoweredOnMs + RECOVERY_GRACE_MS : undefined;
}

/** Least time past paid-until before an overdue lock: the terms', or the place's where that is longer. */
export function graceSeconds({ terms, profile }: Agreement): number {
	return Math.max(terms.ladder.graceSeconds, profile.minPastDueSeconds);
}

/** Least powered-on time in LIMITED before FULL (F4). */
export function limitedDwellMs({ terms, profile }: Agreement): number {
	return Math.max(terms.ladder.limitedDwellSeconds, profile.minLimitedDwellSeconds) * 1000;
}

/** Whether payment is past due and past grace. */
export function isPastGrace(situation: Situation): boolean {
	return trustedNow(situation.ledger.time) >= situation.contract.paidUntilUnixSeconds + graceSeconds(situation);
}

/** Why an overdue payment may not lock now. */
export function objectionToOverdueLock(situation: Situation): Objection | undefined {
	if (!isPastGrace(situation)) return { rule: "F3", why: "the grace is not over" };
	if (situation.ledger.contact.paymentFeedStale) return { rule: "F5", why: "the lender does not know who has paid" };
	return hasAged(situation, overdueNoticesAgedAt(situation))
		? undefined
		: { rule: "F3", why: "the notices were not shown or have not aged" };
}

/** Why a spent offline budget may not lock now. */
export function objectionToOfflineLock(situation: Situation): Objection | undefined {
	return hasAged(situation, offlineWarningAgedAt(situation))
		? undefined
		: { rule: "F5", why: "the offline warning was not shown long enough" };
}

/**
 * Why an order to restrict is not obeyed. Quiet hours and an emergency call only make it wait: see
 * {@link objectionToTightening}, which stands between every cause and the lock.
 */
export function objectionToOrderedLock(situation: Situation, reason: wire.ReasonCode): Objection | undefined {
	const { ledger, contract } = situation;
	if (!contract.confirmed) return { rule: "F10", why: "the lender has not confirmed this binding" };
	if (!RESTRICTING_REASONS.includes(reason)) return { rule: "F3", why: "not a reason to restrict" };
	const held = objectionByHold(ledger.lock, trustedNow(ledger.time));
	if (held) return held;
	if (reason === wire.ReasonCode.REASON_CODE_OVERDUE) return objectionToOverdueLock(situation);
	if (!hasAged(situation, orderedNoticesAgedAt(situation)))
		return { rule: "F3", why: "the lock warnings were not shown or have not aged" };
	return undefined;
}

/** Why an observation may not lock now, where the terms let it: warned like a lock by order. */
export function objectionToObservedLock(situation: Situation): Objection | undefined {
	return hasAged(situation, orderedNoticesAgedAt(situation))
		? undefined
		: { rule: "F3", why: "the lock warnings were not shown or have not aged" };
}

function objectionByHold(lock: LockRecord, now: number): Objection | undefined {
	const hold = holdInForce(lock, now);
	if (!hold) return undefined;
	return { rule: hold.kind === wire.HoldKind.HOLD_KIND_DISASTER ? "F14" : "F13", why: "a hold is in force" };
}

function hasAged({ ledger }: Situation, agedAtPoweredOnMs: number | undefined): boolean {
	return agedAtPoweredOnMs !== undefined && ledger.time.poweredOnMs >= agedAtPoweredOnMs;
}
