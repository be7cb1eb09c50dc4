import { sql } from "kysely";

import { appendAudit } from "../audit-log.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { lockEndpoint } from "./endpoints.ts";
import { MOST_REPLAYED, type WebhookReplay, type WebhookReplayed } from "./webhook-request.ts";

/**
 * Puts events in an endpoint's queue again, under their own ids: whoever took one before knows it again. Works for a disabled endpoint
 * too; then they wait with the rest. Of a time, those that the endpoint asks for by its event types, in the order of their numbers.
 *
 * @throws {Refusal} NOT_FOUND.
 */
export async function replay(context: RegistryContext, endpointId: string, request: WebhookReplay): Promise<WebhookReplayed> {
	return inTransaction(context, async (transaction) => {
		await lockEndpoint(transaction, endpointId);
		const now = nowSeconds(context);
		const chosen =
			"eventId" in request
				? sql`SELECT subject, number FROM webhook_events WHERE event_id = ${request.eventId}
					AND (type NOT IN ('webhook.test', 'webhook.disabled') OR EXISTS (SELECT FROM webhook_deliveries told
						WHERE told.subject = webhook_events.subject AND told.number = webhook_events.number AND told.endpoint_id = ${endpointId}))`
				: sql`SELECT event.subject, event.number FROM webhook_events event
					JOIN webhook_endpoints endpoint ON endpoint.endpoint_id = ${endpointId}
					WHERE event.at >= ${request.sinceUnixSeconds}::bigint AND event.at < ${request.untilUnixSeconds ?? now + 1}::bigint
						AND event.number > ${request.afterSequence ?? 0}::bigint
						AND event.type NOT IN ('webhook.test', 'webhook.disabled')
						AND (endpoint.event_types = '{}' OR event.type = ANY(endpoint.event_types))
					ORDER BY event.number LIMIT ${MOST_REPLAYED}::int`;
		const again = "eventId" in request || request.onlyUndelivered === false ? ["delivered", "given_up"] : ["given_up"];
		const { rows } = await sql<{
			looked: number;
			last: number | null;
			queued: number;
		}>`WITH chosen AS MATERIALIZED (${chosen}), put AS (
				INSERT INTO webhook_deliveries AS d (subject, number, endpoint_id, state, next_at)
				SELECT subject, number, ${endpointId}, 'waiting', ${now}::bigint FROM chosen
				ON CONFLICT (subject, number, endpoint_id) DO UPDATE
					SET state = 'waiting', attempts = 0, next_at = ${now}::bigint, lease = NULL, settled_at = NULL
					WHERE d.state = ANY(${again}::text[])
				RETURNING 1
			)
			SELECT (SELECT count(*) FROM chosen) AS looked, (SELECT max(number) FROM chosen) AS last, (SELECT count(*) FROM put) AS queued`.execute(
			transaction,
		);
		const [{ looked, last, queued } = { looked: 0, last: null, queued: 0 }] = rows;
		if ("eventId" in request && looked === 0)
			throw refusal("NOT_FOUND", "There is no such event any more.", "Events are kept for 30 days. Read the contract itself.");
		await appendAudit(transaction, {
			subject: `webhook/${endpointId}`,
			at: now,
			actor: context.actor,
			action: "webhook.replayed",
			details: { queued, ...("eventId" in request ? { eventId: request.eventId } : { since: request.sinceUnixSeconds }) },
		});
		return { queued, ...(looked < MOST_REPLAYED || last === null ? {} : { nextAfterSequence: last }) };
	});
}
