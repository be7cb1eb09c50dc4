/** Programs that ask the registry, and the hashes of their tokens. Few beside contracts. */
export const PROGRAM_TABLES: readonly string[] = [
	`CREATE TABLE programs (
		program_id text PRIMARY KEY,
		name text NOT NULL,
		roles text[] NOT NULL CHECK (NOT 'admin' = ANY(roles)),
		station text,
		created_by text NOT NULL,
		created_at bigint NOT NULL,
		last_used_at bigint,
		revoked_at bigint
	) WITH (fillfactor = 70)`,
	`CREATE TABLE program_secrets (
		program_id text NOT NULL REFERENCES programs,
		entry integer NOT NULL,
		sha256 bytea NOT NULL UNIQUE,
		created_at bigint NOT NULL,
		expires_at bigint NOT NULL,
		PRIMARY KEY (program_id, entry)
	)`,
];
