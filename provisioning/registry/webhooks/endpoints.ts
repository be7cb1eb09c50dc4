import { type RawBuilder, sql, type Transaction } from "kysely";

import { newPublicId } from "../access/secret-id.ts";
import { appendAudit } from "../audit-log.ts";
import { pagedList } from "../cursor.ts";
import type { Connection } from "../database/database.ts";
import type { Tables } from "../database/schema.ts";
import type { WebhookEndpointsTable } from "../database/webhook-schema.ts";
import type { PageQuery } from "../page-request.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { disableIn } from "./endpoint-health.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { lockSubject, putEvent } from "./put-event.ts";
import { putSecret, readSecrets } from "./secrets.ts";
import {
	SECRET_OVERLAP_HOURS,
	type Webhook,
	type WebhookList,
	type WebhookRequest,
	type WebhookRotation,
	type WebhookSecretOnce,
} from "./webhook-request.ts";

const HOUR = 3600;
/** Each event is written once for every one of them. */
const MOST_ENDPOINTS = 20;
const COUNTED = 10_000;

const ENDPOINTS = pagedList("webhooks", ["number", "number", "string"]);

/** All of them, the enabled first, a page at a time: those that were disabled by hand are kept, however many. */
export async function listEndpoints(context: RegistryContext, query: PageQuery): Promise<WebhookList> {
	const { rows, end } = await ENDPOINTS.read(
		query,
		(place, count) => {
			const after = place
				? sql`((state = 'disabled')::int, created_at, endpoint_id) > (${place[0]}::bigint, ${place[1]}::bigint, ${place[2]})`
				: sql`true`;
			return readEndpoints(context.database.kysely, after, count);
		},
		({ state, createdAtUnixSeconds, endpointId }) => [state === "disabled" ? 1 : 0, createdAtUnixSeconds, endpointId],
	);
	return { webhooks: [...rows], ...end };
}

/** Enters an endpoint. @returns its secret, which is shown once. @throws {Refusal} BAD_REQUEST, CONFLICT (too many). */
export async function addEndpoint(
	context: RegistryContext,
	{ url, name, eventTypes = [] }: WebhookRequest,
	allowLoopback: boolean,
): Promise<WebhookSecretOnce> {
	const { href } = endpointUrl(url, allowLoopback);
	const endpointId = newPublicId();
	return inTransaction(context, async (transaction) => {
		await lockSubject(transaction, "webhook");
		await requireRoom(transaction);
		const at = nowSeconds(context);
		await transaction
			.insertInto("webhook_endpoints")
			.values({
				endpoint_id: endpointId,
				url: href,
				name,
				event_types: [...eventTypes],
				state: "enabled",
				disabled_because: null,
				disabled_at: null,
				failing_since: null,
				last_delivered_at: null,
				created_by: context.actor,
				created_at: at,
			})
			.execute();
		const secret = await putSecret(context, transaction, endpointId, 1);
		await audit(context, transaction, endpointId, "webhook.added", {
			host: new URL(href).host,
			eventTypes: eventTypes.join(" "),
		});
		return { webhook: await getEndpoint(transaction, endpointId), secret };
	});
}

/**
 * Gives an endpoint another secret. Messages are signed with the one before as well for a while; any older one ends now.
 *
 * @returns the new secret, which is shown once.
 */
export async function rotateEndpoint(
	context: RegistryContext,
	endpointId: string,
	{ overlapHours = SECRET_OVERLAP_HOURS.usual }: WebhookRotation,
): Promise<WebhookSecretOnce> {
	return inTransaction(context, async (transaction) => {
		await lockEndpoint(transaction, endpointId);
		const now = nowSeconds(context);
		// None in a registry that took over a ledger.
		const newest = await transaction
			.selectFrom("webhook_secrets")
			.select("entry")
			.where("endpoint_id", "=", endpointId)
			.orderBy("entry", "desc")
			.limit(1)
			.executeTakeFirst();
		let over = transaction.deleteFrom("webhook_secrets").where("endpoint_id", "=", endpointId);
		if (newest && overlapHours > 0) {
			over = over.where("entry", "<>", newest.entry);
			await transaction
				.updateTable("webhook_secrets")
				.set({ expires_at: now + overlapHours * HOUR })
				.where("endpoint_id", "=", endpointId)
				.where("entry", "=", newest.entry)
				.execute();
		}
		await over.execute();
		const secret = await putSecret(context, transaction, endpointId, (newest?.entry ?? 0) + 1);
		await audit(context, transaction, endpointId, "webhook.rotated", { overlapHours });
		return { webhook: await getEndpoint(transaction, endpointId), secret };
	});
}

/** Sends it nothing more; what it is owed stays owed. Once more is harmless. */
export async function disableByHand(context: RegistryContext, endpointId: string): Promise<Webhook> {
	return inTransaction(context, async (transaction) => {
		await lockEndpoint(transaction, endpointId);
		await disableIn(context, transaction, endpointId, "asked");
		return getEndpoint(transaction, endpointId);
	});
}

