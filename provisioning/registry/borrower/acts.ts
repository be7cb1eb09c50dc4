import { wire } from "../../../proto/wire.ts";
import { appendAudit } from "../audit-log.ts";
import { issueCode } from "../codes/codes.ts";
import { lockContract, requireOpen } from "../contracts/contracts.ts";
import { putOrder } from "../orders/outbox.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { BorrowerTimeCode, BorrowerView } from "./borrower-request.ts";
import { borrowerView } from "./view.ts";

const DAY = 24 * 3600;
/** As on the phone itself, where a borrower opens one without asking anybody (F13). */
const DISPUTE_SECONDS = 14 * DAY;
/** Longest that a code may carry. */
const MOST_DAYS = 999;

/**
 * The borrower disputes: a hold that the phone takes like any other, at once and without anybody's leave. Once for each period that
 * is paid for, as on the phone; the same again changes nothing.
 *
 * @throws {Refusal} CONTRACT_CLOSED.
 */
export async function openDispute(context: RegistryContext, contractId: string, text: string): Promise<BorrowerView> {
	await inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		requireOpen(contract);
		const now = nowSeconds(context);
		const opened = await transaction
			.insertInto("disputes")
			.values({ contract_id: contractId, paid_until: contract.paid_until, text, at: now })
			.onConflict((conflict) => conflict.columns(["contract_id", "paid_until"]).doNothing())
			.returning("at")
			.executeTakeFirst();
		if (!opened) return;
		await putOrder(context, transaction, {
			deviceId: contract.device_id,
			contractId,
			action: { hold: { kind: wire.HoldKind.HOLD_KIND_DISPUTE, untilUnixSeconds: now + DISPUTE_SECONDS } },
			reason: "dispute",
		});
		await appendAudit(transaction, {
			subject: contractId,
			at: now,
			actor: "borrower",
			action: "dispute.opened",
			details: { until: now + DISPUTE_SECONDS },
		});
	});
	return borrowerView(context, contractId);
}

/**
 * A code that carries to a phone without network what is paid for already, and nothing more. Idempotent: the same number on the
 * screen gives the same code until more is paid.
 *
 * @throws {Refusal} CODE_REFUSED when there is nothing that the phone does not know.
 */
export async function borrowerTimeCode(
	context: RegistryContext,
	contractId: string,
	requestNumber: string,
): Promise<BorrowerTimeCode> {
	const view = await borrowerView(context, contractId);
	if (!view.mayAskCode) {
		throw refusal(
			"CODE_REFUSED",
			"There is nothing paid that the phone does not know of.",
			"Pay first. If you have paid, wait until the payment is shown here, or call the lender.",
		);
	}
	const days = Math.ceil((view.paidUntilUnixSeconds - nowSeconds(context)) / DAY);
	const { code, kind, value } = await issueCode({ ...context, actor: "borrower" }, contractId, {
		kind: "set",
		days: Math.min(MOST_DAYS, Math.max(1, days)),
		requestNumber,
		requestId: `own-${requestNumber.replace(/\D/g, "")}-${view.paidUntilUnixSeconds}`,
	});
	return { code, kind, value };
}
