import type { Transaction } from "kysely";

import { appendAudit } from "../audit-log.ts";
import type { ContractRow, Tables } from "../database/schema.ts";
import { supersedePending } from "../orders/outbox.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { imeisOfRead, requireDualScan } from "./dual-scan.ts";
import { enrolledUnder } from "./enrolled.ts";
import { moveClaims } from "./move-claims.ts";
import type { ExchangeRequest } from "./service-request.ts";

/**
 * Takes a contract off a phone whose agent is gone with its board, so that the new phone can be enrolled under it: the same terms, the
 * same debt, another binding with another device key. The old phone is heard no more.
 *
 * @throws {Refusal} CONFLICT, IMEI_MISMATCH, IMEI_ON_OTHER_CONTRACT.
 */
export async function exchange(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	contract: ContractRow,
	request: ExchangeRequest,
): Promise<void> {
	const enrolled = await enrolledUnder(transaction, contract);
	requireDualScan(enrolled, request);
	const now = nowSeconds(context);
	await moveClaims(transaction, contract.contract_id, imeisOfRead(request.handset), now);
	await transaction.updateTable("enrollments").set({ state: "withdrawn" }).where("device_id", "=", contract.device_id).execute();
	await transaction.updateTable("devices").set({ device_public_key: null }).where("device_id", "=", contract.device_id).execute();
	// What the old phone was told, its borrower may have seen; the new one begins with what is paid and nothing else.
	await supersedePending(transaction, contract.device_id, ["restrict", "notice", "rebind"]);
	await appendAudit(transaction, {
		subject: contract.contract_id,
		at: now,
		actor: context.actor,
		action: "enrollment.exchanged",
		details: {
			attempt: enrolled.attempt,
			oldPhone: request.oldPhone,
			oldImeiTail: enrolled.imei1.slice(-4),
			newImeiTail: request.handset.imei1.slice(-4),
		},
	});
}