/** Sends it again what it is owed and what happens from now on. What happened meanwhile takes a replay. @throws {Refusal} CONFLICT. */
export async function enableEndpoint(context: RegistryContext, endpointId: string): Promise<Webhook> {
	return inTransaction(context, async (transaction) => {
		const { state, disabled_because } = await lockEndpoint(transaction, endpointId);
		if (state === "disabled") {
			await lockSubject(transaction, "webhook");
			if (disabled_because === "asked") await requireRoom(transaction);
			if ((await readSecrets(context, transaction, endpointId)).length === 0)
				throw refusal("CONFLICT", "This endpoint has no secret to sign with.", "Rotate it first: holdfast webhook rotate.");
			await transaction
				.updateTable("webhook_endpoints")
				.set({
					...{ state: "enabled", disabled_because: null, disabled_at: null },
					...{ failing_since: null, failures: 0, quiet_until: 0 },
				})
				.where("endpoint_id", "=", endpointId)
				.execute();
			await audit(context, transaction, endpointId, "webhook.enabled", {});
		}
		return getEndpoint(transaction, endpointId);
	});
}

/** Of those that are told, or would be if they had not failed. The caller holds the lock of them all. */
async function requireRoom(transaction: Transaction<Tables>): Promise<void> {
	const { count } = await transaction
		.selectFrom("webhook_endpoints")
		.select(({ fn }) => fn.countAll<number>().as("count"))
		.where(({ eb, or }) => or([eb("state", "=", "enabled"), eb("disabled_because", "<>", "asked")]))
		.executeTakeFirstOrThrow();
	if (count >= MOST_ENDPOINTS)
		throw refusal("CONFLICT", `There are ${MOST_ENDPOINTS} endpoints.`, "Disable one that nobody needs any more.");
}

/** Sends a test event to one endpoint. */
export async function testEndpoint(context: RegistryContext, endpointId: string): Promise<Webhook> {
	return inTransaction(context, async (transaction) => {
		const { state } = await lockEndpoint(transaction, endpointId);
		if (state === "disabled") throw refusal("CONFLICT", "This endpoint is disabled.", "Enable it first.");
		const subject = `webhook/${endpointId}`;
		await lockSubject(transaction, subject);
		const at = nowSeconds(context);
		await putEvent(transaction, { subject, type: "webhook.test", at, data: { endpointId }, onlyTo: endpointId });
		return getEndpoint(transaction, endpointId);
	});
}

/** @throws {Refusal} NOT_FOUND. */
export async function lockEndpoint(
	transaction: Transaction<Tables>,
	endpointId: string,
): Promise<Pick<WebhookEndpointsTable, "state" | "disabled_because">> {
	const endpoint = await transaction
		.selectFrom("webhook_endpoints")
		.select(["state", "disabled_because"])
		.where("endpoint_id", "=", endpointId)
		.forUpdate()
		.executeTakeFirst();
	if (!endpoint) throw unknownEndpoint();
	return endpoint;
}

export function unknownEndpoint(): Refusal {
	return refusal("NOT_FOUND", "There is no such endpoint.", "See GET /v1/webhooks.");
}

async function getEndpoint(connection: Connection, endpointId: string): Promise<Webhook> {
	const [found] = await readEndpoints(connection, sql`endpoint_id = ${endpointId}`, 1);
	if (!found) throw unknownEndpoint();
	return found;
}

async function readEndpoints(connection: Connection, condition: RawBuilder<unknown>, count: number): Promise<Webhook[]> {
	const { rows } = await sql<WebhookEndpointsTable & { created_at: number; waiting: number }>`SELECT endpoint.*,
			(SELECT count(*) FROM (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = endpoint.endpoint_id AND d.state = 'waiting'
				LIMIT ${COUNTED}) owed) AS waiting
		FROM webhook_endpoints endpoint WHERE ${condition}
		ORDER BY (state = 'disabled')::int, created_at, endpoint_id LIMIT ${count}::int`.execute(connection);
	return rows.map((row) => ({
		endpointId: row.endpoint_id,
		url: row.url,
		name: row.name,
		eventTypes: row.event_types,
		state: row.state,
		...(row.disabled_because === null ? {} : { disabledBecause: row.disabled_because }),
		...(row.disabled_at === null ? {} : { disabledAtUnixSeconds: row.disabled_at }),
		...(row.failing_since === null ? {} : { failingSinceUnixSeconds: row.failing_since }),
		...(row.last_delivered_at === null ? {} : { lastDeliveredAtUnixSeconds: row.last_delivered_at }),
		waiting: row.waiting,
		createdBy: row.created_by,
		createdAtUnixSeconds: row.created_at,
	}));
}

async function audit(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	endpointId: string,
	action: string,
	details: Readonly<Record<string, string | number>>,
): Promise<void> {
	const subject = `webhook/${endpointId}`;
	await appendAudit(transaction, { subject, at: nowSeconds(context), actor: context.actor, action, details });
}
