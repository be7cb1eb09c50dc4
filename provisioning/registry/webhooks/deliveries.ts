import { sql } from "kysely";

import { readCursor, writeCursor } from "../cursor.ts";
import type { WebhookDeliveriesTable } from "../database/webhook-schema.ts";
import type { RegistryContext } from "../registry-context.ts";
import type { WebhookAttemptList, WebhookDeliveryList, WebhookDeliveryQuery } from "../webhook-request.ts";
import { unknownEndpoint } from "./endpoints.ts";

const LIST = "webhook-deliveries";
const USUAL_PAGE = 50;

/** What an endpoint was told, is owed or was not told, the newest event first. */
export async function listDeliveries(
	context: RegistryContext,
	endpointId: string,
	{ state, limit = USUAL_PAGE, cursor }: WebhookDeliveryQuery,
): Promise<WebhookDeliveryList> {
	await requireEndpoint(context, endpointId);
	const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : readCursor(LIST, cursor, ["number"] as const)[0];
	const { rows } = await sql<
		Omit<WebhookDeliveriesTable, "attempts"> & {
			attempts: number;
			event_id: string;
			type: string;
			at: number;
			status: number | null;
			why: string | null;
		}
	>`SELECT d.*, event.event_id, event.type, event.at, last.status, last.why
		FROM webhook_deliveries d
		JOIN webhook_events event ON event.subject = d.subject AND event.number = d.number
		LEFT JOIN LATERAL (SELECT status, why FROM webhook_attempts a WHERE a.subject = d.subject AND a.number = d.number
			AND a.endpoint_id = d.endpoint_id ORDER BY a.at DESC, a.attempt LIMIT 1) last ON true
		WHERE d.endpoint_id = ${endpointId} AND d.number < ${before}::bigint AND (${state ?? null}::text IS NULL OR d.state = ${state ?? null})
		ORDER BY d.number DESC LIMIT ${limit + 1}::int`.execute(context.database.kysely);
	const page = rows.slice(0, limit);
	const last = page.at(-1);
	return {
		deliveries: page.map((row) => ({
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
		...(rows.length > limit && last ? { nextCursor: writeCursor(LIST, [last.number]) } : {}),
	};
}

/** Every attempt to tell an endpoint of one event, the newest first, 200 at most. */
export async function listAttempts(context: RegistryContext, endpointId: string, eventId: string): Promise<WebhookAttemptList> {
	await requireEndpoint(context, endpointId);
	const rows = await context.database.kysely
		.selectFrom("webhook_attempts as a")
		.innerJoin("webhook_events as event", (join) =>
			join.onRef("event.subject", "=", "a.subject").onRef("event.number", "=", "a.number"),
		)
		.select(["a.at", "a.duration_ms", "a.status", "a.why", "a.answer"])
		.where("event.event_id", "=", eventId)
		.where("a.endpoint_id", "=", endpointId)
		.orderBy("a.at", "desc")
		.orderBy("a.attempt")
		.limit(200)
		.execute();
	return {
		attempts: rows.map(({ at, duration_ms, status, why, answer }) => ({
			atUnixSeconds: at,
			durationMs: duration_ms,
			...(status === null ? {} : { status }),
			...(why === null ? {} : { why }),
			...(answer === null ? {} : { answer }),
		})),
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
