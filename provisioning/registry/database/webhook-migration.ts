/**
 * What is told to other systems. An event, and who is to hear of it, are written in the transaction that it tells of. Keyed by subject
 * (nearly always a contract) first, as the contracts are. Endpoints are few.
 */
export const WEBHOOK_MIGRATION: readonly string[] = [
	`CREATE TABLE webhook_endpoints (
		endpoint_id text PRIMARY KEY,
		url text NOT NULL,
		name text NOT NULL,
		event_types text[] NOT NULL,
		state text NOT NULL CHECK (state IN ('enabled', 'disabled')),
		disabled_because text CHECK (disabled_because IN ('asked', 'gone', 'failing')),
		disabled_at bigint,
		failing_since bigint,
		failures integer NOT NULL DEFAULT 0,
		quiet_until bigint NOT NULL DEFAULT 0,
		last_delivered_at bigint,
		created_by text NOT NULL,
		created_at bigint NOT NULL,
		CHECK ((state = 'disabled') = (disabled_because IS NOT NULL))
	) WITH (fillfactor = 50)`,
	`CREATE TABLE webhook_secrets (
		endpoint_id text NOT NULL,
		entry integer NOT NULL,
		sealed bytea NOT NULL,
		created_at bigint NOT NULL,
		expires_at bigint,
		PRIMARY KEY (endpoint_id, entry)
	)`,
	// One row for each event. Its number grows with every event; within a subject it is the order in which things happened.
	"CREATE SEQUENCE webhook_event_numbers",
	`CREATE TABLE webhook_events (
		subject text NOT NULL,
		number bigint NOT NULL DEFAULT nextval('webhook_event_numbers'),
		event_id text NOT NULL,
		type text NOT NULL,
		at bigint NOT NULL,
		data text NOT NULL,
		once text,
		PRIMARY KEY (subject, number)
	)`,
	"CREATE INDEX webhook_events_by_number ON webhook_events (number)",
	"CREATE INDEX webhook_events_by_id ON webhook_events (event_id)",
	"CREATE INDEX webhook_events_by_time ON webhook_events (at)",
	"CREATE UNIQUE INDEX webhook_events_once ON webhook_events (subject, once) WHERE once IS NOT NULL",
	`CREATE TABLE webhook_deliveries (
		subject text NOT NULL,
		number bigint NOT NULL,
		endpoint_id text NOT NULL,
		state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
		attempts integer NOT NULL DEFAULT 0,
		next_at bigint NOT NULL,
		lease text,
		settled_at bigint,
		PRIMARY KEY (subject, number, endpoint_id)
	) WITH (fillfactor = 70)`,
	"CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_at) WHERE state = 'waiting'",
	"CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id, number)",
	`CREATE TABLE webhook_attempts (
		subject text NOT NULL,
		number bigint NOT NULL,
		endpoint_id text NOT NULL,
		at bigint NOT NULL,
		attempt text NOT NULL,
		duration_ms integer NOT NULL,
		status integer,
		why text,
		answer text,
		PRIMARY KEY (subject, number, endpoint_id, attempt)
	)`,
];
