import type { Client } from "pg";

import { encode } from "../../../../proto/codec.ts";
import { wire } from "../../../../proto/wire.ts";

const DAY = 24 * 3600;

const TABLES = ["contracts", "terms", "devices", "enrollments", "check_ins", "imeis"] as const;

/**
 * Writes many contracts with their phones straight into the tables: a lender's whole book in seconds. Most are open and paid; some are
 * overdue, silent, locked or closed, spread over the numbers.
 */
export async function loadContracts(client: Pick<Client, "query">, count: number, now: number): Promise<void> {
	await client.query("SET statement_timeout = 0");
	await client.query("SET maintenance_work_mem = '1GB'");
	const putBack = await takeIndexes(client);
	await insertRows(client, count, now);
	for (const statement of putBack) await client.query(statement);
	for (const table of TABLES) await client.query(`VACUUM ANALYZE ${table}`);
	await client.query("ANALYZE");
}

/** Built over rows that are there, an index of millions takes minutes; kept up with each row in no order, it takes hours. @returns how they come back. */
async function takeIndexes(client: Pick<Client, "query">): Promise<string[]> {
	const { rows } = await client.query<{ drop: string; make: string }>(
		`SELECT CASE WHEN con.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass)
				ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', i.indrelid::regclass, con.conname) END AS drop,
			CASE WHEN con.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
				ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', i.indrelid::regclass, con.conname, pg_get_constraintdef(con.oid)) END AS make
		FROM pg_index i LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid
		WHERE i.indrelid = ANY ($1::regclass[]) ORDER BY i.indexrelid`,
		[[...TABLES]],
	);
	for (const { drop } of rows) await client.query(drop);
	return rows.map(({ make }) => make);
}

async function insertRows(client: Pick<Client, "query">, count: number, now: number): Promise<void> {
	const terms = encode(wire.Terms, { currency: "MXN", instalments: [{ dueAtUnixSeconds: now + 30 * DAY, amountMinor: 3000 }] });
	const status = encode(wire.DeviceStatus, { standing: wire.Standing.STANDING_UNLOCKED });
	const run = (text: string, values: unknown[] = []) => client.query(text, values);
	// i walks the numbers; the remainders are of primes, so that no two properties go together.
	await run(
		`INSERT INTO contracts (contract_id, device_id, state, request_sha256, terms_sha256, currency, total_minor, paid_minor, paid_until,
			grace_seconds, created_at, standing, seen_day)
		SELECT 'HF-' || lpad(i::text, 8, '0'), md5(i::text),
			CASE WHEN i % 11 = 0 THEN 'paid_off' WHEN i % 101 = 0 THEN 'returned' WHEN i % 13 = 0 THEN 'released' ELSE 'open' END,
			sha256('request'), sha256('bulk'), 'MXN', 3000, (i % 3) * 1000,
			$1::bigint + CASE WHEN i % 17 = 0 THEN -((i / 17) % 200 + 1) * 86400 ELSE (i % 29 + 1) * 86400 END,
			432000, $1::bigint - 90 * 86400,
			CASE WHEN i % 19 = 0 THEN 0 WHEN i % 997 = 0 THEN 5 WHEN i % 211 = 0 THEN 4 WHEN i % 17 = 0 THEN 3 ELSE 2 END,
			CASE WHEN i % 19 = 0 THEN 0 ELSE $1::bigint / 86400 - CASE WHEN i % 31 = 0 THEN (i / 31) % 90 ELSE 0 END END
		FROM generate_series(1, $2::bigint) AS i`,
		[now, count],
	);
	await run(
		"INSERT INTO terms SELECT contract_id, sha256('bulk'), $1, sha256('consent'), '' FROM contracts WHERE terms_sha256 = sha256('bulk')",
		[Buffer.from(terms)],
	);
	await run(
		`INSERT INTO devices (device_id, contract_id, key_set_version, order_epoch, check_in_interval_seconds)
		SELECT device_id, contract_id, 1, 1, 21600 FROM contracts WHERE terms_sha256 = sha256('bulk')`,
	);
	await run(
		`INSERT INTO enrollments (device_id, attempt, contract_id, imei1, serial, model, state, binding_sha256, offered_at)
		SELECT device_id, 1, contract_id, '86' || lpad(right(contract_id, 8)::bigint::text, 13, '0'), 'SN' || right(contract_id, 8), 'model',
			'sealed', sha256('binding'), created_at FROM contracts WHERE terms_sha256 = sha256('bulk') AND standing <> 0`,
	);
	await run(
		`INSERT INTO check_ins (device_id, key_generation, counter, at, last_sequence, standing, status, log_length)
		SELECT device_id, 1, 1, seen_day::bigint * 86400, 0, standing, $1, 0 FROM contracts WHERE terms_sha256 = sha256('bulk') AND standing <> 0`,
		[Buffer.from(status)],
	);
	await run(
		`INSERT INTO imeis SELECT '86' || lpad(right(contract_id, 8)::bigint::text, 13, '0'), contract_id, true, state = 'open', created_at
		FROM contracts WHERE terms_sha256 = sha256('bulk')`,
	);
}
