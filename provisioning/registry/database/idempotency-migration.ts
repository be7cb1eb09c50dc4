/** Requests that named a key, and what they were answered. Keyed by who asked, so that nobody meets another's keys. */
export const IDEMPOTENCY_MIGRATION: readonly string[] = [
	`CREATE TABLE idempotency_keys (
		actor text NOT NULL,
		key text NOT NULL,
		request_sha256 bytea NOT NULL,
		started_at bigint NOT NULL,
		status integer,
		answer text,
		PRIMARY KEY (actor, key)
	) WITH (fillfactor = 70)`,
	"CREATE INDEX idempotency_keys_by_age ON idempotency_keys (started_at)",
];
