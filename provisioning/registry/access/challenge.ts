import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { hashOfSecret, newSecretId } from "./secret-id.ts";

export type ChallengePurpose = "sign-in" | "step-up" | "passkey" | "invitation" | "provider";

const LIFE_SECONDS: Readonly<Record<ChallengePurpose, number>> = {
	"sign-in": 300,
	"step-up": 300,
	passkey: 300,
	invitation: 300,
	// Somebody may have to find a second factor at the lender's identity provider.
	provider: 600,
};

/** Whose challenge it is: nobody else can answer it. */
export interface ChallengeUse {
	readonly purpose: ChallengePurpose;
	/** A session or an invitation as hex; empty for somebody who is not known yet. */
	readonly holder: string;
}

/** Keeps what was asked of a browser, and says the secret name under which the answer has to come. */
export async function keepChallenge(context: RegistryContext, use: ChallengeUse, payload: string): Promise<string> {
	const now = nowSeconds(context);
	const { secret, sha256 } = newSecretId();
	const { kysely } = context.database;
	await kysely.deleteFrom("sign_in_challenges").where("expires_at", "<=", now).execute();
	await kysely
		.insertInto("sign_in_challenges")
		.values({ id_sha256: sha256, ...use, payload, expires_at: now + LIFE_SECONDS[use.purpose] })
		.execute();
	return secret;
}

/** What was asked; `undefined` if it was answered before, is too old, or is somebody else's. One statement: of two answers one wins. */
export async function takeChallenge(context: RegistryContext, use: ChallengeUse, secret: string): Promise<string | undefined> {
	const row = await context.database.kysely
		.deleteFrom("sign_in_challenges")
		.where("id_sha256", "=", hashOfSecret(secret))
		.where("purpose", "=", use.purpose)
		.where("holder", "=", use.holder)
		.returning(["payload", "expires_at"])
		.executeTakeFirst();
	return row && row.expires_at > nowSeconds(context) ? row.payload : undefined;
}
