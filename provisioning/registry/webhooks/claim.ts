/** Who sends what next. Any number of registries may ask at once: each delivery is given to one of them, for a while. */
import { randomBytes } from "node:crypto";

import { sql } from "kysely";

import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { ATTEMPT_DEADLINE_MS } from "./post.ts";

/** Longer than any attempt takes: whoever was killed in the middle of one keeps nobody waiting longer. */
export const LEASE_SECONDS = (2 * ATTEMPT_DEADLINE_MS) / 1000 + 30;
/** Of one endpoint at the same time, from one registry. */
const MOST_AT_ONCE = 16;

/** A delivery that we may try. */
export interface ClaimedDelivery {
	readonly subject: string;
	readonly number: number;
	readonly endpoint_id: string;
	readonly attempts: number;
	readonly lease: string;
	readonly event_id: string;
	readonly type: string;
	readonly at: number;
	readonly data: string;
	readonly url: string;
}

/**
 * Takes what is due, at most {@link MOST_AT_ONCE} of each endpoint, and one alone of an endpoint that could take nothing last time. Of
 * the events of one subject only the first that is still owed to an endpoint is taken: they go out in order.
 *
 * @param busy endpoints that are passed over, because what we sent them before is still under way.
 */
export async function claimDue(context: RegistryContext, busy: readonly string[]): Promise<readonly ClaimedDelivery[]> {
	const now = nowSeconds(context);
	const lease = randomBytes(12).toString("hex");
	const { rows } = await sql<ClaimedDelivery>`WITH due AS MATERIALIZED (
			SELECT owed.subject, owed.number, owed.endpoint_id FROM webhook_endpoints endpoint CROSS JOIN LATERAL (
				SELECT d.subject, d.number, d.endpoint_id FROM webhook_deliveries d
				WHERE d.endpoint_id = endpoint.endpoint_id AND d.state = 'waiting' AND d.next_at <= ${now}::bigint
					AND NOT EXISTS (SELECT FROM webhook_deliveries before WHERE before.subject = d.subject AND before.number < d.number
						AND before.endpoint_id = d.endpoint_id AND before.state = 'waiting')
				ORDER BY d.next_at, d.number
				LIMIT CASE WHEN endpoint.failures > 0 THEN 1 ELSE ${MOST_AT_ONCE}::int END
				FOR UPDATE OF d SKIP LOCKED
			) owed
			WHERE endpoint.state = 'enabled' AND endpoint.quiet_until <= ${now}::bigint AND endpoint.endpoint_id <> ALL(${[...busy]}::text[])
		)
		UPDATE webhook_deliveries d SET next_at = ${now + LEASE_SECONDS}::bigint, lease = ${lease}, attempts = d.attempts + 1
		FROM due, webhook_events event, webhook_endpoints endpoint
		WHERE d.subject = due.subject AND d.number = due.number AND d.endpoint_id = due.endpoint_id AND d.state = 'waiting'
			AND event.subject = d.subject AND event.number = d.number AND endpoint.endpoint_id = d.endpoint_id
		RETURNING d.subject, d.number, d.endpoint_id, d.attempts, d.lease, event.event_id, event.type, event.at, event.data, endpoint.url`.execute(
		context.database.kysely,
	);
	return rows;
}

/** What became of a claimed delivery. */
export type Settlement =
	| { readonly state: "delivered" | "given_up" }
	/** To be tried again. `spared`: the attempt does not count. */
	| { readonly state: "waiting"; readonly nextAt: number; readonly spared?: boolean };

/** Writes down what became of it, unless its lease ran out and somebody else took it over. */
export async function settle(context: RegistryContext, claimed: ClaimedDelivery, settlement: Settlement): Promise<void> {
	const { subject, number, endpoint_id, lease } = claimed;
	await context.database.kysely
		.updateTable("webhook_deliveries")
		.set({
			state: settlement.state,
			lease: null,
			...(settlement.state === "waiting"
				? { next_at: settlement.nextAt, ...(settlement.spared ? { attempts: claimed.attempts - 1 } : {}) }
				: { settled_at: nowSeconds(context) }),
		})
		.where("subject", "=", subject)
		.where("number", "=", number)
		.where("endpoint_id", "=", endpoint_id)
		.where("lease", "=", lease)
		.execute();
}
