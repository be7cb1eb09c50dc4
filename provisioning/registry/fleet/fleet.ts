import { sql } from "kysely";
import { inTransactionOfTwo, needSecondPerson } from "../access/second-person.ts";
import { appendAudit } from "../audit-log.ts";
import { STANDINGS } from "../enrollment/enrollment-status.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { breakerLimits, limitsFor, readBreaker } from "./fleet-breaker.ts";
import { latestExtensions } from "./fleet-extend.ts";
import type { Fleet, FleetSettings, FleetSettingsChange } from "./fleet-request.ts";
import { type FleetState, feedStaleAt } from "./fleet-watch.ts";

const DAY = 24 * 3600;
const DAYS_SHOWN = 14;
/** Silent for so many days or more. */
const SILENT_DAYS = [3, 7, 14, 30] as const;

/** All phones together, as they stand now. */
export async function readFleet(context: RegistryContext): Promise<Fleet> {
	const { kysely } = context.database;
	const now = nowSeconds(context);
	const today = Math.floor(now / DAY);
	const since = (today - DAYS_SHOWN + 1) * DAY;
	const [state, counts, dues, locks, orders, breaker, stale, extensions] = await Promise.all([
		context.fleet.state(),
		sql<{ state: string; standing: number; count: number }>`SELECT state, standing, count(*) AS count FROM contracts
			GROUP BY state, standing`.execute(kysely),
		// Both are ranges of an index; the longest silent first.
		sql<{ overdue: number; silent: number[] }>`SELECT
			(SELECT count(*) FROM contracts WHERE state = 'open' AND paid_until < ${now}::bigint) AS overdue,
			ARRAY[${sql.join(
				SILENT_DAYS.map(
					(days) =>
						sql`(SELECT count(*)::float8 FROM contracts WHERE state = 'open' AND seen_day BETWEEN 1 AND ${today - days}::int)`,
				),
			)}] AS silent`.execute(kysely),
		sql<{ day: number; count: number }>`SELECT at / ${DAY}::bigint AS day, count(*) AS count FROM standing_changes
			WHERE after IN (4, 5) AND before NOT IN (4, 5) AND at >= ${since}::bigint GROUP BY 1`.execute(kysely),
		sql<{ day: number; count: number }>`SELECT issued_at / ${DAY}::bigint AS day, count(*) AS count FROM orders
			WHERE action = 'restrict' AND NOT reissued AND issued_at >= ${since}::bigint GROUP BY 1`.execute(kysely),
		breakerLimits(context).then((limits) => readBreaker(context, kysely, limits)),
		context.isPaymentFeedStale(),
		latestExtensions(context),
	]);
	const inState = (name: string) => counts.rows.filter((row) => row.state === name).reduce((sum, { count }) => sum + count, 0);
	const on = (rows: readonly { day: number; count: number }[], day: number) => rows.find((row) => row.day === day)?.count ?? 0;
	return {
		contracts: {
			open: inState("open"),
			paidOff: inState("paid_off"),
			returned: inState("returned"),
			released: inState("released"),
		},
		standings: Object.fromEntries(
			counts.rows.filter((row) => row.state === "open").map(({ standing, count }) => [STANDINGS[standing] ?? "none", count]),
		),
		payments: { overdue: dues.rows[0]?.overdue ?? 0 },
		silent: SILENT_DAYS.map((days, index) => ({ days, phones: dues.rows[0]?.silent[index] ?? 0 })),
		newLocks: Array.from({ length: DAYS_SHOWN }, (_, index) => {
			const day = today - DAYS_SHOWN + 1 + index;
			return { dayStartUnixSeconds: day * DAY, locks: on(locks.rows, day), orders: on(orders.rows, day) };
		}),
		breaker,
		feed: { stale, ...feedJson(state, now) },
		settings: settingsJson(state),
		extensions,
	};
}

function feedJson(state: FleetState, now: number): Omit<Fleet["feed"], "stale"> {
	const staleAt = feedStaleAt(state);
	return {
		...(state.feed_last_at === 0 ? {} : { lastUnixSeconds: state.feed_last_at }),
		...(Number.isFinite(staleAt) ? { staleAtUnixSeconds: staleAt } : {}),
		...(state.paused_until > now ? { pausedUntilUnixSeconds: state.paused_until } : {}),
	};
}

function settingsJson(state: FleetState): FleetSettings {
	return {
		locksPerHourPermille: state.locks_per_hour_permille,
		locksPerDayPermille: state.locks_per_day_permille,
		leastLocksPerHour: state.least_locks_per_hour,
		leastLocksPerDay: state.least_locks_per_day,
		feedStaleAfterHours: state.feed_stale_after_hours,
	};
}

/**
 * Changes the fleet's settings. What lets more phones be locked, or be locked on older news of payments, takes a second person; what
 * lets fewer takes one.
 *
 * @throws {Refusal} FLEET_BREAKER, until a second person has agreed.
 */
export async function changeFleetSettings(context: RegistryContext, change: FleetSettingsChange): Promise<FleetSettings> {
	const fleet = await context.fleet.size();
	const settings = await inTransactionOfTwo(context, async (transaction, agreement) => {
		const before = await transaction
			.selectFrom("fleet_settings")
			.selectAll()
			.where("id", "=", 1)
			.forUpdate()
			.executeTakeFirstOrThrow();
		const after: FleetState = {
			...before,
			locks_per_hour_permille: change.locksPerHourPermille ?? before.locks_per_hour_permille,
			locks_per_day_permille: change.locksPerDayPermille ?? before.locks_per_day_permille,
			least_locks_per_hour: change.leastLocksPerHour ?? before.least_locks_per_hour,
			least_locks_per_day: change.leastLocksPerDay ?? before.least_locks_per_day,
			feed_stale_after_hours: change.feedStaleAfterHours ?? before.feed_stale_after_hours,
		};
		if (after.feed_stale_after_hours > 0 && before.feed_stale_after_hours === 0) after.feed_watched_since = nowSeconds(context);
		if (!agreement && letsMoreBeLocked(before, after, fleet)) {
			needSecondPerson(
				{ kind: "fleet.settings", subject: "fleet", request: change },
				{ detail: "This lets more phones be locked than now: it takes a second person.", next: "Ask another admin to agree." },
			);
		}
		await transaction.updateTable("fleet_settings").set(after).where("id", "=", 1).execute();
		const { feedStaleAfterHours, ...limits } = settingsJson(after);
		await appendAudit(transaction, {
			subject: "fleet",
			at: nowSeconds(context),
			actor: context.actor,
			action: "fleet.settings",
			details: { ...limits, feedStaleAfterHours, ...(agreement ? { approvedBy: agreement.approvedBy } : {}) },
		});
		return settingsJson(after);
	});
	context.fleet.forget();
	return settings;
}

function letsMoreBeLocked(before: FleetState, after: FleetState, fleet: number): boolean {
	// Looked at as they work on this fleet, and for one of any size: a fleet grows.
	const raises = [fleet, 0, Number.MAX_SAFE_INTEGER / 1000].some((size) => {
		const [now, then] = [limitsFor(before, size), limitsFor(after, size)];
		return then.perHour > now.perHour || then.perDay > now.perDay;
	});
	const patience = (state: FleetState) => state.feed_stale_after_hours || Number.POSITIVE_INFINITY;
	return raises || patience(after) > patience(before);
}
