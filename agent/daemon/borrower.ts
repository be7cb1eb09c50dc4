import { wire } from "../../proto/wire.ts";
import { record } from "../policy/decision-log.ts";
import { openDispute } from "../policy/holds.ts";
import type { Ledger } from "../policy/ledger.ts";
import { isPassInUse, passesLeft, takePass } from "../policy/passes.ts";
import { situationOf } from "../policy/settle.ts";
import { isLocked } from "../policy/standings.ts";
import { trustedNow } from "../policy/trusted-time.ts";
import { checkInUnderWay, hurryCheckIn } from "./check-in.ts";
import type { Tools, Turn } from "./turn.ts";

/** Why something that the borrower asked for was not done. Closed: the screen has words for each. */
export type BorrowerRefusal =
	/** No contract is in force. */
	| "NOT_BOUND"
	/** Nothing is locked: a pass would be wasted. */
	| "NOT_LOCKED"
	/** A pass is in use. */
	| "ALREADY_IN_USE"
	/** No pass is left in these 365 days. */
	| "NONE_LEFT"
	/** This period had its dispute. */
	| "ONCE_A_PERIOD"
	/** This phone takes no such code: it was bound without a secret for time codes, or its terms name no release code. */
	| "NOT_AVAILABLE"
	/** No code reads like that: a check digit does not fit. Not counted. */
	| "MISTYPED"
	/** Not the code that answers the number on the screen, or not this contract's release code. */
	| "WRONG_CODE"
	/** It was right once: taken already, or another one took its place. Not counted. */
	| "USED"
	/** After wrong codes the phone waits before it reads another time code. */
	| "BACKING_OFF"
	/** After too many wrong codes it reads no time codes until the lender signs something. */
	| "SIGNED_ONLY";

/** "I paid, check now". */
export function checkNow(ledger: Ledger): Turn {
	return { ledger: checkInUnderWay(ledger) ? ledger : hurryCheckIn(ledger, 0) };
}

/** The borrower takes an emergency pass: everything works for its time, no server is asked (F13). */
export function passTaken(tools: Tools, ledger: Ledger): Turn {
	const situation = situationOf(ledger, tools.agreementOf(ledger));
	if (!situation || situation.contract.releasedBy) return refuse(ledger, "NOT_BOUND");
	if (isPassInUse(situation)) return refuse(ledger, "ALREADY_IN_USE");
	if (!isLocked(ledger.lock.standing)) return refuse(ledger, "NOT_LOCKED");
	if (passesLeft(situation) === 0) return refuse(ledger, "NONE_LEFT");
	const taken = { ...ledger, lock: takePass(situation) };
	return accept(record(tools.crypto, taken, { kind: wire.DecisionKind.DECISION_KIND_PASS_TAKEN }));
}

/** The borrower disputes: nothing above LIMITED, nothing new, for a while, once a period (F13). */
export function disputeOpened(tools: Tools, ledger: Ledger): Turn {
	const { contract } = ledger;
	if (!contract || contract.releasedBy) return refuse(ledger, "NOT_BOUND");
	const lock = openDispute(ledger.lock, contract.paidUntilUnixSeconds, trustedNow(ledger.time));
	if (!lock) return refuse(ledger, "ONCE_A_PERIOD");
	const opened = record(tools.crypto, { ...ledger, lock }, { kind: wire.DecisionKind.DECISION_KIND_DISPUTE_OPENED });
	return accept(hurryCheckIn(opened, 0));
}

function accept(ledger: Ledger): Turn {
	return { ledger, answer: { accepted: true, code: "" } };
}

function refuse(ledger: Ledger, code: BorrowerRefusal): Turn {
	return { ledger, answer: { accepted: false, code } };
}
