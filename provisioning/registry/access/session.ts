import { sql, type Transaction } from "kysely";
import { appendAudit } from "../audit-log.ts";
import { pagedList } from "../cursor.ts";
import type { Tables } from "../database/schema.ts";
import type { PageQuery } from "../page-request.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { OwnSessionList } from "./access-request.ts";
import type { Caller, CallerSession } from "./role.ts";
import { hashOfSecret, newSecretId } from "./secret-id.ts";

/** A shift and its overtime. */
export const SESSION_SECONDS = 12 * 3600;
/** Somebody went for lunch and left the screen open. */
export const IDLE_SECONDS = 30 * 60;
/** How long a passkey that was shown again is good for grave acts. */
export const STEP_UP_SECONDS = 5 * 60;
/** A session is not written to more often than this. */
const SEEN_EVERY_SECONDS = 60;

export interface NewSession {
	readonly personId: string;
	readonly method: "passkey" | "provider";
	/** The session that the browser came with: it ends, so that nobody signs in under an id that somebody else knows. */
	readonly replaces: string | undefined;
}

/** Signs somebody in. @returns the secret id for the cookie, another one each time. */
export async function openSession(
	context: Pick<RegistryContext, "clock">,
	transaction: Transaction<Tables>,
	{ personId, method, replaces }: NewSession,
): Promise<string> {
	const now = nowSeconds(context);
	const { secret, sha256 } = newSecretId();
	await transaction.deleteFrom("sessions").where("expires_at", "<=", now).execute();
	if (replaces !== undefined) {
		await transaction.deleteFrom("sessions").where("id_sha256", "=", hashOfSecret(replaces)).execute();
	}
	await transaction
		.insertInto("sessions")
		.values({
			id_sha256: sha256,
			person_id: personId,
			signed_in_at: now,
			last_seen_at: now,
			expires_at: now + SESSION_SECONDS,
			stepped_up_at: method === "passkey" ? now : null,
		})
		.execute();
	await appendAudit(transaction, {
		subject: `person/${personId}`,
		at: now,
		actor: `person/${personId}`,
		action: "session.opened",
		details: { method },
	});
	return secret;
}

/**
 * Who asks with this session; `undefined` if it is unknown, over, idle for too long, or its person disabled. Roles are read
 * anew each time.
 *
 * @param isPoll the page asks by itself: that keeps no session alive.
 */
export async function findSession(context: RegistryContext, secret: string, isPoll: boolean): Promise<Caller | undefined> {
	const now = nowSeconds(context);
	const idSha256 = hashOfSecret(secret);
	const { kysely } = context.database;
	const row = await kysely
		.selectFrom("sessions")
		.innerJoin("people", "people.person_id", "sessions.person_id")
		.select(["sessions.person_id", "name", "roles", "signed_in_at", "last_seen_at", "expires_at", "stepped_up_at"])
		.where("id_sha256", "=", idSha256)
		.where("disabled_at", "is", null)
		.where("expires_at", ">", now)
		.where("last_seen_at", ">", now - IDLE_SECONDS)
		.executeTakeFirst();
	if (!row) return undefined;
	const isSeen = !isPoll && now - row.last_seen_at >= SEEN_EVERY_SECONDS;
	if (isSeen) {
		await kysely.updateTable("sessions").set({ last_seen_at: now }).where("id_sha256", "=", idSha256).execute();
	}
	const session: CallerSession = {
		personId: row.person_id,
		name: row.name,
		idSha256,
		signedInAt: row.signed_in_at,
		lastSeenAt: isSeen ? now : row.last_seen_at,
		expiresAt: row.expires_at,
		...(row.stepped_up_at === null ? {} : { steppedUpAt: row.stepped_up_at }),
	};
	return { actor: `person/${row.person_id}`, kind: "person", roles: new Set(row.roles), session };
}

/** Whether the passkey was shown lately enough for a grave act. The admin token needs none; a program never comes so far. */
export function isSteppedUp(caller: Caller, now: number): boolean {
	if (caller.kind === "token") return true;
	const at = caller.session?.steppedUpAt;
	return at !== undefined && at > now - STEP_UP_SECONDS;
}

