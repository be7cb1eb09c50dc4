/** What can go wrong with a message. Closed: every code is handled by name somewhere. */
export type ProtocolErrorCode =
	| "TOO_LARGE"
	| "MALFORMED"
	| "NOT_CANONICAL"
	| "UNSAFE_INTEGER"
	| "WRONG_TYPE"
	| "UNSIGNED"
	| "DUPLICATE_SIGNATURE"
	| "BAD_SIGNATURE"
	| "THRESHOLD_NOT_MET"
	| "ROLE_EXPIRED"
	| "KEY_SET_INVALID"
	| "KEY_SET_ROLLBACK"
	| "KEY_SET_GAP"
	| "WRONG_LENDER";

/**
 * A message that is not accepted. The message says what was wrong with the bytes; nothing of them is echoed,
 * because they come from outside.
 */
export class ProtocolError extends Error {
	override readonly name = "ProtocolError";

	constructor(
		readonly code: ProtocolErrorCode,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
	}
}
