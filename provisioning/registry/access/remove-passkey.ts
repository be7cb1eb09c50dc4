import { appendAudit } from "../audit-log.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";

/**
 * Removes one of a person's passkeys. The last one stays, unless they sign in through the identity provider as well.
 *
 * @throws {Refusal} NOT_FOUND, CONFLICT.
 */
export async function removePasskey(context: RegistryContext, personId: string, credentialId: string): Promise<void> {
	await inTransaction(context, async (transaction) => {
		// Two removals at once would each see the other's passkey.
		await transaction.selectFrom("people").select("person_id").where("person_id", "=", personId).forUpdate().execute();
		const own = await transaction.selectFrom("passkeys").select("credential_id").where("person_id", "=", personId).execute();
		if (!own.some((each) => each.credential_id === credentialId)) {
			throw refusal("NOT_FOUND", "You have no such passkey.", "See GET /v1/passkeys.");
		}
		const linked = await transaction
			.selectFrom("provider_identities")
			.select("subject")
			.where("person_id", "=", personId)
			.executeTakeFirst();
		if (own.length === 1 && !linked) {
			throw refusal("CONFLICT", "It is your last way to sign in.", "Register another passkey first.");
		}
		await transaction.deleteFrom("passkeys").where("credential_id", "=", credentialId).execute();
		await appendAudit(transaction, {
			subject: `person/${personId}`,
			at: nowSeconds(context),
			actor: context.actor,
			action: "passkey.removed",
			details: { passkey: credentialId.slice(0, 12) },
		});
	});
}
