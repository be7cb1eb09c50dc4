import { statfs } from "node:fs/promises";

import { sql } from "kysely";

import { breakerLimits, readBreaker } from "../fleet/fleet-breaker.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Silent for so many days or more. */
export const SILENT_DAYS = [3, 7, 14, 30] as const;

/** All phones together and the database, as one number each. Times are Unix seconds; `undefined`: there is none. */
export interface FleetReading {
	readonly phones: number;
	/** Of open contracts, in the order of {@link SILENT_DAYS}. */
	readonly silent: readonly number[];
	/** Phones that reported that they are newly locked. */
	readonly locks: { readonly hour: number; readonly day: number };
	/** Orders to lock that were signed, and how many may be. */
	readonly restricts: { readonly hour: number; readonly day: number; readonly hourAllowed: number; readonly dayAllowed: number };
	readonly breakerOpen: boolean;
	readonly feed: { readonly stale: boolean; readonly lastAt: number | undefined; readonly pausedUntil: number };
	readonly pendingOrders: { readonly count: number; readonly oldestAt: number | undefined };
	readonly serviceCases: number;
	/** Events that endpoints are owed, since when one of them fails, and how many were given up. */
	readonly webhooks: { readonly waiting: number; readonly failingSince: number | undefined; readonly disabled: number };
	readonly attestationListAt: number | undefined;
	/** How far this node's clock is ahead of the database's, seconds. */
	readonly clockOffset: number;
	readonly databaseBytes: number;
}

/** Each is a range of an index or one row, so that a scrape costs a large fleet no more than a small one. */
export async function readFleetFigures(context: RegistryContext): Promise<FleetReading> {
	const { kysely } = context.database;
	const now = nowSeconds(context);
	const today = Math.floor(now / DAY);
	const clockOffset = await readClockOffset(context);
	const [state, stale, breaker, counts] = await Promise.all([
		context.fleet.state(),
		context.isPaymentFeedStale(),
		breakerLimits(context).then((limits) => readBreaker(context, kysely, limits)),
		sql<{
			silent: number[];
			locks_hour: number;
			locks_day: number;
			pending: number;
			oldest: number | null;
			cases: number;
			list_at: number | null;
			told_waiting: number;
			told_failing: number | null;
			told_disabled: number;
			bytes: number;
		}>`SELECT
			ARRAY[${sql.join(
				SILENT_DAYS.map(
					(days) =>
						sql`(SELECT count(*)::float8 FROM contracts WHERE state = 'open' AND seen_day BETWEEN 1 AND ${today - days}::int)`,
				),
			)}] AS silent,
			(SELECT count(*) FROM standing_changes WHERE after IN (4, 5) AND before NOT IN (4, 5) AND at > ${now - HOUR}::bigint) AS locks_hour,
			(SELECT count(*) FROM standing_changes WHERE after IN (4, 5) AND before NOT IN (4, 5) AND at > ${now - DAY}::bigint) AS locks_day,
			(SELECT count(*) FROM orders WHERE state = 'pending') AS pending,
			(SELECT min(issued_at) FROM orders WHERE state = 'pending') AS oldest,
			(SELECT count(*) FROM service_cases WHERE state = 'asked') AS cases,
			(SELECT max(installed_at) FROM attestation_trust) AS list_at,
			(SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting') AS told_waiting,
			(SELECT min(failing_since) FROM webhook_endpoints WHERE state = 'enabled') AS told_failing,
			(SELECT count(*) FROM webhook_endpoints WHERE state = 'disabled' AND disabled_because <> 'asked') AS told_disabled,
			pg_database_size(current_database()) AS bytes`.execute(kysely),
	]);
	const [row] = counts.rows;
	if (!row) throw new Error("the database gave no figures");
	return {
		phones: breaker.fleet,
		silent: row.silent,
		locks: { hour: row.locks_hour, day: row.locks_day },
		restricts: {
			hour: breaker.hour.used,
			day: breaker.day.used,
			hourAllowed: breaker.hour.allowed,
			dayAllowed: breaker.day.allowed,
		},
		breakerOpen: breaker.open,
		feed: { stale, lastAt: state.feed_last_at || undefined, pausedUntil: state.paused_until },
		pendingOrders: { count: row.pending, oldestAt: row.oldest ?? undefined },
		serviceCases: row.cases,
		webhooks: { waiting: row.told_waiting, failingSince: row.told_failing ?? undefined, disabled: row.told_disabled },
		attestationListAt: row.list_at ?? undefined,
		clockOffset,
		databaseBytes: row.bytes,
	};
}

/** The database said its time somewhere between the question and the answer: half of that is how far this may be wrong. */
async function readClockOffset({ clock, database }: RegistryContext): Promise<number> {
	const askedMs = clock.nowMs();
	const { rows } = await sql<{ ms: number }>`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`.execute(
		database.kysely,
	);
	const middleMs = (askedMs + clock.nowMs()) / 2;
	return (middleMs - (rows[0]?.ms ?? middleMs)) / 1000;
}

/** Of the disk that a folder lies on, in bytes. */
export async function readDisk(folder: string): Promise<{ free: number; size: number }> {
	const { bsize, bavail, blocks } = await statfs(folder);
	return { free: bsize * bavail, size: bsize * blocks };
}
