import { type RawBuilder, sql, type Transaction } from "kysely";
import { appendAudit } from "../audit-log.ts";
import { pagedList } from "../cursor.ts";
import type { PeopleTable } from "../database/access-schema.ts";
import { sqlState } from "../database/connection-errors.ts";
import type { Connection } from "../database/database.ts";
import type { Tables } from "../database/schema.ts";
import type { PageQuery } from "../page-request.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { Invitation, Person, PersonChange, PersonList, PersonRequest } from "./access-request.ts";
import { withApproval } from "./approvals.ts";
import { putInvitation } from "./invitations.ts";
import type { Role } from "./role.ts";
import { newPublicId } from "./secret-id.ts";
import { endSessionsOf, IDLE_SECONDS } from "./session.ts";

/** A cursor has bounds, and a name may be long: beyond them the id decides. */
const SORT_NAME = sql`left(person.name, 80)`;
const PEOPLE = pagedList("people", ["number", "string", "string"]);

/** Everybody by name, those who left last, a page at a time. */
export async function listPeople(context: RegistryContext, query: PageQuery): Promise<PersonList> {
	const { rows, end } = await PEOPLE.read(
		query,
		(place, count) => {
			const after = place
				? sql`((disabled_at IS NOT NULL)::int, ${SORT_NAME}, person_id) > (${place[0]}::bigint, ${place[1]}, ${place[2]})`
				: sql`true`;
			return readPeople(context.database.kysely, nowSeconds(context), after, count);
		},
		({ person_id, sort_name, disabled_at }) => [disabled_at === null ? 0 : 1, sort_name, person_id],
	);
	return { people: rows.map(personJson), ...end };
}

/**
 * Enters a person and invites them. Whoever makes somebody an administrator needs another administrator's approval, because
 * one who could make a second one alone could approve everything alone. The admin token needs none: it makes the first.
 *
 * @throws {Refusal} APPROVAL_REQUIRED, CONFLICT (the email is taken).
 */
export async function addPerson(context: RegistryContext, request: PersonRequest): Promise<Invitation> {
	const email = request.email?.toLowerCase() ?? null;
	const byPasskey = request.passkey ?? email === null;
	if (email === null && !byPasskey) {
		throw refusal("BAD_REQUEST", "Without a passkey and an email nobody could sign in.", "Give an email, or allow a passkey.");
	}
	const personId = newPublicId();
	const act = async (transaction: Transaction<Tables>, approvedBy?: string) => {
		const now = nowSeconds(context);
		await transaction
			.insertInto("people")
			.values({
				person_id: personId,
				name: request.name,
				email,
				roles: [...request.roles],
				roles_from: "registry",
				vouched_by: context.actor,
				created_at: now,
				disabled_at: null,
			})
			.execute();
		await audit(
			context,
			transaction,
			personId,
			"person.added",
			{ name: request.name, roles: request.roles.join(" ") },
			approvedBy,
		);
		return putInvitation(context, transaction, personId, { byPasskey, byEmail: email !== null });
	};
	try {
		const invited = await approvedIf(
			request.roles.includes("admin"),
			context,
			email ?? request.name,
			{ act: "add", ...request },
			act,
		);
		return { ...invited, person: await getPerson(context, personId) };
	} catch (error) {
		if (sqlState(error) !== "23505") throw error;
		throw refusal("CONFLICT", "Somebody with this email is entered already.", "Change them, or invite them again.");
	}
}

/**
 * Invites somebody again. The invitation before is void; what they have registered stays until somebody removes it.
 *
 * @throws {Refusal} NOT_FOUND, CONFLICT (disabled, or themselves), APPROVAL_REQUIRED for an administrator.
 */
export async function inviteAgain(context: RegistryContext, personId: string): Promise<Invitation> {
	requireOther(context, personId);
	const { roles, email } = await findPerson(context.database.kysely, personId);
	const act = async (transaction: Transaction<Tables>, approvedBy?: string) => {
		const person = await findPerson(transaction, personId, true);
		if (person.disabled_at !== null) throw refusal("CONFLICT", "This person is disabled.", "Enable them first.");
		await transaction.updateTable("people").set({ vouched_by: context.actor }).where("person_id", "=", personId).execute();
		await audit(context, transaction, personId, "person.invited", {}, approvedBy);
		return putInvitation(context, transaction, personId, { byPasskey: true, byEmail: email !== null });
	};
	const isGrave = roles.includes("admin");
	const invited = await approvedIf(isGrave, context, `person/${personId}`, { act: "invite", personId }, act);
	return { ...invited, person: await getPerson(context, personId) };
}

/**
 * Changes roles, or disables and enables. Every session of the person ends with it, and so does an open invitation of
 * somebody who is disabled. Nobody changes themselves.
 *
 * @throws {Refusal} NOT_FOUND, CONFLICT (themselves), APPROVAL_REQUIRED for whoever becomes an administrator.
 */
