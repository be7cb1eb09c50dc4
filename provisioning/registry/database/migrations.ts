import { type Kysely, type Migration, Migrator, sql } from "kysely";

import { ACCESS_TABLES } from "./access-tables.ts";
import { ATTESTATION_MIGRATION } from "./attestation-migration.ts";
import { CONSOLE_MIGRATION } from "./console-migration.ts";
import { DatabaseError } from "./database-error.ts";
import { EVENT_PARTITIONS_MIGRATION, EVENT_PARTITIONS_MIGRATION_NAME } from "./event-partitions.ts";
import { IDEMPOTENCY_MIGRATION } from "./idempotency-migration.ts";
import { PROGRAM_TABLES } from "./program-tables.ts";
import { SIGN_OUT_TABLES } from "./sign-out-tables.ts";
import { WEBHOOK_MIGRATION } from "./webhook-migration.ts";

/** What the daily look for contracts that are long over needs, however many there are. */
const RETENTION = [
	"ALTER TABLE contracts ADD COLUMN is_pruned boolean NOT NULL DEFAULT false",
	"CREATE INDEX contracts_to_prune ON contracts (closed_at) WHERE state = 'released' AND NOT is_pruned",
];

const SERVICE_CASES = [
	`CREATE TABLE service_cases (
		case_id text PRIMARY KEY,
		contract_id text NOT NULL,
		device_id text NOT NULL,
		kind text NOT NULL CHECK (kind IN ('rebind', 'exchange', 'return')),
		state text NOT NULL CHECK (state IN ('asked', 'approved', 'done', 'refused', 'failed', 'expired')),
		request text NOT NULL,
		binding_sha256 bytea,
		asked_by text NOT NULL,
		asked_at bigint NOT NULL,
		decided_by text,
		decided_at bigint,
		note text,
		rule text
	)`,
	// The rule itself: nobody has two things done to one phone at once.
	"CREATE UNIQUE INDEX service_cases_one_open ON service_cases (contract_id) WHERE state IN ('asked', 'approved')",
	"CREATE INDEX service_cases_of_contract ON service_cases (contract_id, asked_at)",
	"CREATE INDEX service_cases_asked ON service_cases (asked_at) WHERE state = 'asked'",
];

/** A borrower's code is not stored: it is worked out from which one it is. */
const BORROWER = [
	`CREATE TABLE borrower_access (
		contract_id text PRIMARY KEY,
		generation integer NOT NULL
	)`,
	`CREATE TABLE disputes (
		contract_id text NOT NULL,
		paid_until bigint NOT NULL,
		text text NOT NULL,
		at bigint NOT NULL,
		PRIMARY KEY (contract_id, paid_until)
	)`,
	"CREATE UNIQUE INDEX contracts_by_certificate ON contracts (certificate_id) WHERE certificate_id IS NOT NULL",
];

/** Keyed by contract, as the contracts are. A station that is gone leaves leases that expire: nobody has to clear them away. */
const STATION_LEASES = `CREATE TABLE station_leases (
	contract_id text PRIMARY KEY,
	station text NOT NULL,
	granted_at bigint NOT NULL,
	expires_at bigint NOT NULL
) WITH (fillfactor = 70)`;

/** Secrets are sealed by the code vault. A code itself is not stored: it is worked out again from what it says. */
const CODES = [
	"ALTER TABLE contracts ADD COLUMN release_secret bytea",
	"ALTER TABLE bindings ADD COLUMN code_key bytea",
	`CREATE TABLE codes (
		device_id text NOT NULL,
		request_id text NOT NULL,
		number integer NOT NULL,
		key_generation integer NOT NULL,
		counter bigint NOT NULL,
		nonce integer,
		kind text NOT NULL CHECK (kind IN ('set', 'add', 'contact', 'service', 'automatic')),
		value integer NOT NULL,
		issued_at bigint NOT NULL,
		CHECK ((nonce IS NULL) = (kind = 'automatic')),
		PRIMARY KEY (device_id, request_id)
	)`,
	// Two text messages never carry the same automatic code.
	"CREATE UNIQUE INDEX codes_automatic ON codes (device_id, key_generation, counter) WHERE kind = 'automatic'",
];

