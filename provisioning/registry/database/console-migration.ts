/**
 * What the lender's console looks for contracts by, and what concerns all phones together.
 *
 * `standing` and `seen_day` repeat, in the contract's own row, what its phone last said: so every condition of a search stands in one
 * table, and each order in which it lists has an index that holds all of them. `seen_day` is a day, not a second, so that a row that
 * its phone's every check-in would touch changes once a day.
 */
export const CONSOLE_MIGRATION: readonly string[] = [
	"ALTER TABLE contracts ADD COLUMN standing smallint NOT NULL DEFAULT 0",
	"ALTER TABLE contracts ADD COLUMN seen_day integer NOT NULL DEFAULT 0",
	`UPDATE contracts SET standing = c.standing, seen_day = c.at / 86400 FROM check_ins c
		WHERE c.device_id = contracts.device_id AND c.at IS NOT NULL`,
	// "C": the order of the bytes, so that what begins alike stands together, whatever the database's own collation.
	`CREATE INDEX contracts_by_number ON contracts (contract_id COLLATE "C") INCLUDE (state, standing, paid_until, seen_day)`,
	`CREATE INDEX contracts_by_due ON contracts (paid_until, contract_id COLLATE "C") INCLUDE (state, standing, seen_day)`,
	`CREATE INDEX contracts_by_contact ON contracts (seen_day, contract_id COLLATE "C") INCLUDE (state, standing, paid_until)`,
	`CREATE INDEX contracts_by_standing ON contracts (state, standing, contract_id COLLATE "C") INCLUDE (paid_until, seen_day)`,
	// What is read out over the telephone is the end of an IMEI.
	`CREATE INDEX imeis_by_tail ON imeis (reverse(imei) COLLATE "C")`,
	"ALTER TABLE payments ADD COLUMN source text NOT NULL DEFAULT 'manual' CHECK (source IN ('manual', 'api', 'import', 'webhook'))",
	"ALTER TABLE payments ADD COLUMN received_at bigint",
	// What the breaker counts.
	"CREATE INDEX orders_restricting ON orders (issued_at) WHERE action = 'restrict' AND NOT reissued",
	`CREATE TABLE standing_changes (
		device_id text NOT NULL,
		key_generation integer NOT NULL,
		counter bigint NOT NULL,
		at bigint NOT NULL,
		before smallint NOT NULL,
		after smallint NOT NULL,
		PRIMARY KEY (device_id, key_generation, counter)
	)`,
	// 4 and 5: STANDING_LOCKED_LIMITED, STANDING_LOCKED_FULL.
	"CREATE INDEX standing_changes_locks ON standing_changes (at) WHERE after IN (4, 5) AND before NOT IN (4, 5)",
	`CREATE TABLE fleet_settings (
		id integer PRIMARY KEY CHECK (id = 1),
		locks_per_hour_permille integer NOT NULL,
		locks_per_day_permille integer NOT NULL,
		least_locks_per_hour integer NOT NULL,
		least_locks_per_day integer NOT NULL,
		feed_stale_after_hours integer NOT NULL,
		feed_watched_since bigint NOT NULL,
		feed_last_at bigint NOT NULL,
		paused_until bigint NOT NULL
	)`,
	"INSERT INTO fleet_settings VALUES (1, 5, 20, 5, 10, 0, 0, 0, 0)",
	`CREATE TABLE fleet_extensions (
		extension_id text PRIMARY KEY,
		request_sha256 bytea NOT NULL,
		kind text NOT NULL CHECK (kind IN ('disaster', 'clearing')),
		until bigint NOT NULL,
		count integer NOT NULL,
		note text NOT NULL,
		actor text NOT NULL,
		created_at bigint NOT NULL
	)`,
	`CREATE TABLE fleet_extension_items (
		extension_id text NOT NULL,
		contract_id text NOT NULL,
		done boolean NOT NULL DEFAULT false,
		PRIMARY KEY (extension_id, contract_id)
	)`,
	"CREATE INDEX fleet_extension_left ON fleet_extension_items (extension_id, contract_id) WHERE NOT done",
	`CREATE TABLE appeals (
		contract_id text NOT NULL,
		request_id text NOT NULL,
		imei text NOT NULL,
		proof_reference text NOT NULL,
		opened_at bigint NOT NULL,
		open_until bigint NOT NULL,
		closed_at bigint,
		closed_by_request text,
		outcome text CHECK (outcome IN ('upheld', 'rejected')),
		PRIMARY KEY (contract_id, request_id)
	)`,
	"CREATE INDEX appeals_open ON appeals (imei) WHERE closed_at IS NULL",
	`CREATE TABLE support_acts (
		contract_id text NOT NULL,
		request_id text NOT NULL,
		flow text NOT NULL,
		request_sha256 bytea NOT NULL,
		at bigint NOT NULL,
		answer text NOT NULL,
		PRIMARY KEY (contract_id, request_id)
	)`,
];