export async function changePerson(context: RegistryContext, personId: string, change: PersonChange): Promise<Person> {
	requireOther(context, personId);
	const before = await findPerson(context.database.kysely, personId);
	const roles = change.roles ?? before.roles;
	const willBeAdmin = roles.includes("admin") && !(change.isDisabled ?? before.disabled_at !== null);
	const isAdmin = before.roles.includes("admin") && before.disabled_at === null;
	const act = async (transaction: Transaction<Tables>, approvedBy?: string) => {
		const now = nowSeconds(context);
		const person = await findPerson(transaction, personId, true);
		const isDisabled = change.isDisabled ?? person.disabled_at !== null;
		await transaction
			.updateTable("people")
			.set({
				roles: [...(change.roles ?? person.roles)],
				...(change.roles === undefined ? {} : { roles_from: "registry", vouched_by: context.actor }),
				disabled_at: isDisabled ? (person.disabled_at ?? now) : null,
			})
			.where("person_id", "=", personId)
			.execute();
		const ended = await endSessionsOf(transaction, personId);
		if (isDisabled) await transaction.deleteFrom("invitations").where("person_id", "=", personId).execute();
		const details = { roles: (change.roles ?? person.roles).join(" "), isDisabled, sessionsEnded: ended };
		await audit(context, transaction, personId, "person.changed", details, approvedBy);
	};
	const request = { act: "change", personId, ...change };
	await approvedIf(willBeAdmin && !isAdmin, context, `person/${personId}`, request, act);
	return getPerson(context, personId);
}

/** Runs the act, after another administrator's approval where it is grave and not the admin token does it. */
function approvedIf<Value>(
	isGrave: boolean,
	context: RegistryContext,
	subject: string,
	request: Readonly<Record<string, unknown>>,
	act: (transaction: Transaction<Tables>, approvedBy?: string) => Promise<Value>,
): Promise<Value> {
	return isGrave && context.actor !== "admin"
		? withApproval(context, { kind: "people.admin", subject, request }, (transaction, { approvedBy }) =>
				act(transaction, approvedBy),
			)
		: inTransaction(context, (transaction) => act(transaction));
}

async function audit(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	personId: string,
	action: string,
	details: Readonly<Record<string, string | number | boolean>>,
	approvedBy: string | undefined,
): Promise<void> {
	await appendAudit(transaction, {
		subject: `person/${personId}`,
		at: nowSeconds(context),
		actor: context.actor,
		action,
		details: { ...details, ...(approvedBy === undefined ? {} : { approvedBy }) },
	});
}

function requireOther(context: RegistryContext, personId: string): void {
	if (context.actor !== `person/${personId}`) return;
	throw refusal("CONFLICT", "Nobody changes their own roles or invites themselves.", "Ask another administrator.");
}

/** @throws {Refusal} NOT_FOUND. */
async function findPerson(connection: Connection, personId: string, isForUpdate = false): Promise<PeopleTable> {
	const query = connection.selectFrom("people").selectAll().where("person_id", "=", personId);
	const person = await (isForUpdate ? query.forUpdate() : query).executeTakeFirst();
	if (person) return person;
	throw refusal("NOT_FOUND", "There is no such person.", "See GET /v1/people.");
}

export async function getPerson(context: RegistryContext, personId: string): Promise<Person> {
	const [person] = await readPeople(context.database.kysely, nowSeconds(context), sql`person_id = ${personId}`, 1);
	if (person) return personJson(person);
	throw refusal("NOT_FOUND", "There is no such person.", "See GET /v1/people.");
}

interface PersonRow {
	readonly person_id: string;
	readonly name: string;
	readonly sort_name: string;
	readonly email: string | null;
	readonly roles: Role[];
	readonly roles_from: "registry" | "provider";
	readonly created_at: number;
	readonly disabled_at: number | null;
	readonly passkeys: number;
	readonly has_provider: boolean;
	readonly invited_until: number | null;
	readonly last_seen_at: number | null;
}

async function readPeople(
	connection: Connection,
	now: number,
	condition: RawBuilder<unknown>,
	count: number,
): Promise<PersonRow[]> {
	const { rows } = await sql<PersonRow>`SELECT person.*, ${SORT_NAME} AS sort_name,
			(SELECT count(*)::integer FROM passkeys WHERE passkeys.person_id = person.person_id) AS passkeys,
			EXISTS (SELECT FROM provider_identities AS known WHERE known.person_id = person.person_id) AS has_provider,
			(SELECT expires_at FROM invitations
				WHERE invitations.person_id = person.person_id AND used_at IS NULL AND expires_at > ${now}) AS invited_until,
			(SELECT max(last_seen_at) FROM sessions WHERE sessions.person_id = person.person_id
				AND expires_at > ${now} AND last_seen_at > ${now - IDLE_SECONDS}) AS last_seen_at
		FROM people AS person WHERE ${condition}
		ORDER BY (disabled_at IS NOT NULL)::int, ${SORT_NAME}, person_id LIMIT ${count}::int`.execute(connection);
	return rows;
}

function personJson(row: PersonRow): Person {
	return {
		personId: row.person_id,
		name: row.name,
		...(row.email === null ? {} : { email: row.email }),
		roles: row.roles,
		rolesFrom: row.roles_from,
		isDisabled: row.disabled_at !== null,
		passkeys: row.passkeys,
		hasProvider: row.has_provider,
		...(row.invited_until === null ? {} : { invitedUntilUnixSeconds: row.invited_until }),
		createdAtUnixSeconds: row.created_at,
		...(row.last_seen_at === null ? {} : { lastSeenAtUnixSeconds: row.last_seen_at }),
	};
}
