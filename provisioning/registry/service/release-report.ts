import { appendAudit } from "../audit-log.ts";
import { lockContract } from "../contracts/contracts.ts";
import { requirePayoff } from "../contracts/payoff.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { ReleaseReport } from "./service-request.ts";

/**
 * Writes down what a release was seen to change on the phone, and what not: who is blamed later for a phone that broke can show it.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN, PAYOFF_NOT_PROVEN.
 */
export async function keepReleaseReport(
	context: RegistryContext,
	contractId: string,
	{ health, sheet }: ReleaseReport,
): Promise<{ contractId: string; loggedAtUnixSeconds: number }> {
	return inTransaction(context, async (transaction) => {
		const { certificateId } = requirePayoff(await lockContract(transaction, contractId));
		const at = nowSeconds(context);
		const said = (lines: ReleaseReport["health"]) => lines.map(({ name, verdict }) => `${name}: ${verdict}`).join(", ");
		await appendAudit(transaction, {
			subject: contractId,
			at,
			actor: context.actor,
			action: "release.seen",
			details: { certificateId, health: said(health), sheet: said(sheet) },
		});
		return { contractId, loggedAtUnixSeconds: at };
	});
}
