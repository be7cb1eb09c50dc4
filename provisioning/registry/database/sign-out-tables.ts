/** What it takes to end one of somebody's sessions by name, and a borrower's before its time. */
export const SIGN_OUT_TABLES: readonly string[] = [
	// By the database, so that a registry of the version before can still open sessions meanwhile.
	"ALTER TABLE sessions ADD COLUMN public_id text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', '')",
	"CREATE UNIQUE INDEX sessions_by_public_id ON sessions (public_id)",
	`CREATE TABLE borrower_sign_outs (
		token_sha256 bytea PRIMARY KEY,
		expires_at bigint NOT NULL
	)`,
	"CREATE INDEX borrower_sign_outs_by_end ON borrower_sign_outs (expires_at)",
];
