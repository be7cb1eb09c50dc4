/** Exports `openDatabase(connection): Promise<RegistryDatabase>` for any PostgreSQL, 14 or later. */
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import { type ClientConfig, Pool, types } from "pg";

import { DatabaseError } from "./database-error.ts";
import { droppingPool } from "./dropping-pool.ts";
import { KEEP_ALIVE } from "./keep-alive.ts";
import { migrate } from "./migrations.ts";
import type { Tables } from "./schema.ts";

/** Type oid of bigint (pg_type.dat). */
const INT8 = 20;
const POOL_SIZE = 12;
const STATEMENT_DEADLINE_MS = 10_000;
const MIGRATION_DEADLINE_MS = 3600 * 1000;

export interface RegistryDatabase {
	readonly kysely: Kysely<Tables>;
	/** For prepared statements, which Kysely does not make. */
	readonly pool: Pool;
	/** Ends when every statement under way has ended. */
	close(): Promise<void>;
}

/** A connection, or a transaction on one. */
export type Connection = Kysely<Tables> | Transaction<Tables>;

/**
 * Connects and migrates.
 *
 * @throws {DatabaseError} UNREACHABLE, MIGRATION_FAILED.
 */
export async function openDatabase(connection: ClientConfig): Promise<RegistryDatabase> {
	// On connections of its own: an index over ten million rows takes longer than any request may.
	const migrating = await openUnmigrated(connection, MIGRATION_DEADLINE_MS);
	try {
		await migrate(migrating.kysely);
	} finally {
		await migrating.close();
	}
	return openUnmigrated(connection);
}

/**
 * Connects, and leaves the tables as they are: for what has to see a database as an earlier version left it.
 *
 * @param deadlineMs of one statement.
 * @throws {DatabaseError} UNREACHABLE.
 */
export async function openUnmigrated(connection: ClientConfig, deadlineMs = STATEMENT_DEADLINE_MS): Promise<RegistryDatabase> {
	const pool = new Pool({
		...connection,
		...KEEP_ALIVE,
		max: POOL_SIZE,
		connectionTimeoutMillis: 5000,
		statement_timeout: deadlineMs,
		query_timeout: deadlineMs + 1000,
		idle_in_transaction_session_timeout: STATEMENT_DEADLINE_MS,
		lock_timeout: 5000,
		types: {
			// Every bigint here is a time, a counter or an amount below 2^53; beyond that, fail rather than round.
			getTypeParser: (oid, format) => (oid === INT8 && format !== "binary" ? safeInteger : types.getTypeParser(oid, format)),
		},
	});
	// A connection that breaks is replaced at the next use, and a statement under way is refused. Without these listeners
	// the loss would end the process: the pool hears of idle connections only, so each is listened to while lent out as well.
	pool.on("error", () => undefined);
	pool.on("connect", (client) => client.on("error", () => undefined));
	const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: droppingPool(pool) }) });
	try {
		await pool.query("SELECT 1").catch((cause: unknown) => {
			throw new DatabaseError(
				"UNREACHABLE",
				`The database does not answer: ${cause instanceof Error ? cause.message : "no reason given"}`,
				{ cause },
			);
		});
	} catch (error) {
		await kysely.destroy();
		throw error;
	}
	return { kysely, pool, close: () => kysely.destroy() };
}

function safeInteger(text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value)) throw new RangeError("a bigint beyond 2^53-1");
	return value;
}
