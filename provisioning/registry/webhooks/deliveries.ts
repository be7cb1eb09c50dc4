import { sql } from "kysely";

import { pagedList } from "../cursor.ts";
import type { WebhookDeliveriesTable } from "../database/webhook-schema.ts";
import type { PageQuery } from "../page-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import { unknownEndpoint } from "./endpoints.ts";
import type { WebhookAttemptList, WebhookDeliveryList, WebhookDeliveryQuery } from "./webhook-request.ts";

const DELIVERIES = pagedList("webhook-deliveries", ["number"]);

interface DeliveryRow extends Omit<WebhookDeliveriesTable, "attempts"> {
	readonly attempts: number;
	readonly event_id: string;
	readonly type: string;
	readonly at: number;
	readonly status: number | null;
	readonly why: string | null;
}

/** What an endpoint was told, is owed or was not told, the newest event first, a page at a time. */
export async function listDeliveries(
	context: RegistryContext,
	endpointId: string,
	{ state, ...query }: WebhookDeliveryQuery,
): Promise<WebhookDeliveryList> {
	await requireEndpoint(context, endpointId);
	const { rows, end } = await DELIVERIES.read(
		query,
		async ([before] = [Number.MAX_SAFE_INTEGER], count) => {
			const found = await sql<DeliveryRow>`SELECT d.*, event.event_id, event.type, event.at, last.status, last.why
				FROM webhook_deliveries d
				JOIN webhook_events event ON event.subject = d.subject AND event.number = d.number
				LEFT JOIN LATERAL (SELECT status, why FROM webhook_attempts a WHERE a.subject = d.subject AND a.number = d.number
					AND a.endpoint_id = d.endpoint_id ORDER BY a.at DESC, a.attempt DESC LIMIT 1) last ON true
				WHERE d.endpoint_id = ${endpointId} AND d.number < ${before}::bigint AND (${state ?? null}::text IS NULL OR d.state = ${state ?? null})
				ORDER BY d.number DESC LIMIT ${count}::int`.execute(context.database.kysely);
			return found.rows;
		},
		({ number }) => [number],
	);
	return {
		deliveries: rows.map((row) => ({
			eventId: row.event_id,
			type: row.type,
			sequence: row.number,
			atUnixSeconds: row.at,
			...(isContract(row.subject) ? { contractId: row.subject } : {}),
			state: row.state,
			attempts: row.attempts,
			...(row.state === "waiting" ? { nextAttemptAtUnixSeconds: row.next_at } : {}),
			...(row.settled_at === null ? {} : { settledAtUnixSeconds: row.settled_at }),
			...(row.status === null ? {} : { lastStatus: row.status }),
			...(row.why === null ? {} : { lastWhy: row.why }),
		})),
		...end,
	};
}

const ATTEMPTS = pagedList("webhook-attempts", ["number", "string"]);

/** Every attempt to tell an endpoint of one event, the newest first, a page at a time. */
export async function listAttempts(
	context: RegistryContext,
	endpointId: string,
	eventId: string,
	query: PageQuery,
): Promise<WebhookAttemptList> {
	await requireEndpoint(context, endpointId);
	const { rows, end } = await ATTEMPTS.read(
		query,
		(before, count) =>
			context.database.kysely
				.selectFrom("webhook_attempts as a")
				.innerJoin("webhook_events as event", (join) =>
					join.onRef("event.subject", "=", "a.subject").onRef("event.number", "=", "a.number"),
				)
				.select(["a.at", "a.attempt", "a.duration_ms", "a.status", "a.why", "a.answer"])
				.where("event.event_id", "=", eventId)
				.where("a.endpoint_id", "=", endpointId)
				.$if(before !== undefined, (list) =>
					list.where(sql<boolean>`(a.at, a.attempt) < (${before?.[0]}::bigint, ${before?.[1]})`),
				)
				.orderBy("a.at", "desc")
				.orderBy("a.attempt", "desc")
				.limit(count)
				.execute(),
		({ at, attempt }) => [at, attempt],
	);
	return {
		attempts: rows.map(({ at, duration_ms, status, why, answer }) => ({
			atUnixSeconds: at,
			durationMs: duration_ms,
			...(status === null ? {} : { status }),
			...(why === null ? {} : { why }),
			...(answer === null ? {} : { answer }),
		})),
		...end,
	};
}

async function requireEndpoint({ database }: RegistryContext, endpointId: string): Promise<void> {
	const found = await database.kysely
		.selectFrom("webhook_endpoints")
		.select("endpoint_id")
		.where("endpoint_id", "=", endpointId)
		.executeTakeFirst();
	if (!found) throw unknownEndpoint();
}

/** The other subjects are such as `registry/fleet` and `webhook/<endpoint>`: no contract's number has a stroke. */
function isContract(subject: string): boolean {
	return !subject.includes("/");
}
