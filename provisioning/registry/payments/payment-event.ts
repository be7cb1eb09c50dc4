import { refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";
import type { PaymentEvent, PaymentEventResult } from "./payment-feed-request.ts";
import { recordPayment } from "./payments.ts";

/** Takes what a payment system tells. Idempotent by contract and reference, however often it is sent. */
export async function takePaymentEvent(context: RegistryContext, event: PaymentEvent): Promise<PaymentEventResult> {
	if (event.type === "feed.alive") {
		await context.fleet.feedHeard();
		return { accepted: true, repeated: false };
	}
	const { contractId, reference, amountMinor, currency, receivedAtUnixSeconds } = event.data;
	if (currency !== undefined) await requireCurrency(context, contractId, currency);
	const { repeated } = await recordPayment(
		context,
		contractId,
		{ reference, amountMinor, ...(receivedAtUnixSeconds === undefined ? {} : { receivedAtUnixSeconds }) },
		"webhook",
	);
	return { accepted: true, repeated };
}

async function requireCurrency({ database }: RegistryContext, contractId: string, currency: string): Promise<void> {
	const contract = await database.kysely
		.selectFrom("contracts")
		.select("currency")
		.where("contract_id", "=", contractId)
		.executeTakeFirst();
	if (!contract || contract.currency === currency) return;
	throw refusal("BAD_REQUEST", `The contract is in ${contract.currency}.`, "Nothing is converted here: send its own currency.");
}