/** Gives the session another secret id and notes that the passkey was shown. @returns the new secret. */
export async function stepUpSession(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	{ personId, idSha256 }: CallerSession,
): Promise<string> {
	const now = nowSeconds(context);
	const { secret, sha256 } = newSecretId();
	const { numUpdatedRows } = await transaction
		.updateTable("sessions")
		.set({ id_sha256: sha256, stepped_up_at: now, last_seen_at: now })
		.where("id_sha256", "=", idSha256)
		.executeTakeFirst();
	if (numUpdatedRows !== 1n) throw refusal("UNAUTHORIZED", "The session ended a moment ago.", "Sign in again.");
	await appendAudit(transaction, {
		subject: `person/${personId}`,
		at: now,
		actor: `person/${personId}`,
		action: "session.stepped_up",
		details: {},
	});
	return secret;
}

/** Ends this session, or every one of the person. @returns how many ended. */
export async function closeSession(context: RegistryContext, session: CallerSession, isEverywhere: boolean): Promise<number> {
	const { personId, idSha256 } = session;
	return inTransaction(context, async (transaction) => {
		const ended = isEverywhere
			? await endSessionsOf(transaction, personId)
			: (await transaction.deleteFrom("sessions").where("id_sha256", "=", idSha256).returning("person_id").execute()).length;
		await appendAudit(transaction, {
			subject: `person/${personId}`,
			at: nowSeconds(context),
			actor: context.actor,
			action: "session.closed",
			details: { sessions: ended },
		});
		return ended;
	});
}

const SESSIONS = pagedList("sessions", ["number", "string"]);

/**
 * One's own sessions that still run, the latest sign-in first, a page at a time. Not by when they were seen: one that is used meanwhile
 * would change its place, and whoever looks for a stranger's would miss it.
 */
export async function listSessions(
	context: RegistryContext,
	{ personId, idSha256 }: CallerSession,
	query: PageQuery,
): Promise<OwnSessionList> {
	const now = nowSeconds(context);
	const { rows, end } = await SESSIONS.read(
		query,
		(before, count) =>
			context.database.kysely
				.selectFrom("sessions")
				.selectAll()
				.where("person_id", "=", personId)
				.where("expires_at", ">", now)
				.where("last_seen_at", ">", now - IDLE_SECONDS)
				.$if(before !== undefined, (list) =>
					list.where(sql<boolean>`(signed_in_at, public_id) < (${before?.[0]}::bigint, ${before?.[1]})`),
				)
				.orderBy("signed_in_at", "desc")
				.orderBy("public_id", "desc")
				.limit(count)
				.execute(),
		({ signed_in_at, public_id }) => [signed_in_at, public_id],
	);
	return {
		sessions: rows.map((row) => ({
			sessionId: row.public_id,
			isThis: Buffer.from(row.id_sha256).equals(idSha256),
			signedInAtUnixSeconds: row.signed_in_at,
			lastSeenAtUnixSeconds: row.last_seen_at,
			expiresAtUnixSeconds: row.expires_at,
		})),
		...end,
	};
}

/** Ends one of one's own sessions. @returns how many ended: none if it was over, or is somebody else's. */
export async function endOneSession(context: RegistryContext, session: CallerSession, sessionId: string): Promise<number> {
	const { personId } = session;
	return inTransaction(context, async (transaction) => {
		const ended = await transaction
			.deleteFrom("sessions")
			.where("person_id", "=", personId)
			.where("public_id", "=", sessionId)
			.returning("person_id")
			.execute();
		if (ended.length > 0) {
			await appendAudit(transaction, {
				subject: `person/${personId}`,
				at: nowSeconds(context),
				actor: context.actor,
				action: "session.closed",
				details: { sessions: ended.length },
			});
		}
		return ended.length;
	});
}

/** Ends every session of a person, such as when their roles change. @returns how many. */
export async function endSessionsOf(transaction: Transaction<Tables>, personId: string): Promise<number> {
	return (await transaction.deleteFrom("sessions").where("person_id", "=", personId).returning("person_id").execute()).length;
}
