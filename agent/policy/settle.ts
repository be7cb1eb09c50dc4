import type { Crypto } from "../../proto/crypto.ts";
import type { Jurisdiction } from "../../proto/jurisdiction.ts";
import { wire } from "../../proto/wire.ts";
import { causesNow, levelAsked } from "./causes.ts";
import { codeEntryState } from "./code-entry.ts";
import { record } from "./decision-log.ts";
import { endedByItself } from "./endings.ts";
import { limitedDwellMs, objectionToTightening } from "./floor.ts";
import { type CauseRecord, emptyNotices, type Ledger } from "./ledger.ts";
import type { Facts, StandingRule } from "./machine.ts";
import { offlineThresholdPassed } from "./notices.ts";
import { chargeUntil, isBudgetSpent, remainingMs } from "./offline-budget.ts";
import { bitsOf, postureOf } from "./posture.ts";
import type { Situation } from "./situation.ts";
import { isLocked } from "./standings.ts";
import type { Agreement } from "./terms.ts";
import { trustedNow } from "./trusted-time.ts";

/** What settling needs besides the ledger. */
export interface Judge {
	readonly crypto: Pick<Crypto, "sha256">;
	readonly standingAfter: StandingRule;
}

/** Enough for bind, lock, and one more; each step up waits for its dwell anyway. */
const MOST_STEPS = 3;

/**
 * Brings the ledger up to the present moment: charges the offline budget, finds the causes that hold, moves the machine,
 * and derives what should be restricted. Called after every event; called twice, the second time changes nothing.
 *
 * @param agreement what the ledger's contract says; `undefined` when there is none.
 */
export function settle(judge: Judge, ledger: Ledger, agreement: Agreement | undefined): Ledger {
	const situation = situationOf(ledger, agreement);
	if (!situation) {
		// Terms that are not understood keep nobody from being free.
		const { contract } = ledger;
		return withPosture(contract?.releasedBy ? settleEnd(judge, ledger, contract.releasedBy) : ledger, []);
	}
	const ended = situation.contract.releasedBy || endedByItself(situation);
	return withPosture(ended ? settleEnd(judge, ledger, ended) : settleBound(judge, situation), situation.profile.neverRestricted);
}

/** A ledger and what was agreed, as one; `undefined` without a contract. */
export function situationOf(ledger: Ledger, agreement: Agreement | undefined): Situation | undefined {
	return ledger.contract && agreement ? { ...agreement, ledger, contract: ledger.contract } : undefined;
}

function settleBound(judge: Judge, situation: Situation): Ledger {
	const again = (ledger: Ledger): Situation => ({ ...situation, ledger });
	const before = situation.ledger.lock;
	const contact = chargeUntil(situation.ledger.contact, situation.ledger.time.elapsedMs);
	let ledger: Ledger = { ...situation.ledger, contact };
	ledger = { ...ledger, lock: { ...ledger.lock, causes: causesNow(again(ledger)) } };
	ledger = moveTo(judge, ledger, judge.standingAfter(ledger.lock.standing, { type: "bind" }));
	for (let step = 0; step < MOST_STEPS; step += 1) {
		const next = judge.standingAfter(ledger.lock.standing, { type: "reckon", facts: factsOf(again(ledger)) });
		if (next === ledger.lock.standing) break;
		ledger = moveTo(judge, ledger, next);
	}
	// F12: what a lock rests on is written down when it changes, not only when the lock does.
	const isSaid = ledger.lock.standing !== before.standing || isSameCauses(ledger.lock.causes, before.causes);
	return isSaid ? ledger : recordStanding(judge, ledger);
}

function isSameCauses(one: readonly CauseRecord[], other: readonly CauseRecord[]): boolean {
	return one.length === other.length && one.every(({ cause }) => other.some((each) => each.cause === cause));
}

