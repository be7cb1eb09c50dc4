/** What can be wrong with a lender's keys. Closed. */
export type KeysErrorCode =
	| "KEYS_MISSING"
	| "KEYS_UNREADABLE"
	| "KEYS_EXIST"
	| "KEY_FILE_OPEN_TO_OTHERS"
	| "KEY_FILE_INVALID"
	| "PASSPHRASE_MISSING"
	| "PASSPHRASE_WRONG"
	| "KEY_FILE_INSECURE"
	| "KEY_SETS_INVALID"
	| "ROOT_KEYS_TOO_FEW"
	| "ROOT_PART_INVALID"
	| "PROPOSAL_INVALID"
	| "FINGERPRINT_DIFFERS"
	| "SIGNED_ANOTHER"
	| "NOT_A_ROOT_KEY"
	| "SIGNATURE_INVALID"
	| "KEY_SET_EXPIRED"
	| "ESCROW_KEY_INVALID"
	| "ESCROW_SHARES_INVALID"
	| "TOKEN_UNAVAILABLE"
	| "TOKEN_REFUSED"
	| "TOKEN_KEY_REFUSED";

/** The lender's keys cannot be made, read or used. The message says what to do; it never holds a key or a passphrase. */
export class KeysError extends Error {
	override readonly name = "KeysError";

	constructor(
		readonly code: KeysErrorCode,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
	}
}