const FIRST = [
	`CREATE TABLE contracts (
		contract_id text PRIMARY KEY,
		device_id text NOT NULL,
		state text NOT NULL CHECK (state IN ('open', 'paid_off', 'returned', 'released')),
		request_sha256 bytea NOT NULL,
		terms_sha256 bytea NOT NULL,
		currency text NOT NULL,
		total_minor bigint NOT NULL,
		paid_minor bigint NOT NULL DEFAULT 0,
		paid_until bigint NOT NULL,
		grace_seconds bigint NOT NULL,
		payoff_reference text,
		certificate_id text,
		created_at bigint NOT NULL,
		closed_at bigint
	)`,
	`CREATE TABLE terms (
		contract_id text NOT NULL,
		terms_sha256 bytea NOT NULL,
		terms bytea NOT NULL,
		consent_sha256 bytea NOT NULL,
		consent bytea NOT NULL,
		PRIMARY KEY (contract_id, terms_sha256)
	)`,
	`CREATE TABLE devices (
		device_id text PRIMARY KEY,
		contract_id text NOT NULL,
		device_public_key bytea,
		key_generation integer NOT NULL DEFAULT 0,
		key_set_version integer NOT NULL,
		order_epoch integer NOT NULL,
		last_sequence bigint NOT NULL DEFAULT 0,
		check_in_interval_seconds integer NOT NULL
	)`,
	`CREATE TABLE enrollments (
		device_id text PRIMARY KEY,
		attempt integer NOT NULL,
		contract_id text NOT NULL,
		imei1 text NOT NULL,
		imei2 text,
		serial text NOT NULL,
		model text NOT NULL,
		state text NOT NULL CHECK (state IN ('offered', 'confirmed', 'contacted', 'sealed', 'released', 'withdrawn')),
		binding_sha256 bytea NOT NULL,
		receipt bytea,
		evidence bytea,
		attestation_policy text,
		offered_at bigint NOT NULL,
		confirmed_at bigint
	)`,
	`CREATE TABLE bindings (
		device_id text NOT NULL,
		binding_sha256 bytea NOT NULL,
		attempt integer NOT NULL,
		key_set_version integer NOT NULL,
		binding bytea NOT NULL,
		envelope bytea NOT NULL,
		expires_at bigint NOT NULL,
		PRIMARY KEY (device_id, binding_sha256)
	)`,
	`CREATE TABLE imeis (
		imei text NOT NULL,
		contract_id text NOT NULL,
		named boolean NOT NULL,
		active boolean NOT NULL,
		claimed_at bigint NOT NULL,
		PRIMARY KEY (imei, contract_id)
	)`,
	// The rule itself, so that no race can break it.
	"CREATE UNIQUE INDEX imeis_one_active ON imeis (imei) WHERE active",
	"CREATE INDEX imeis_of_contract ON imeis (contract_id)",
	`CREATE TABLE orders (
		device_id text NOT NULL,
		epoch integer NOT NULL,
		sequence bigint NOT NULL,
		contract_id text NOT NULL,
		action text NOT NULL,
		reason text NOT NULL,
		issued_at bigint NOT NULL,
		expires_at bigint NOT NULL,
		payload bytea NOT NULL,
		envelope bytea NOT NULL,
		key_set_version integer NOT NULL,
		state text NOT NULL CHECK (state IN ('pending', 'accepted', 'refused', 'below_floor', 'superseded')),
		rule text,
		reissued boolean NOT NULL DEFAULT false,
		request_id text,
		PRIMARY KEY (device_id, epoch, sequence)
	)`,
	"CREATE UNIQUE INDEX orders_by_request ON orders (device_id, request_id) WHERE request_id IS NOT NULL",
	// What a check-in asks for: stays small, however many orders a phone has had.
	"CREATE INDEX orders_pending ON orders (device_id, epoch, sequence) WHERE state = 'pending'",
	`CREATE TABLE check_ins (
		device_id text PRIMARY KEY,
		key_generation integer NOT NULL,
		counter bigint NOT NULL,
		at bigint,
		last_sequence bigint NOT NULL,
		standing integer NOT NULL,
		status bytea,
		log_head bytea,
		log_length bigint NOT NULL,
		agent_version text
	) WITH (fillfactor = 70)`,
	`CREATE TABLE check_in_events (
		device_id text NOT NULL,
		key_generation integer NOT NULL,
		counter bigint NOT NULL,
		at bigint NOT NULL,
		envelope bytea NOT NULL,
		PRIMARY KEY (device_id, key_generation, counter)
	)`,
	`CREATE TABLE payments (
		contract_id text NOT NULL,
		reference text NOT NULL,
		amount_minor bigint,
		paid_until bigint,
		at bigint NOT NULL,
		PRIMARY KEY (contract_id, reference)
	)`,
	`CREATE TABLE audit_log (
		subject text NOT NULL,
		entry integer NOT NULL,
		at bigint NOT NULL,
		actor text NOT NULL,
		action text NOT NULL,
		details text NOT NULL,
		previous bytea NOT NULL,
		hash bytea NOT NULL,
		PRIMARY KEY (subject, entry)
	)`,
	`CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$`,
	`CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
		FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()`,
];

