import type { ClientBase } from "pg";

/** How many order numbers of each phone are passed over: more than a phone is sent between two backups. */
export const SKIPPED_SEQUENCES = 10_000;
/** How many numbers of events are passed over: other systems have heard of events that are forgotten here, and go on after the last. */
export const SKIPPED_EVENTS = 1_000_000;
/** For how long no new lock goes out, unless told otherwise: until the payments that the backup does not know are booked again. */
export const USUAL_PAUSE_HOURS = 72;
const HOUR = 3600;

export interface SettleOptions {
	/** Unix seconds by the registry's clock. */
	readonly now: number;
	/** Pauses new locks for so long. */
	readonly pauseHours: number;
}

/** What was done to a database that went back in time. */
export interface Settled {
	/** Phones whose next order gets a number that no forgotten order has. */
	readonly devices: number;
	/** Orders that waited, and would have made something harder for a borrower: they are not sent. */
	readonly ordersDropped: number;
	readonly sessionsEnded: number;
	readonly approvalsVoided: number;
	readonly invitationsVoided: number;
	readonly casesExpired: number;
	/** Unix seconds. */
	readonly locksPausedUntil: number;
	/** Names of programs that are let in: one that was revoked since the backup is among them again. */
	readonly programs: readonly string[];
}

/**
 * Makes a database safe to go on from that has forgotten the last hours or days, while phones, people and payments went on. In one
 * transaction of the caller's. Safe to do twice.
 *
 * - A phone refuses an order whose number it has seen, and reports outcomes by number: a forgotten order and a new one must never share
 *   one, so numbers are passed over.
 * - A waiting order that tightens may have been obeyed and lifted since: sent again, it would lock somebody who has paid.
 * - Payments since are unknown: new locks pause, and phones are told that the feed is stale (F5).
 * - Other systems remember the number of the last event that they were told of: those that come now are numbered after it.
 * - What was used up, ended or withdrawn since would count again: sessions, approvals, invitations and open service cases end.
 */
export async function settleRestore(client: ClientBase, { now, pauseHours }: SettleOptions): Promise<Settled> {
	const tables = await existing(client);
	/** A backup of an earlier version has fewer tables. */
	const count = async (table: string, text: string, values: readonly unknown[] = []) =>
		tables.has(table) ? ((await client.query(text, [...values])).rowCount ?? 0) : 0;
	const devices = await count("devices", "UPDATE devices SET last_sequence = last_sequence + $1", [SKIPPED_SEQUENCES]);
	const ordersDropped = await count(
		"orders",
		`UPDATE orders SET state = 'superseded' WHERE state = 'pending' AND action IN ('restrict', 'notice', 'rebind', 'newTerms')`,
	);
	// A copy of tables has no sequences in it: without this they begin anew, below what is there.
	await count(
		"webhook_events",
		`SELECT setval('webhook_event_numbers', greatest(nextval('webhook_event_numbers'), (SELECT coalesce(max(number), 0) FROM webhook_events)) + $1)`,
		[SKIPPED_EVENTS],
	);
	const sessionsEnded = await count("sessions", "DELETE FROM sessions");
	await count("sign_in_challenges", "DELETE FROM sign_in_challenges");
	const approvalsVoided = await count("approvals", "UPDATE approvals SET state = 'expired' WHERE state IN ('asked', 'approved')");
	const invitationsVoided = await count(
		"invitations",
		"UPDATE invitations SET expires_at = least(expires_at, $1) WHERE used_at IS NULL AND expires_at > $1",
		[now],
	);
	const casesExpired = await count(
		"service_cases",
		"UPDATE service_cases SET state = 'expired' WHERE state IN ('asked', 'approved')",
	);
	const locksPausedUntil = now + pauseHours * HOUR;
	await count("fleet_settings", "UPDATE fleet_settings SET paused_until = greatest(paused_until, $1) WHERE id = 1", [
		locksPausedUntil,
	]);
	const programs = tables.has("programs")
		? (await client.query<{ name: string }>("SELECT name FROM programs WHERE revoked_at IS NULL ORDER BY name")).rows
		: [];
	return {
		devices,
		ordersDropped,
		sessionsEnded,
		approvalsVoided,
		invitationsVoided,
		casesExpired,
		locksPausedUntil,
		programs: programs.map(({ name }) => name),
	};
}

async function existing(client: ClientBase): Promise<Set<string>> {
	const { rows } = await client.query<{ name: string }>(
		"SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')",
	);
	return new Set(rows.map(({ name }) => name));
}
