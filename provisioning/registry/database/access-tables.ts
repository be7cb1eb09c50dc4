/** People, how they prove who they are, what they are signed in with, and what waits for a second one. All small beside contracts. */
export const ACCESS_TABLES = [
	`CREATE TABLE people (
		person_id text PRIMARY KEY,
		name text NOT NULL,
		email text,
		roles text[] NOT NULL,
		roles_from text NOT NULL CHECK (roles_from IN ('registry', 'provider')),
		vouched_by text NOT NULL,
		created_at bigint NOT NULL,
		disabled_at bigint
	)`,
	"CREATE UNIQUE INDEX people_by_email ON people (email) WHERE email IS NOT NULL",
	`CREATE TABLE passkeys (
		credential_id text PRIMARY KEY,
		person_id text NOT NULL REFERENCES people,
		public_key bytea NOT NULL,
		counter bigint NOT NULL,
		transports text[] NOT NULL,
		synced boolean NOT NULL,
		created_at bigint NOT NULL,
		last_used_at bigint
	)`,
	"CREATE INDEX passkeys_of_person ON passkeys (person_id)",
	`CREATE TABLE provider_identities (
		issuer text NOT NULL,
		subject text NOT NULL,
		person_id text NOT NULL REFERENCES people,
		linked_at bigint NOT NULL,
		PRIMARY KEY (issuer, subject),
		UNIQUE (person_id, issuer)
	)`,
	// One for each person: another invitation takes the place of the one before.
	`CREATE TABLE invitations (
		person_id text PRIMARY KEY REFERENCES people,
		code_sha256 bytea,
		by_email boolean NOT NULL,
		expires_at bigint NOT NULL,
		used_at bigint
	)`,
	"CREATE UNIQUE INDEX invitations_by_code ON invitations (code_sha256) WHERE code_sha256 IS NOT NULL",
	`CREATE TABLE sessions (
		id_sha256 bytea PRIMARY KEY,
		person_id text NOT NULL REFERENCES people,
		signed_in_at bigint NOT NULL,
		last_seen_at bigint NOT NULL,
		expires_at bigint NOT NULL,
		stepped_up_at bigint
	) WITH (fillfactor = 70)`,
	"CREATE INDEX sessions_of_person ON sessions (person_id)",
	"CREATE INDEX sessions_by_end ON sessions (expires_at)",
	`CREATE TABLE sign_in_challenges (
		id_sha256 bytea PRIMARY KEY,
		purpose text NOT NULL,
		holder text NOT NULL,
		payload text NOT NULL,
		expires_at bigint NOT NULL
	)`,
	"CREATE INDEX sign_in_challenges_by_end ON sign_in_challenges (expires_at)",
	`CREATE TABLE approvals (
		approval_id text PRIMARY KEY,
		kind text NOT NULL,
		subject text NOT NULL,
		request text NOT NULL,
		request_sha256 bytea NOT NULL,
		reason text NOT NULL,
		state text NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'done', 'expired')),
		asked_by text NOT NULL REFERENCES people,
		asked_at bigint NOT NULL,
		expires_at bigint NOT NULL,
		decided_by text REFERENCES people,
		decided_at bigint,
		note text,
		done_at bigint,
		CHECK (state NOT IN ('approved', 'done') OR (decided_by IS NOT NULL AND decided_by <> asked_by))
	)`,
	`CREATE UNIQUE INDEX approvals_open ON approvals (asked_by, kind, subject, request_sha256)
		WHERE state IN ('asked', 'approved')`,
	"CREATE INDEX approvals_by_time ON approvals (asked_at)",
];
