/** Why a cable request was not done. Closed: a procedure handles each by name. */
export type RefusalCode =
	/** Not a CableRequest. */
	| "MALFORMED"
	/** The agent is not device owner: it could not keep any promise. */
	| "NOT_DEVICE_OWNER"
	/** No contract is bound. */
	| "NOT_BOUND"
	/** The lender has not confirmed the binding by a signed check-in reply. */
	| "NOT_CONFIRMED"
	/** Another binding holds this handset. */
	| "BOUND_ELSEWHERE"
	/** The handset is free for ever. */
	| "RELEASED"
	/** The key sets do not follow from each other, or from the trusted one. */
	| "KEY_SETS_REFUSED"
	/** The binding is not signed by the enroll role of these key sets, or is not well formed. */
	| "BINDING_REFUSED"
	/** The binding may no longer be accepted. */
	| "BINDING_EXPIRED"
	/** The binding's IMEIs are not this handset's. */
	| "IMEI_MISMATCH"
	/** The binding's serial is not this handset's. */
	| "SERIAL_MISMATCH"
	/** These terms are not the binding's, or not of its lender and contract. */
	| "TERMS_MISMATCH"
	/** These terms cannot be taken: something in them is missing or impossible. */
	| "TERMS_INVALID"
	/** These terms promise less than the borrower's floor. */
	| "TERMS_BELOW_FLOOR"
	/** The consent is not the binding's, not to these terms, or not in a language of theirs (F10). */
	| "CONSENT_MISMATCH"
	/** The code key is not the binding's. */
	| "CODE_KEY_MISMATCH"
	/** No device key, or no signature by it. */
	| "DEVICE_KEY_FAILED"
	/** The answer to the check-in is not accepted. */
	| "REPLY_REFUSED"
	/** The agent's record is of a newer format than the agent. */
	| "LEDGER_NEWER"
	/** The host could not store what was decided, so nothing was done. */
	| "NOT_STORED"
	/** A fault of the agent itself. */
	| "INTERNAL";

/** Not done, and why. The detail is for the log and quotes nothing from outside. */
export interface Refusal {
	readonly code: RefusalCode;
	readonly detail: string;
}

export function refusal(code: RefusalCode, detail: string): { refused: Refusal } {
	return { refused: { code, detail } };
}

/** Whether a result is a refusal. */
export function isRefused<Value>(result: Value | { refused: Refusal }): result is { refused: Refusal } {
	return typeof result === "object" && result !== null && "refused" in result;
}
