import { wire } from "../../proto/wire.ts";
import {
	highestLevel,
	isPastGrace,
	objectionToObservedLock,
	objectionToOfflineLock,
	objectionToOverdueLock,
	objectionToTightening,
} from "./floor.ts";
import type { CauseRecord } from "./ledger.ts";
import { levelObserved } from "./observations.ts";
import { isBudgetSpent } from "./offline-budget.ts";
import { isPassInUse } from "./passes.ts";
import type { Situation } from "./situation.ts";
import { trustedNow } from "./trusted-time.ts";

type Level = wire.RestrictionLevel;
const { RESTRICTION_LEVEL_NONE: NONE } = wire.RestrictionLevel;

/**
 * The causes of a lock that hold now. A cause begins only when the floor has no objection; it ends as soon as what it
 * rests on is gone, whatever the floor says.
 */
export function causesNow(situation: Situation): CauseRecord[] {
	const { ledger, terms } = situation;
	const overdue = carryOn(situation, wire.LockCause.LOCK_CAUSE_OVERDUE, terms.ladder.maxLevel, {
		isSo: isPastGrace(situation),
		mayBegin: () => !objectionToOverdueLock(situation),
	});
	const offline = carryOn(situation, wire.LockCause.LOCK_CAUSE_OFFLINE, terms.offline.level, {
		isSo: isBudgetSpent(ledger.contact, terms.offline.budgetSeconds) && terms.offline.level > NONE,
		mayBegin: () => !objectionToOfflineLock(situation),
	});
	const observedLevel = levelObserved(ledger, terms);
	const observed = carryOn(situation, wire.LockCause.LOCK_CAUSE_OBSERVED, observedLevel, {
		isSo: observedLevel > NONE,
		mayBegin: () => !objectionToObservedLock(situation),
	});
	const ordered = ledger.lock.causes.filter((cause) => cause.cause === wire.LockCause.LOCK_CAUSE_ORDERED);
	// An order that restricts because of a debt has no ground left once the debt is paid.
	const standing = ordered.filter((cause) => cause.reason !== wire.ReasonCode.REASON_CODE_OVERDUE || isPastGrace(situation));
	return [...overdue, ...offline, ...observed, ...standing];
}

function carryOn(
	situation: Situation,
	cause: wire.LockCause,
	level: Level,
	{ isSo, mayBegin }: { isSo: boolean; mayBegin: () => boolean },
): CauseRecord[] {
	if (!isSo) return [];
	const before = situation.ledger.lock.causes.find((record) => record.cause === cause);
	if (before) return [{ ...before, level }];
	if (objectionToTightening(situation) || !mayBegin()) return [];
	const since = trustedNow(situation.ledger.time);
	return [{ cause, level, reason: wire.ReasonCode.REASON_CODE_UNSPECIFIED, sequence: 0, sinceUnixSeconds: since }];
}

/** The level that the causes ask for, within every cap. Nothing while an emergency pass is in use (F13). */
export function levelAsked(situation: Situation): Level {
	if (isPassInUse(situation)) return NONE;
	const asked = Math.max(NONE, ...situation.ledger.lock.causes.map((cause) => cause.level));
	return Math.min(asked, highestLevel(situation));
}
