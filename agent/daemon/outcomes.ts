import type { Message } from "../../proto/codec.ts";
import type { wire } from "../../proto/wire.ts";
import type { Ledger } from "../policy/ledger.ts";

/** What became of an order, as the lender reads it. */
export type OrderOutcome = Message<wire.OrderOutcome.$Properties>;

/** Why an order was not accepted. Closed; stands in the outcome's rule, where the floor's F-numbers stand as well. */
export type OrderRefusal =
	/** Not an order, or not signed by anybody who may order this. */
	| "UNTRUSTED"
	/** Signed by a role that may not order this. */
	| "WRONG_ROLE"
	/** Signed by a role whose time is over. Loosening passes. */
	| "ROLE_EXPIRED"
	/** Of another phone, contract or lender. */
	| "WRONG_ADDRESSEE"
	/** Of another key epoch. */
	| "WRONG_EPOCH"
	/** Its sequence was passed. */
	| "REPLAYED"
	/** A tightening order after its expiry. */
	| "EXPIRED"
	/** A tightening order from the future: the phone must hear the lender's time first. */
	| "FROM_THE_FUTURE"
	/** Its content is missing, unknown or beyond what may be ordered. */
	| "OUT_OF_BOUNDS"
	/** Harder terms without the borrower's consent or the root's threshold (F10); another address of the lender without the latter. */
	| "CONSENT_MISSING"
	/** The contract has ended. */
	| "ENDED";

/** Outcomes that wait to be acknowledged. The oldest go first; the log still has them. */
const MOST_OUTCOMES = 32;

/** Puts an outcome on the list for the next check-in. */
export function reportOutcome(ledger: Ledger, outcome: OrderOutcome): Ledger {
	const { contact } = ledger;
	const outcomes = [...contact.outcomes, outcome].slice(-MOST_OUTCOMES);
	return { ...ledger, contact: { ...contact, outcomes, outcomesRecorded: contact.outcomesRecorded + 1 } };
}
