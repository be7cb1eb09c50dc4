import type { ProtocolErrorCode } from "../../proto/error.ts";

/** What can be wrong with an event or a ledger. Closed. None of them changes what the phone may do. */
export type FaultCode =
	/** The event could not be read, or its moment cannot be true. The ledger is unchanged. */
	| "EVENT_UNREADABLE"
	/** The ledger could not be read. It is kept inside the new one, and the borrower is asked to reach the lender. */
	| "LEDGER_UNREADABLE"
	/** The ledger was lost, unreadable or older than the anchor, which took its place. The lender's word is required. */
	| "LEDGER_FROM_ANCHOR"
	/** The ledger is of a newer format. It is untouched; nothing is done until the agent is updated. */
	| "LEDGER_NEWER"
	/** The terms in the ledger are none that this agent knows. Nothing is locked by them. */
	| "TERMS_UNKNOWN"
	/** An order was not accepted. */
	| "ORDER_REFUSED"
	/** An answer to a check-in was not accepted. */
	| "REPLY_REFUSED"
	/** A signature nobody waits for, or one that does not verify. */
	| "SIGNATURE_UNEXPECTED"
	/** A device key nobody waits for, or none at all. */
	| "DEVICE_KEY_UNEXPECTED"
	/** A host says that it could not do something. */
	| "HOST_FAILED"
	/** A fault of the agent itself. The ledger is unchanged. */
	| "INTERNAL";

/** One fault. The detail is for the log and quotes nothing from outside. */
export interface Fault {
	readonly code: FaultCode;
	readonly detail: string;
}

export function fault(code: FaultCode, detail: string | ProtocolErrorCode): Fault {
	return { code, detail };
}
