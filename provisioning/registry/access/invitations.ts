import type { Transaction } from "kysely";
import type { Tables } from "../database/schema.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { InvitationAnswer, OpenInvitation } from "./access-request.ts";
import type { ChallengeUse } from "./challenge.ts";
import { askForNewPasskey, checkNewPasskey, keepPasskey } from "./passkeys.ts";
import { hashOfSecret, newSecretId } from "./secret-id.ts";
import { openSession } from "./session.ts";
import { siteOf } from "./site.ts";

export const INVITATION_SECONDS = 24 * 3600;

/** Makes an invitation in the place of any before. The address is shown once; what is kept is its hash. */
export async function putInvitation(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	personId: string,
	{ byPasskey, byEmail }: { readonly byPasskey: boolean; readonly byEmail: boolean },
): Promise<{ address?: string; expiresAtUnixSeconds: number }> {
	const { secret, sha256 } = newSecretId();
	const row = {
		code_sha256: byPasskey ? sha256 : null,
		by_email: byEmail,
		expires_at: nowSeconds(context) + INVITATION_SECONDS,
		used_at: null,
	};
	await transaction
		.insertInto("invitations")
		.values({ person_id: personId, ...row })
		.onConflict((conflict) => conflict.column("person_id").doUpdateSet(row))
		.execute();
	// After #: browsers send it to no server, so that it stands in no log and no Referer.
	const address = `${siteOf(context.publicUrl()).origin}/sign-in/#invitation=${secret}`;
	return { ...(byPasskey ? { address } : {}), expiresAtUnixSeconds: row.expires_at };
}

/**
 * Shows whom an invitation is for, and asks the browser for a passkey. Looking does not use it up: a chat program's preview
 * looks as well.
 *
 * @throws {Refusal} INVITATION_VOID.
 */
export async function openInvitation(context: RegistryContext, code: string): Promise<OpenInvitation> {
	const row = await context.database.kysely
		.selectFrom("invitations")
		.innerJoin("people", "people.person_id", "invitations.person_id")
		.select(["people.person_id", "name", "roles", "expires_at"])
		.where("code_sha256", "=", hashOfSecret(code))
		.where("used_at", "is", null)
		.where("expires_at", ">", nowSeconds(context))
		.where("disabled_at", "is", null)
		.executeTakeFirst();
	if (!row) throw voidInvitation();
	const { person_id: personId, name, roles, expires_at: expiresAtUnixSeconds } = row;
	return { name, roles, expiresAtUnixSeconds, ...(await askForNewPasskey(context, useOf(code), { personId, name })) };
}

/**
 * Registers the passkey, uses the invitation up, and signs the person in: all of it or nothing.
 *
 * @returns the person, and the secret id of their session.
 * @throws {Refusal} INVITATION_VOID, SIGN_IN_REFUSED.
 */
export async function acceptInvitation(
	context: RegistryContext,
	{ code, challengeId, response }: InvitationAnswer,
	replaces: string | undefined,
): Promise<{ personId: string; secret: string }> {
	const passkey = await checkNewPasskey(context, useOf(code), { challengeId, response });
	return inTransaction(context, async (transaction) => {
		const now = nowSeconds(context);
		const used = await transaction
			.updateTable("invitations")
			.set({ used_at: now })
			.where("code_sha256", "=", hashOfSecret(code))
			.where("used_at", "is", null)
			.where("expires_at", ">", now)
			.returning("person_id")
			.executeTakeFirst();
		if (!used) throw voidInvitation();
		const personId = used.person_id;
		await keepPasskey(context, transaction, personId, passkey);
		return { personId, secret: await openSession(context, transaction, { personId, method: "passkey", replaces }) };
	});
}

function useOf(code: string): ChallengeUse {
	return { purpose: "invitation", holder: Buffer.from(hashOfSecret(code)).toString("hex") };
}

function voidInvitation(): Refusal {
	return refusal(
		"INVITATION_VOID",
		"This invitation was used, is too old, or was replaced by another one.",
		"Ask whoever invited you for another one.",
	);
}