/** Free for ever: nothing is left that could lock again (F7, F18). */
function settleEnd(judge: Judge, before: Ledger, cause: wire.ReleaseCause): Ledger {
	if (!before.contract) return before;
	const ended: Ledger = {
		...before,
		// F18: nothing that could be used again stays behind.
		contract: { ...before.contract, releasedBy: cause, sealed: false, codeKey: new Uint8Array() },
		lock: { ...before.lock, causes: [], holds: [], passUntilPoweredOnMs: 0 },
		notices: emptyNotices(),
	};
	// A contract that ends in the event that bound it still goes the machine's way.
	const bound = judge.standingAfter(ended.lock.standing, { type: "bind" });
	const ledger = moveTo(judge, ended, judge.standingAfter(bound, { type: "end" }));
	if (before.contract.releasedBy === cause && before.lock.standing === wire.Standing.STANDING_RELEASED) return ledger;
	return record(judge.crypto, ledger, { kind: wire.DecisionKind.DECISION_KIND_RELEASED, detail: String(cause) });
}

function moveTo(judge: Judge, ledger: Ledger, standing: wire.Standing): Ledger {
	const { lock, time } = ledger;
	if (standing === lock.standing) return ledger;
	const lockBegins = isLocked(standing) && !isLocked(lock.standing);
	const moved = {
		...lock,
		standing,
		standingSincePoweredOnMs: time.poweredOnMs,
		lockedSincePoweredOnMs: lockBegins ? time.poweredOnMs : isLocked(standing) ? lock.lockedSincePoweredOnMs : 0,
	};
	return recordStanding(judge, { ...ledger, lock: moved });
}

function recordStanding({ crypto }: Judge, ledger: Ledger): Ledger {
	const { standing, causes } = ledger.lock;
	const ordered = causes.find((cause) => cause.cause === wire.LockCause.LOCK_CAUSE_ORDERED);
	return record(crypto, ledger, {
		kind: wire.DecisionKind.DECISION_KIND_STANDING,
		...(ordered && isLocked(standing) ? { orderSequence: ordered.sequence, reason: ordered.reason } : {}),
	});
}

/** The facts of a bound phone, as the machine is told them. */
export function factsOf(situation: Situation): Facts {
	const { ledger, contract } = situation;
	const dwelt = ledger.time.poweredOnMs - ledger.lock.standingSincePoweredOnMs;
	return {
		isPastDue: trustedNow(ledger.time) >= contract.paidUntilUnixSeconds,
		levelAsked: levelAsked(situation),
		mayTighten: !objectionToTightening(situation),
		hasDwelt: dwelt >= limitedDwellMs(situation),
		contact: contactState(situation),
		codes: codeEntryState(ledger),
		isServiceOpen: isServiceOpen(ledger),
	};
}

/** How recent the lender's word is. */
export function contactState(situation: Situation): wire.ContactState {
	const { ledger, terms } = situation;
	const { budgetSeconds } = terms.offline;
	if (budgetSeconds === 0) return wire.ContactState.CONTACT_STATE_FRESH;
	if (isBudgetSpent(ledger.contact, budgetSeconds)) return wire.ContactState.CONTACT_STATE_EXPIRED;
	const left = remainingMs(ledger.contact, budgetSeconds, ledger.time.elapsedMs);
	return offlineThresholdPassed(situation, left) === undefined
		? wire.ContactState.CONTACT_STATE_FRESH
		: wire.ContactState.CONTACT_STATE_WARNED;
}

/** Whether debugging is open for a technician, by trusted time. */
export function isServiceOpen({ contract, time }: Ledger): boolean {
	if (!contract) return false;
	const now = trustedNow(time);
	return now >= contract.serviceOpensAtUnixSeconds && now < contract.serviceClosesAtUnixSeconds;
}

function withPosture(ledger: Ledger, neverRestricted: Jurisdiction["neverRestricted"]): Ledger {
	const { standing } = ledger.lock;
	const sealed = ledger.contract?.sealed ?? false;
	const wanted = bitsOf(postureOf({ standing, sealed, serviceOpen: isServiceOpen(ledger), neverRestricted }));
	const { posture } = ledger;
	// Revision 1 is stated even when it restricts nothing: what the platform holds is not known before it was read back.
	if (posture.revision > 0 && posture.wanted === wanted) return ledger;
	return { ...ledger, posture: { ...posture, revision: posture.revision + 1, wanted } };
}
