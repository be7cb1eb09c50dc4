/** A request that named a key: `http/idempotency.ts`. */
export interface IdempotencyTables {
	idempotency_keys: IdempotencyKeysTable;
}

export interface IdempotencyKeysTable {
	actor: string;
	/** As the request named it. */
	key: string;
	/** Method, address and body. */
	request_sha256: Uint8Array;
	/** Seconds since 1970-01-01T00:00:00Z. */
	started_at: number;
	/** Null while it is under way, or if whoever worked on it was killed. */
	status: number | null;
	/** JSON. Null too where it held a secret. */
	answer: string | null;
}
