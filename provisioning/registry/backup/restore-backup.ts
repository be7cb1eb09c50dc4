import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

import type { ClientBase, ClientConfig } from "pg";
import { from as copyFrom } from "pg-copy-streams";

import { appendAudit } from "../audit-log.ts";
import { openDatabase, openUnmigrated } from "../database/database.ts";
import { EVENT_PARTITIONS_MIGRATION_NAME, makeWeeks } from "../database/event-partitions.ts";
import { MIGRATION_NAMES, migrateTo } from "../database/migrations.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { BackupError } from "./backup-error.ts";
import { requireFittingKeys } from "./fitting-keys.ts";
import { type BackedUpTable, type BackupManifest, readManifest, tableFile, verifyBackup } from "./manifest.ts";
import { type Settled, type SettleOptions, settleRestore } from "./settle-restore.ts";
import { tableClient } from "./table-client.ts";
import { quoted } from "./table-list.ts";

/** More than a year, and four times what is kept usually. Older check-ins are kept all the same, outside of weeks. */
const WEEKS_PUT_BACK = 60;

export interface RestoreOptions extends SettleOptions {
	/** Of a database that holds nothing yet. */
	readonly connection: ClientConfig;
	/** Whose codes and key sets the database goes on with. */
	readonly keys: Pick<LenderKeys, "current" | "codeVault">;
	readonly signal?: AbortSignal;
}

export interface Restored {
	readonly manifest: BackupManifest;
	readonly settled: Settled;
}

/**
 * Puts a backup into an empty database and settles what a database that went back in time must not go on with. Rows and settlement are
 * one transaction: killed at any moment it leaves an empty database, or a whole one that is safe to start.
 *
 * @throws {BackupError}
 */
export async function restoreBackup(folder: string, options: RestoreOptions): Promise<Restored> {
	const { connection, signal } = options;
	const manifest = await readManifest(folder);
	const last = requireKnown(manifest);
	await verifyBackup(folder, manifest, signal);
	const { kysely, close } = await openUnmigrated(connection);
	try {
		await requireEmpty(connection, manifest);
		await migrateTo(kysely, last);
		// Check-ins go back into weeks: out of one table for all, nobody could make a week of a large fleet in time.
		if (manifest.migrations.includes(EVENT_PARTITIONS_MIGRATION_NAME)) {
			await makeWeeks(kysely, Math.floor(manifest.takenAtMs / 1000), WEEKS_PUT_BACK);
		}
	} finally {
		await close();
	}
	const settled = await inOneTransaction(connection, signal, async (client) => {
		for (const { name } of [...manifest.tables].reverse()) {
			// What migrations put there by themselves. The audit log holds nothing yet, and lets nothing be deleted.
			if (name !== "audit_log") await client.query(`DELETE FROM ${quoted(placeOf(name))}`);
		}
		for (const table of manifest.tables) await fill(client, folder, table, signal);
		await requireFittingKeys(client, options.keys);
		return settleRestore(client, options);
	});
	await finish(connection, manifest, settled, options.now);
	return { manifest, settled };
}

/** The same settlement for a database that PostgreSQL's own tools put back: `pg_restore`, or a base backup without its last WAL. */
export async function settleDatabase(options: RestoreOptions): Promise<Settled> {
	const settled = await inOneTransaction(options.connection, options.signal, async (client) => {
		await requireFittingKeys(client, options.keys);
		return settleRestore(client, options);
	});
	await finish(options.connection, undefined, settled, options.now);
	return settled;
}

/** @returns the last migration of the database that was backed up. */
function requireKnown({ migrations, tool }: BackupManifest): string {
	const unknown = migrations.find((name) => !MIGRATION_NAMES.includes(name));
	if (unknown !== undefined) {
		throw new BackupError(
			"BACKUP_NEWER",
			`${tool} made this backup, and this version does not know its ${unknown}. Use that one.`,
		);
	}
	return migrations.at(-1) ?? "";
}

async function requireEmpty(connection: ClientConfig, { migrations }: BackupManifest): Promise<void> {
	const isEmpty = await inOneTransaction(connection, undefined, async (client) => {
		const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass('contracts') IS NOT NULL AS there");
		if (!rows[0]?.there) return true;
		// A restore that was killed leaves these tables, and nothing in them.
		const seen = await client.query<{ name: string }>("SELECT name FROM kysely_migration");
		if (seen.rows.some(({ name }) => !migrations.includes(name))) return false;
		return (await client.query("SELECT FROM contracts UNION ALL SELECT FROM audit_log LIMIT 1")).rowCount === 0;
	});
	if (isEmpty) return;
	throw new BackupError(
		"DATABASE_NOT_EMPTY",
		"A registry has used this database. A backup is put back into an empty one only: give another --data folder or --database.",
	);
}

/** Tables that only an upgrade leaves behind, and where their rows belong in a database that is made anew. */
const ONLY_AFTER_UPGRADES: Readonly<Record<string, string>> = { check_in_events_before: "check_in_events" };

function placeOf(table: string): string {
	return ONLY_AFTER_UPGRADES[table] ?? table;
}

async function fill(client: ClientBase, folder: string, table: BackedUpTable, signal: AbortSignal | undefined): Promise<void> {
	const copy = client.query(copyFrom(`COPY ${quoted(placeOf(table.name))} (${table.columns.map(quoted).join(", ")}) FROM STDIN`));
	await pipeline(createReadStream(tableFile(folder, table.name)), createGunzip(), copy, signal === undefined ? {} : { signal });
	if (copy.rowCount === table.rows) return;
	throw new BackupError("BACKUP_DAMAGED", `${table.name}: ${copy.rowCount} rows were put back, ${table.rows} were taken.`);
}

/** Brings it to this version, and writes down that the books went back: whoever reads a contract's log should find it. */
async function finish(
	connection: ClientConfig,
	manifest: BackupManifest | undefined,
	settled: Settled,
	now: number,
): Promise<void> {
	const { kysely, close } = await openDatabase(connection);
	try {
		await kysely.transaction().execute((transaction) =>
			appendAudit(transaction, {
				subject: "registry",
				at: now,
				actor: "registry",
				action: "registry.restored",
				details: {
					...(manifest === undefined ? {} : { takenAt: Math.floor(manifest.takenAtMs / 1000), tool: manifest.tool }),
					devices: settled.devices,
					ordersDropped: settled.ordersDropped,
					locksPausedUntil: settled.locksPausedUntil,
				},
			}),
		);
	} finally {
		await close();
	}
}

async function inOneTransaction<Value>(
	connection: ClientConfig,
	signal: AbortSignal | undefined,
	work: (client: ClientBase) => Promise<Value>,
): Promise<Value> {
	const client = tableClient(connection, "holdfast-restore");
	const abort = () => void client.end().catch(() => undefined);
	try {
		await client.connect();
		signal?.addEventListener("abort", abort, { once: true });
		signal?.throwIfAborted();
		await client.query("BEGIN");
		const value = await work(client);
		await client.query("COMMIT");
		return value;
	} catch (error) {
		signal?.throwIfAborted();
		throw error;
	} finally {
		signal?.removeEventListener("abort", abort);
		await client.end().catch(() => undefined);
	}
}
