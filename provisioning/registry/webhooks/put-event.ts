import { randomBytes } from "node:crypto";

import { sql, type Transaction } from "kysely";

import type { Tables } from "../database/schema.ts";
import { WEBHOOK_EVENTS, type WebhookEventType } from "./webhook-event.ts";

/** Something that happened. */
export interface NewEvent {
	/** Its contract, or `registry/fleet`, `registry/keys`, `webhook/<endpoint>`: what has one is told in order. */
	readonly subject: string;
	readonly type: WebhookEventType;
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly at: number;
	/** What the event's schema does not name is left out. */
	readonly data: Readonly<Record<string, string | number | boolean | null | undefined>>;
	/** What was told under this name before is not told again. */
	readonly once?: string;
	/** Only this endpoint hears of it. */
	readonly onlyTo?: string;
	/** Every endpoint but this one. */
	readonly notTo?: string;
}

/**
 * Writes an event and who is to hear of it, in the transaction that it tells of: either both are there or neither. The caller holds the
 * subject's lock ({@link lockSubject}, or `appendAudit` took it), so that numbers of one subject become visible in their order. Where
 * there is no endpoint nothing is written.
 */
export async function putEvent(transaction: Transaction<Tables>, event: NewEvent): Promise<void> {
	const { subject, type, at, data, once, onlyTo, notTo } = event;
	const named = Object.keys(WEBHOOK_EVENTS[type].data.properties);
	const told = Object.fromEntries(named.flatMap((name) => (data[name] == null ? [] : [[name, data[name]]])));
	// 120 random bits. Random, because a database that was restored counts from an earlier number again.
	const eventId = `evt_${randomBytes(15).toString("base64url")}`;
	await sql`WITH event AS (
			INSERT INTO webhook_events (subject, event_id, type, at, data, once)
			SELECT ${subject}, ${eventId}, ${type}, ${at}::bigint, ${JSON.stringify(told)}, ${once ?? null}::text
			WHERE EXISTS (SELECT FROM webhook_endpoints)
			ON CONFLICT DO NOTHING
			RETURNING subject, number
		)
		INSERT INTO webhook_deliveries (subject, number, endpoint_id, state, next_at)
		SELECT event.subject, event.number, endpoint_id, 'waiting', ${at}::bigint
		FROM event CROSS JOIN webhook_endpoints
		WHERE state = 'enabled'
			AND (${onlyTo ?? null}::text IS NULL AND (event_types = '{}' OR ${type} = ANY(event_types)) OR endpoint_id = ${onlyTo ?? null})
			AND endpoint_id IS DISTINCT FROM ${notTo ?? null}`.execute(transaction);
}

/** One writer at a time for each subject: the same lock as its audit chain's. */
export async function lockSubject(transaction: Transaction<Tables>, subject: string): Promise<void> {
	await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`audit/${subject}`}, 0))`.execute(transaction);
}
