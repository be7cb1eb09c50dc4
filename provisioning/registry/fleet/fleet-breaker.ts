import { sql } from "kysely";
import { needSecondPerson } from "../access/second-person.ts";
import type { OrderRequest } from "../api.ts";
import type { Connection } from "../database/database.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { FleetState } from "./fleet-watch.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** How many restrict orders went out, and how many may. */
export interface BreakerReading {
	/** Another one is refused. */
	readonly open: boolean;
	readonly fleet: number;
	readonly hour: { readonly used: number; readonly allowed: number };
	readonly day: { readonly used: number; readonly allowed: number };
}

/**
 * Reads the breaker. What counts is every restrict order that was signed, whatever its phone made of it; one that was signed again after
 * a rotation of the keys counts once.
 */
export async function readBreaker(
	context: RegistryContext,
	connection: Connection,
	limits: BreakerLimits,
): Promise<BreakerReading> {
	const now = nowSeconds(context);
	const { rows } = await sql<{
		hour: number;
		day: number;
	}>`SELECT count(*) FILTER (WHERE issued_at > ${now - HOUR}::bigint) AS hour, count(*) AS day
		FROM orders WHERE action = 'restrict' AND NOT reissued AND issued_at > ${now - DAY}::bigint`.execute(connection);
	const hour = { used: rows[0]?.hour ?? 0, allowed: limits.perHour };
	const day = { used: rows[0]?.day ?? 0, allowed: limits.perDay };
	return { open: hour.used >= hour.allowed || day.used >= day.allowed, fleet: limits.fleet, hour, day };
}

/** Restrict orders that may go out. */
export interface BreakerLimits {
	readonly fleet: number;
	readonly perHour: number;
	readonly perDay: number;
}

/** Read before a transaction begins: a transaction that waits for another connection may wait for ever. */
export async function breakerLimits({ fleet }: Pick<RegistryContext, "fleet">): Promise<BreakerLimits> {
	const [state, size] = await Promise.all([fleet.state(), fleet.size()]);
	return limitsFor(state, size);
}

export function limitsFor(
	state: Pick<FleetState, "locks_per_hour_permille" | "locks_per_day_permille" | "least_locks_per_hour" | "least_locks_per_day">,
	fleet: number,
): BreakerLimits {
	const share = (permille: number, least: number) => Math.max(least, Math.floor((fleet * permille) / 1000));
	return {
		fleet,
		perHour: share(state.locks_per_hour_permille, state.least_locks_per_hour),
		perDay: share(state.locks_per_day_permille, state.least_locks_per_day),
	};
}

/**
 * Stands before every new restrict order, in its transaction: a wrong list, or a thief, stops after a few phones. The lock makes
 * restrict orders of all registries wait for each other, so that no two count the same place. Loosening never comes here.
 *
 * @throws {Refusal} FLEET_BREAKER, until a second person has agreed to this order.
 */
export async function passBreaker(
	context: RegistryContext,
	connection: Connection,
	limits: BreakerLimits,
	contractId: string,
	request: OrderRequest,
): Promise<void> {
	await sql`SELECT pg_advisory_xact_lock(hashtextextended('fleet/breaker', 0))`.execute(connection);
	const { open, hour, day } = await readBreaker(context, connection, limits);
	if (!open) return;
	needSecondPerson(
		{ kind: "fleet.breaker", subject: contractId, request },
		{
			detail: `Too many phones were to be locked: ${hour.used} in the last hour (${hour.allowed} allowed), ${day.used} in the last day (${day.allowed} allowed).`,
			next: "Check the list: are the payments in? If it is right, let a second person agree, or wait.",
			details: {
				hourUsed: String(hour.used),
				hourAllowed: String(hour.allowed),
				dayUsed: String(day.used),
				dayAllowed: String(day.allowed),
			},
		},
	);
}
