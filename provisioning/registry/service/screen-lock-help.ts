import { appendAudit } from "../audit-log.ts";
import { lockContract } from "../contracts/contracts.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { ScreenLockHelp, ScreenLockHelpRequest } from "./service-request.ts";

/**
 * Writes down that a borrower forgot their own screen lock and was helped. Nothing is sent to the phone: the agent has no power over the
 * screen lock, because whoever had it could read the borrower's phone. It is no payment and no release.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN.
 */
export async function logScreenLockHelp(
	context: RegistryContext,
	contractId: string,
	{ identityBy, note }: ScreenLockHelpRequest,
): Promise<ScreenLockHelp> {
	return inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		const at = nowSeconds(context);
		await appendAudit(transaction, {
			subject: contractId,
			at,
			actor: context.actor,
			action: "service.screen_lock_help",
			details: { identityBy, note },
		});
		return { contractId, paidUntilUnixSeconds: contract.paid_until, loggedAtUnixSeconds: at };
	});
}
