/**
 * The phones' signed check-ins as they came, `check_in_events`, in a table for each week: ten million phones that check in every six
 * hours send 280 million a week. A week is dropped as a whole, which costs nothing; rows that are deleted one by one would cost as much
 * as writing them did.
 */
import { type Kysely, sql, type Transaction } from "kysely";

import type { Tables } from "./schema.ts";

const WEEK = 7 * 24 * 3600;
/** 1970-01-01 was a Thursday: weeks begin on Mondays, 00:00 UTC. */
const FIRST_MONDAY = 4 * 24 * 3600;
/** This one and those ahead, so that a registry that fails to make them for days hurts nobody. */
const WEEKS_AHEAD = 4;
/** Takes what no week was made for: a clock that is wrong loses nothing. */
const STRAYS = "check_in_events_strays";
/** What was written before there were weeks. */
const BEFORE_WEEKS = "check_in_events_before";
/** Nobody's check-in waits longer than that for a week that is made or dropped; the next day tries again. */
const LOCK_DEADLINE = "2s";
/** Of pg_advisory_xact_lock: one registry at a time. Any number that nothing else here uses. */
const LOCK_ID = 7_240_318_001;

type Where = Kysely<Tables> | Transaction<Tables>;

/** From this one on there are weeks. */
export const EVENT_PARTITIONS_MIGRATION_NAME = "2026-12-event-weeks";

export const EVENT_PARTITIONS_MIGRATION: readonly string[] = [
	// Whoever still runs the version before writes on by the same name: what is renamed here is found by none of its statements.
	`ALTER TABLE check_in_events RENAME TO ${BEFORE_WEEKS}`,
	`ALTER TABLE ${BEFORE_WEEKS} RENAME CONSTRAINT check_in_events_pkey TO ${BEFORE_WEEKS}_pkey`,
	`CREATE TABLE check_in_events (
		device_id text NOT NULL,
		key_generation integer NOT NULL,
		counter bigint NOT NULL,
		at bigint NOT NULL,
		envelope bytea NOT NULL,
		PRIMARY KEY (device_id, key_generation, counter, at)
	) PARTITION BY RANGE (at)`,
	`CREATE TABLE ${STRAYS} PARTITION OF check_in_events DEFAULT`,
	`DO $$ BEGIN
		IF NOT EXISTS (SELECT FROM ${BEFORE_WEEKS}) THEN DROP TABLE ${BEFORE_WEEKS}; END IF;
	END $$`,
	// The one check-in of a change is kept beside it: the week that it came in may be gone before anybody asks.
	"ALTER TABLE standing_changes ADD COLUMN envelope bytea",
];

/**
 * Makes the tables of this week and of those ahead, with what of them went astray. Cheap when they are there.
 *
 * @param now Unix seconds.
 * @param weeksBack also these before it: for rows that are about to be put back.
 */
export async function makeWeeks(database: Kysely<Tables>, now: number, weeksBack = 0): Promise<void> {
	const count = weeksBack + 1 + WEEKS_AHEAD;
	const wanted = Array.from({ length: count }, (_, index) => mondayBefore(now) + (index - weeksBack) * WEEK);
	const isMissing = async (where: Where) => {
		const made = new Set((await weeksIn(where)).map(({ from }) => from));
		return wanted.filter((from) => !made.has(from));
	};
	if ((await isMissing(database)).length === 0) return;
	await changing(database, async (transaction) => {
		for (const from of await isMissing(transaction)) await makeWeek(transaction, from);
	});
}

/** Drops every week that ended before then. @param before Unix seconds. @returns how many tables are gone. */
export async function dropWeeks(database: Kysely<Tables>, before: number): Promise<number> {
	const over = (await weeksIn(database)).filter(({ from }) => from + WEEK <= before);
	// Each alone: what cannot be had now keeps nothing else waiting.
	for (const { table } of over)
		await changing(
			database,
			async (transaction) => void (await sql`DROP TABLE IF EXISTS ${sql.table(table)}`.execute(transaction)),
		);
	await sql`DELETE FROM ${sql.table(STRAYS)} WHERE at < ${before}`.execute(database);
	return over.length + (await dropBeforeWeeks(database, before));
}

/** The tables that hold a check-in of a device: where something is to be deleted by device, it is to be deleted in all of them. */
export async function eventTables(where: Where): Promise<readonly string[]> {
	return ["check_in_events", ...((await exists(where, BEFORE_WEEKS)) ? [BEFORE_WEEKS] : [])];
}

async function dropBeforeWeeks(database: Kysely<Tables>, before: number): Promise<number> {
	if (!(await exists(database, BEFORE_WEEKS))) return 0;
	const { rows } = await sql<{
		holds: boolean;
	}>`SELECT EXISTS (SELECT FROM ${sql.table(BEFORE_WEEKS)} WHERE at >= ${before}) AS holds`.execute(database);
	if (rows[0]?.holds !== false) return 0;
	await changing(
		database,
		async (transaction) => void (await sql`DROP TABLE IF EXISTS ${sql.table(BEFORE_WEEKS)}`.execute(transaction)),
	);
	return 1;
}

async function makeWeek(transaction: Transaction<Tables>, from: number): Promise<void> {
	const table = sql.table(nameOf(from));
	const strays = sql.table(STRAYS);
	await sql`CREATE TABLE ${table} (LIKE check_in_events INCLUDING ALL)`.execute(transaction);
	// A week cannot be added while the strays hold rows of it: no more come in until it is there.
	await sql`LOCK TABLE ${strays} IN ACCESS EXCLUSIVE MODE`.execute(transaction);
	await sql`WITH moved AS (DELETE FROM ${strays} WHERE at >= ${from} AND at < ${from + WEEK} RETURNING *) INSERT INTO ${table} SELECT * FROM moved`.execute(
		transaction,
	);
	await sql
		.raw(`ALTER TABLE check_in_events ATTACH PARTITION ${nameOf(from)} FOR VALUES FROM (${from}) TO (${from + WEEK})`)
		.execute(transaction);
}

async function weeksIn(where: Where): Promise<readonly { table: string; from: number }[]> {
	const { rows } = await sql<{ table: string }>`SELECT c.relname AS table FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'check_in_events'::regclass`.execute(where);
	return rows.flatMap(({ table }) => {
		const [, year, month, day] = /^check_in_events_(\d{4})(\d\d)(\d\d)$/.exec(table) ?? [];
		return day === undefined ? [] : [{ table, from: Date.UTC(Number(year), Number(month) - 1, Number(day)) / 1000 }];
	});
}

async function exists(where: Where, table: string): Promise<boolean> {
	const { rows } = await sql<{ exists: boolean }>`SELECT to_regclass(${table}) IS NOT NULL AS exists`.execute(where);
	return rows[0]?.exists === true;
}

function changing(database: Kysely<Tables>, work: (transaction: Transaction<Tables>) => Promise<void>): Promise<void> {
	return database.transaction().execute(async (transaction) => {
		await sql.raw(`SET LOCAL lock_timeout = '${LOCK_DEADLINE}'`).execute(transaction);
		await sql`SELECT pg_advisory_xact_lock(${LOCK_ID})`.execute(transaction);
		await work(transaction);
	});
}

function mondayBefore(now: number): number {
	return Math.floor((now - FIRST_MONDAY) / WEEK) * WEEK + FIRST_MONDAY;
}

/** `check_in_events_20261116`, by its first day. */
function nameOf(from: number): string {
	return `check_in_events_${new Date(from * 1000).toISOString().slice(0, 10).replaceAll("-", "")}`;
}