/** Forward only, in the order of their names. One that was released is never edited. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
	"2026-01-first": running(FIRST),
	"2026-02-codes": running(CODES),
	"2026-03-station-leases": running([STATION_LEASES]),
	"2026-04-borrower": running(BORROWER),
	"2026-05-access": running(ACCESS_TABLES),
	"2026-06-console": running(CONSOLE_MIGRATION),
	"2026-07-service-cases": running(SERVICE_CASES),
	"2026-08-programs": running(PROGRAM_TABLES),
	"2026-09-sign-out": running(SIGN_OUT_TABLES),
	"2026-10-retention": running(RETENTION),
	"2026-11-attestation": running(ATTESTATION_MIGRATION),
	[EVENT_PARTITIONS_MIGRATION_NAME]: running(EVENT_PARTITIONS_MIGRATION),
	"2026-12-webhooks": running(WEBHOOK_MIGRATION),
	"2026-13-idempotency": running(IDEMPOTENCY_MIGRATION),
};

/**
 * Brings a database to this version. Several registries may start at once: one migrates, the others wait.
 *
 * @throws {DatabaseError} MIGRATION_FAILED; the database is as it was.
 */
export async function migrate<Tables>(database: Kysely<Tables>): Promise<void> {
	await migrateTo(database, undefined);
}

/** The names of all migrations, in their order. */
export const MIGRATION_NAMES: readonly string[] = Object.keys(MIGRATIONS).sort();

/**
 * The same, as far as one of {@link MIGRATION_NAMES}: a database as an earlier version had it, such as a backup is put back into.
 *
 * @param name `undefined` for the last one.
 */
export async function migrateTo<Tables>(database: Kysely<Tables>, name: string | undefined): Promise<void> {
	const migrator = new Migrator({ db: database, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
	const { error } = name === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(name);
	if (error === undefined) return;
	// A database that has seen migrations which this program does not know was used by a newer one.
	const reason = error instanceof Error ? error.message : "unknown reason";
	throw new DatabaseError("MIGRATION_FAILED", `The database could not be brought to this version: ${reason}`, { cause: error });
}

function running(statements: readonly string[]): Migration {
	return {
		async up(database: Kysely<unknown>) {
			for (const statement of statements) await sql.raw(statement).execute(database);
		},
	};
}
