import type { Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import type { PeopleTable } from "../database/access-schema.ts";
import type { Tables } from "../database/schema.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { ProviderIdentity } from "./provider.ts";
import type { Role } from "./role.ts";
import { newPublicId } from "./secret-id.ts";
import { endSessionsOf, openSession } from "./session.ts";

/**
 * Signs in whom the provider vouches for: somebody who came this way before; somebody with an open invitation under the email
 * that the provider has verified; or, where roles come from a claim, whoever has one. Known is who has the same issuer and
 * subject; an email alone never leads to somebody who is known by another subject.
 *
 * @returns the secret id of the session.
 * @throws {Refusal} SIGN_IN_REFUSED.
 */
export async function signInByProvider(
	context: RegistryContext,
	identity: ProviderIdentity,
	replaces: string | undefined,
): Promise<string> {
	return inTransaction(context, async (transaction) => {
		const person = await findLinked(transaction, identity);
		const personId =
			person?.person_id ??
			(await linkInvited(context, transaction, identity)) ??
			(await addByClaim(context, transaction, identity));
		if (personId === undefined || (person && person.disabled_at !== null)) throw refused();
		if (person?.roles_from === "provider") await takeRoles(context, transaction, person, identity.roles ?? []);
		if (person?.roles_from === "provider" && (identity.roles ?? []).length === 0) return undefined;
		return openSession(context, transaction, { personId, method: "provider", replaces });
	}).then((secret) => {
		// After the transaction: that the roles are gone stays, although nobody is let in.
		if (secret === undefined) throw refused();
		return secret;
	});
}

function findLinked(transaction: Transaction<Tables>, { issuer, subject }: ProviderIdentity): Promise<PeopleTable | undefined> {
	return transaction
		.selectFrom("provider_identities")
		.innerJoin("people", "people.person_id", "provider_identities.person_id")
		.selectAll("people")
		.where("issuer", "=", issuer)
		.where("subject", "=", subject)
		.forUpdate("people")
		.executeTakeFirst();
}

async function linkInvited(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	identity: ProviderIdentity,
): Promise<string | undefined> {
	if (identity.email === undefined) return undefined;
	const now = nowSeconds(context);
	const invited = await transaction
		.selectFrom("people")
		.innerJoin("invitations", "invitations.person_id", "people.person_id")
		.select("people.person_id")
		.where("email", "=", identity.email)
		.where("disabled_at", "is", null)
		.where("by_email", "=", true)
		.where("used_at", "is", null)
		.where("expires_at", ">", now)
		.forUpdate()
		.executeTakeFirst();
	if (!invited) return undefined;
	const { person_id: personId } = invited;
	const other = await transaction
		.selectFrom("provider_identities")
		.select("subject")
		.where("person_id", "=", personId)
		.where("issuer", "=", identity.issuer)
		.executeTakeFirst();
	// The address was given to somebody else at the lender: no reason to be who had it before.
	if (other) return undefined;
	await transaction.updateTable("invitations").set({ used_at: now }).where("person_id", "=", personId).execute();
	await link(context, transaction, identity, personId);
	return personId;
}

async function addByClaim(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	identity: ProviderIdentity,
): Promise<string | undefined> {
	if (identity.roles === undefined || identity.roles.length === 0) return undefined;
	const personId = newPublicId();
	await transaction
		.insertInto("people")
		.values({
			person_id: personId,
			name: identity.name,
			// Not the email: somebody who was invited under it may be somebody else.
			email: null,
			roles: [...identity.roles],
			roles_from: "provider",
			vouched_by: "provider",
			created_at: nowSeconds(context),
			disabled_at: null,
		})
		.execute();
	await note(context, transaction, personId, "person.added", { name: identity.name, roles: identity.roles.join(" ") });
	await link(context, transaction, identity, personId);
	return personId;
}

async function link(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	{ issuer, subject }: ProviderIdentity,
	personId: string,
): Promise<void> {
	await transaction
		.insertInto("provider_identities")
		.values({ issuer, subject, person_id: personId, linked_at: nowSeconds(context) })
		.execute();
	await note(context, transaction, personId, "person.linked", { issuer });
}

/** The claim's roles as they are today. Other sessions of the person end when they have changed. */
async function takeRoles(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	person: PeopleTable,
	roles: readonly Role[],
): Promise<void> {
	if ([...person.roles].sort().join(" ") === [...roles].sort().join(" ")) return;
	const { person_id: personId } = person;
	await transaction
		.updateTable("people")
		.set({ roles: [...roles] })
		.where("person_id", "=", personId)
		.execute();
	const sessionsEnded = await endSessionsOf(transaction, personId);
	await note(context, transaction, personId, "person.changed", { roles: roles.join(" "), sessionsEnded });
}

async function note(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	personId: string,
	action: string,
	details: Readonly<Record<string, string | number>>,
): Promise<void> {
	const at = nowSeconds(context);
	await appendAudit(transaction, { subject: `person/${personId}`, at, actor: "provider", action, details });
}

function refused() {
	return refusal(
		"SIGN_IN_REFUSED",
		"The identity provider knows you, but you are not invited here.",
		"Ask an administrator for an invitation.",
	);
}
