import { randomBytes } from "node:crypto";

import type { Connection } from "../database/database.ts";
import type { CodeVault } from "../keys/code-vault.ts";
import { refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { WebhookSecret } from "./webhook-signature.ts";

const SECRET_BYTES = 32;

/**
 * Makes an endpoint another secret and seals it.
 *
 * @returns `whsec_` and base64: told once, and never again.
 * @throws {Refusal} CONFLICT if the key folder has nothing to seal it with.
 */
export async function putSecret(
	context: RegistryContext,
	connection: Connection,
	endpointId: string,
	entry: number,
): Promise<string> {
	const vault = requireVault(context);
	const secret = randomBytes(SECRET_BYTES);
	await connection
		.insertInto("webhook_secrets")
		.values({
			endpoint_id: endpointId,
			entry,
			sealed: vault.seal(labelOf(endpointId, entry), secret),
			created_at: nowSeconds(context),
			expires_at: null,
		})
		.execute();
	return `whsec_${secret.toString("base64")}`;
}

/** The secrets that count now, newest first. */
export async function readSecrets(
	context: RegistryContext,
	connection: Connection,
	endpointId: string,
): Promise<readonly WebhookSecret[]> {
	const vault = requireVault(context);
	const now = nowSeconds(context);
	const rows = await connection
		.selectFrom("webhook_secrets")
		.select(["entry", "sealed"])
		.where("endpoint_id", "=", endpointId)
		.where(({ eb, or }) => or([eb("expires_at", "is", null), eb("expires_at", ">", now)]))
		.orderBy("entry", "desc")
		.execute();
	return rows.map(({ entry, sealed }) => vault.open(labelOf(endpointId, entry), sealed));
}

function labelOf(endpointId: string, entry: number): string {
	return `webhook/${endpointId}/${entry}`;
}

function requireVault({ keys }: RegistryContext): CodeVault {
	if (keys.codeVault) return keys.codeVault;
	throw refusal(
		"CONFLICT",
		"The key folder has nothing to seal a secret with.",
		"Run holdfast keys rotate, which makes it, and start the registry again.",
	);
}
