import type { ColumnType, Generated } from "kysely";

/** The tables of `webhooks/` as Kysely sees them. Times are seconds since 1970-01-01T00:00:00Z. */
export interface WebhookTables {
	webhook_endpoints: WebhookEndpointsTable;
	webhook_secrets: WebhookSecretsTable;
	webhook_events: WebhookEventsTable;
	webhook_deliveries: WebhookDeliveriesTable;
	webhook_attempts: WebhookAttemptsTable;
}

/** Never deleted: the audit log names them. */
export interface WebhookEndpointsTable {
	/** Random, 20 hex digits. */
	endpoint_id: string;
	url: string;
	name: string;
	/** Empty: all. */
	event_types: string[];
	state: "enabled" | "disabled";
	/** asked: by a person. gone: it answered 410. failing: nothing was delivered for days. */
	disabled_because: "asked" | "gone" | "failing" | null;
	disabled_at: number | null;
	/** First failure after the last delivery. */
	failing_since: number | null;
	/** Times in a row that it could not take anything: how long it is left alone follows from it. */
	failures: Generated<number>;
	/** It is left alone until then. */
	quiet_until: Generated<number>;
	last_delivered_at: number | null;
	created_by: string;
	created_at: number;
}

/** Two at most that are good. */
export interface WebhookSecretsTable {
	endpoint_id: string;
	/** 1, 2, 3 ... */
	entry: number;
	/** Under the label `webhook/<endpoint>/<entry>`. */
	sealed: Uint8Array;
	created_at: number;
	/** Null for the newest. */
	expires_at: number | null;
}

export interface WebhookEventsTable {
	/** A contract, or `registry/fleet`, `registry/keys`, `webhook/<endpoint>`. */
	subject: string;
	/** Grows; within a subject it is the order of what happened. */
	number: ColumnType<number, undefined, never>;
	/** Random; `webhook-id` of every delivery. */
	event_id: string;
	type: string;
	at: number;
	/** JSON. */
	data: string;
	/** What is told once alone, such as that a key ends in seven days. */
	once: string | null;
}

export interface WebhookDeliveriesTable {
	subject: string;
	number: number;
	endpoint_id: string;
	state: "waiting" | "delivered" | "given_up";
	/** Since it was put there, or was asked for again. */
	attempts: Generated<number>;
	/** Not before. While somebody is at it: when somebody else may take it over. */
	next_at: number;
	/** Who is at it. */
	lease: string | null;
	settled_at: number | null;
}

export interface WebhookAttemptsTable {
	subject: string;
	number: number;
	endpoint_id: string;
	at: number;
	/** Random: the lease that it was made under. */
	attempt: string;
	duration_ms: number;
	/** Null: no answer. */
	status: number | null;
	/** Why there was none. */
	why: string | null;
	/** How the answer began, printable characters alone. */
	answer: string | null;
}
