import { decodeCanonical } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import type { PaymentRequest, PaymentResult } from "../api.ts";
import { appendAudit } from "../audit-log.ts";
import type { PaymentSource } from "../contracts/contract-story-request.ts";
import { MAX_EXTENSION_SECONDS } from "../contracts/contract-terms.ts";
import { firstUnpaid, getContract, lockContract, requireOpen } from "../contracts/contracts.ts";
import { closeContract } from "../contracts/payoff.ts";
import { putOrder } from "../orders/outbox.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";

/** Clocks of payment systems go before ours at most by so much, in seconds. */
export const CLOCKS_APART_SECONDS = 300;

/**
 * Books a payment. An amount covers instalments in order of due date, and the phone is extended to the first that is not
 * covered; when all are, the contract is paid off. Idempotent by reference.
 */
export async function recordPayment(
	context: RegistryContext,
	contractId: string,
	request: PaymentRequest,
	source: PaymentSource = "manual",
): Promise<PaymentResult> {
	const { reference, amountMinor, paidUntilUnixSeconds, receivedAtUnixSeconds } = request;
	if (amountMinor === undefined && paidUntilUnixSeconds === undefined) {
		throw refusal(
			"BAD_REQUEST",
			"A payment needs an amount, a new paid-until, or both.",
			"Add amountMinor or paidUntilUnixSeconds.",
		);
	}
	const repeated = await inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		const known = await transaction
			.selectFrom("payments")
			.selectAll()
			.where("contract_id", "=", contractId)
			.where("reference", "=", reference)
			.executeTakeFirst();
		if (known) {
			if (known.amount_minor === (amountMinor ?? null) && known.paid_until === (paidUntilUnixSeconds ?? null)) return true;
			throw refusal("CONFLICT", "This reference was used for another payment.", "Give each payment its own reference.");
		}
		requireOpen(contract);
		const { terms } = await transaction
			.selectFrom("terms")
			.select("terms")
			.where("contract_id", "=", contractId)
			.where("terms_sha256", "=", contract.terms_sha256)
			.executeTakeFirstOrThrow();
		requireBelievable(terms, paidUntilUnixSeconds);
		const now = nowSeconds(context);
		const receivedAt = receivedAtUnixSeconds ?? now;
		if (receivedAt > now + CLOCKS_APART_SECONDS)
			throw refusal("BAD_REQUEST", "The payment was received in the future.", "Correct the time, or leave it out.");
		const paidMinor = contract.paid_minor + (amountMinor ?? 0);
		const nextDue = firstUnpaid(terms, paidMinor);
		const coveredUntil = amountMinor === undefined || !nextDue ? 0 : nextDue.dueAtUnixSeconds;
		const paidUntil = Math.max(contract.paid_until, coveredUntil, paidUntilUnixSeconds ?? 0);
		await transaction
			.insertInto("payments")
			.values({
				contract_id: contractId,
				reference,
				amount_minor: amountMinor ?? null,
				paid_until: paidUntilUnixSeconds ?? null,
				at: now,
				source,
				received_at: receivedAtUnixSeconds ?? null,
			})
			.execute();
		await transaction
			.updateTable("contracts")
			.set({ paid_minor: paidMinor, paid_until: paidUntil })
			.where("contract_id", "=", contractId)
			.execute();
		await appendAudit(transaction, {
			subject: contractId,
			at: now,
			actor: context.actor,
			action: "payment.recorded",
			details: { reference, amountMinor: amountMinor ?? null, paidUntil, source, receivedAt },
		});
		if (!nextDue) {
			await closeContract(context, transaction, contract, "paid_off", reference, "registry");
		} else if (paidUntil > contract.paid_until) {
			await putOrder(context, transaction, {
				deviceId: contract.device_id,
				contractId,
				action: {
					extend: {
						paidUntilUnixSeconds: paidUntil,
						paymentReference: reference,
						receivedAtUnixSeconds: Math.min(receivedAt, now),
					},
				},
				reason: "payment",
			});
		}
		return false;
	});
	// A clerk who books by hand says nothing of whether the feed works.
	if (source !== "manual") await context.fleet.feedHeard();
	return { contract: await getContract(context, contractId), reference, repeated };
}

/** The agent refuses an extension beyond this, so nobody should think it was given. */
function requireBelievable(terms: Uint8Array, paidUntil: number | undefined): void {
	const lastDue = decodeCanonical(wire.Terms, terms).instalments.at(-1)?.dueAtUnixSeconds ?? 0;
	if (paidUntil === undefined || paidUntil <= lastDue + MAX_EXTENSION_SECONDS) return;
	throw refusal(
		"BAD_REQUEST",
		"Paid-until is more than 400 days past the last due date.",
		"Give an earlier time, or mark the contract paid off.",
	);
}
