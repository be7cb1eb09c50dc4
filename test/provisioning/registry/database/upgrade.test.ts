import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client, type ClientConfig } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openDatabase, openUnmigrated } from "../../../../provisioning/registry/database/database.ts";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "../../../../provisioning/registry/database/embedded-database.ts";
import { MIGRATION_NAMES, migrate, migrateTo } from "../../../../provisioning/registry/database/migrations.ts";

let folder: string;
let embedded: EmbeddedDatabase;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-upgrade-"));
	embedded = await startEmbeddedDatabase({ dataFolder: folder });
});
afterAll(async () => {
	await embedded.close();
	await rm(folder, { recursive: true, force: true });
});

let databases = 0;
async function emptyDatabase(): Promise<ClientConfig> {
	databases += 1;
	const database = `upgrade_${databases}`;
	await asking(embedded.connection, (client) => client.query(`CREATE DATABASE ${database}`));
	return { ...embedded.connection, database };
}

async function asking<Value>(connection: ClientConfig, work: (client: Client) => Promise<Value>): Promise<Value> {
	const client = new Client(connection);
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

/** A lender's book as the first version knew it; every later one takes these statements as well. */
const BOOK = [
	`INSERT INTO contracts (contract_id, device_id, state, request_sha256, terms_sha256, currency, total_minor, paid_minor, paid_until,
		grace_seconds, created_at, payoff_reference, closed_at)
	SELECT 'U-' || i, 'd' || i, CASE WHEN i % 5 = 0 THEN 'released' ELSE 'open' END, '\\x01', '\\x02', 'MXN', 3000, i, 1780000000 + i, 432000,
		1770000000, CASE WHEN i % 5 = 0 THEN 'paid' END, CASE WHEN i % 5 = 0 THEN 1775000000 END FROM generate_series(1, 20) AS i`,
	"INSERT INTO terms SELECT contract_id, terms_sha256, '\\x03', '\\x04', '\\x05' FROM contracts",
	`INSERT INTO devices (device_id, contract_id, device_public_key, key_generation, key_set_version, order_epoch, last_sequence,
		check_in_interval_seconds) SELECT device_id, contract_id, '\\x04', 1, 1, 1, 3, 21600 FROM contracts`,
	`INSERT INTO enrollments (device_id, attempt, contract_id, imei1, serial, model, state, binding_sha256, offered_at)
	SELECT device_id, 1, contract_id, '35' || lpad(right(device_id, -1), 13, '0'), 's', 'm', 'sealed', '\\x06', 1770000000 FROM contracts`,
	"INSERT INTO bindings (device_id, binding_sha256, attempt, key_set_version, binding, envelope, expires_at) SELECT device_id, '\\x06', 1, 1, '\\x07', '\\x08', 1790000000 FROM contracts",
	"INSERT INTO imeis SELECT '35' || lpad(right(device_id, -1), 13, '0'), contract_id, true, state = 'open', 1770000000 FROM contracts",
	`INSERT INTO orders (device_id, epoch, sequence, contract_id, action, reason, issued_at, expires_at, payload, envelope, key_set_version, state)
	SELECT device_id, 1, s, contract_id, 'extend', 'payment', 1770000000, 0, '\\x09', '\\x0a', 1, CASE s WHEN 3 THEN 'pending' ELSE 'accepted' END
	FROM contracts, generate_series(1, 3) AS s`,
	`INSERT INTO check_ins (device_id, key_generation, counter, at, last_sequence, standing, status, log_head, log_length, agent_version)
	SELECT device_id, 1, 7, 1779000000, 2, 2, '\\x0b', '\\x0c', 5, '0.0.9' FROM contracts`,
	"INSERT INTO check_in_events SELECT device_id, 1, 7, 1779000000, '\\x0d' FROM contracts",
	"INSERT INTO payments (contract_id, reference, amount_minor, at) SELECT contract_id, 'r', 1000, 1775000000 FROM contracts",
	"INSERT INTO audit_log SELECT contract_id, 1, 1770000000, 'admin', 'contract.created', '{}', '\\x00', '\\x0e' FROM contracts",
];

/** What later versions added, where this one has it. */
const LATER = [
	"INSERT INTO codes VALUES ('d1', 'c1', 1, 1, 1, 5, 'add', 7, 1775000000)",
	"INSERT INTO borrower_access VALUES ('U-1', 2)",
	"INSERT INTO disputes VALUES ('U-1', 1780000001, 'mine', 1779000000)",
	"INSERT INTO people VALUES ('p1', 'Ana', NULL, '{agent}', 'registry', 'admin', 1770000000, NULL)",
	"INSERT INTO passkeys VALUES ('k1', 'p1', '\\x0f', 1, '{internal}', false, 1770000000, NULL)",
	"INSERT INTO sessions (id_sha256, person_id, signed_in_at, last_seen_at, expires_at) VALUES ('\\x10', 'p1', 1, 2, 3)",
	"INSERT INTO appeals (contract_id, request_id, imei, proof_reference, opened_at, open_until) VALUES ('U-2', 'a', '350000000000002', 'x', 1, 2)",
	"INSERT INTO service_cases (case_id, contract_id, device_id, kind, state, request, asked_by, asked_at) VALUES ('s1', 'U-1', 'd1', 'rebind', 'asked', '{}', 'p1', 1)",
	"INSERT INTO programs VALUES ('g1', 'loan', '{agent}', NULL, 'admin', 1770000000, NULL, NULL)",
];

async function fillBook(client: Client): Promise<void> {
	for (const statement of BOOK) await client.query(statement);
	for (const statement of LATER) {
		const table = /^INSERT INTO (\w+)/.exec(statement)?.[1] ?? "";
		const { rows } = await client.query("SELECT to_regclass($1) IS NOT NULL AS there", [table]);
		if (rows[0]?.there) await client.query(statement);
	}
}

interface Columns {
	readonly table: string;
	readonly columns: readonly string[];
}

async function columnsOf(client: Client): Promise<Columns[]> {
	const { rows } = await client.query<{ table: string; columns: string[] }>(
		`SELECT table_name AS table, array_agg(column_name::text ORDER BY ordinal_position) AS columns FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name NOT LIKE 'kysely%' GROUP BY 1 ORDER BY 1`,
	);
	return rows;
}

/** Every row, by the columns that an earlier version had. */
async function rowsOf(client: Client, tables: readonly Columns[]): Promise<Record<string, string[]>> {
	const all: Record<string, string[]> = {};
	for (const { table, columns } of tables) {
		const line = `ROW(${columns.map((name) => `"${name}"`).join(", ")})::text AS line`;
		// What was there before check-ins were kept by the week stays where it was, under another name.
		const renamed = await client.query("SELECT to_regclass($1) IS NOT NULL AS there", [`${table}_before`]);
		const before = renamed.rows[0]?.there ? ` UNION ALL SELECT ${line} FROM "${table}_before"` : "";
		const { rows } = await client.query<{ line: string }>(`SELECT ${line} FROM "${table}"${before} ORDER BY 1`);
		all[table] = rows.map(({ line }) => line);
	}
	return all;
}

/** What a node of any version does all day: read a phone with its orders, write its check-in. */
async function checkInAsBefore(client: Client, turn: number): Promise<void> {
	const device = `d${(turn % 20) + 1}`;
	await client.query(
		"SELECT d.contract_id, e.state, c.counter FROM devices d JOIN enrollments e USING (device_id) JOIN check_ins c USING (device_id) WHERE device_id = $1",
		[device],
	);
	await client.query("SELECT envelope FROM orders WHERE device_id = $1 AND state = 'pending'", [device]);
	await client.query("UPDATE check_ins SET at = at WHERE device_id = $1", [device]);
	await client.query("SELECT state, paid_minor FROM contracts WHERE device_id = $1", [device]);
}

test.each(MIGRATION_NAMES.slice(0, -1))(
	"a database of %s comes to this version with every row, and a node of that version goes on meanwhile",
	async (name) => {
		const connection = await emptyDatabase();
		const old = await openUnmigrated(connection);
		await migrateTo(old.kysely, name);
		await old.close();
		await asking(connection, async (client) => {
			await fillBook(client);
			const tables = await columnsOf(client);
			const before = await rowsOf(client, tables);
			let isDone = false;
			const node = asking({ ...connection, lock_timeout: 5000 }, async (other) => {
				for (let turn = 0; !isDone; turn += 1) await checkInAsBefore(other, turn);
			});
			const upgraded = await openDatabase(connection).finally(() => {
				isDone = true;
			});
			await node;
			expect(await rowsOf(client, tables)).toEqual(before);
			// What the new version asks of the old rows is there.
			expect(await upgraded.kysely.selectFrom("contracts").select(["standing", "is_pruned"]).distinct().execute()).toHaveLength(
				1,
			);
			await upgraded.close();
		});
	},
);

describe("a migration", () => {
	/** Those of 2026 came before there was anything to upgrade. */
	const FIRST_WITH_USERS = "2027";

	test("of a version that has users locks no table with rows in it against them: it adds first, and takes away a version later", async () => {
		const connection = await emptyDatabase();
		const database = await openUnmigrated(connection);
		const locked: Record<string, string[]> = {};
		await asking(connection, async (client) => {
			for (const [index, name] of MIGRATION_NAMES.entries()) {
				const there = index === 0 ? [] : (await columnsOf(client)).map(({ table }) => table);
				await client.query(TRACE_LOCKS);
				await migrateTo(database.kysely, name);
				const { rows } = await client.query<{ table: string }>("SELECT DISTINCT relation AS table FROM lock_trace");
				locked[name] = rows
					.map(({ table }) => table)
					.filter((table) => there.includes(table))
					.sort();
				await client.query("DROP EVENT TRIGGER trace_locks; DROP FUNCTION trace_locks; DROP TABLE lock_trace");
				if (index === 0) await fillBook(client);
			}
		});
		await migrate(database.kysely);
		await database.close();
		// The trace sees what it should: this one changed a table that everybody reads.
		expect(locked["2026-06-console"]).toContain("contracts");
		const forbidden = Object.entries(locked).filter(([name, tables]) => name >= FIRST_WITH_USERS && tables.length > 0);
		expect(forbidden).toEqual([]);
	});

	/** After each statement that changes a table, which ones this transaction keeps from being read. */
	const TRACE_LOCKS = `
		CREATE TABLE lock_trace (relation text);
		CREATE FUNCTION trace_locks() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO lock_trace SELECT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
			WHERE l.pid = pg_backend_pid() AND l.mode = 'AccessExclusiveLock' AND c.relkind IN ('r', 'p');
		END $$;
		CREATE EVENT TRIGGER trace_locks ON ddl_command_end EXECUTE FUNCTION trace_locks()`;
});
