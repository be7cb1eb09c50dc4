import { randomBytes } from "node:crypto";

import { appendAudit } from "../audit-log.ts";
import { lockContract } from "../contracts/contracts.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { EscrowShares } from "./code-request.ts";
import { splitReleaseSecret } from "./escrow-share.ts";
import { openReleaseSecret } from "./release-secrets.ts";

/**
 * Splits a contract's release secret for safekeeping, so that its phone can be freed when this registry is gone. Before the payoff
 * too: that is the point of it. Written down, and stored nowhere.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN, CODE_REFUSED.
 */
export async function splitForEscrow(context: RegistryContext, contractId: string): Promise<EscrowShares> {
	return inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		const address = { deviceId: contract.device_id, contractId };
		const random = (length: number) => Uint8Array.from(randomBytes(length));
		const shares = await splitReleaseSecret(context.crypto, address, openReleaseSecret(context, contract), random);
		const [first] = shares;
		if (!first) throw refusal("INTERNAL", "The secret was not split.", "Try again.");
		const { set, fingerprint } = first;
		await appendAudit(transaction, {
			subject: contractId,
			at: nowSeconds(context),
			actor: context.actor,
			action: "code.escrow_split",
			details: { set },
		});
		return { ...address, set, fingerprint, shares: shares.map(({ share }) => share) };
	});
}
