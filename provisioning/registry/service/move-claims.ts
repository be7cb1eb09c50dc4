import type { Transaction } from "kysely";
import { claimImeis } from "../contracts/imei-claims.ts";
import type { Tables } from "../database/schema.ts";

/**
 * From now on a contract is about these IMEIs and no others. In the caller's transaction: nobody ever sees a contract with none, and
 * of two contracts that reach for one phone one is refused.
 *
 * @throws {Refusal} IMEI_ON_OTHER_CONTRACT.
 */
export async function moveClaims(
	transaction: Transaction<Tables>,
	contractId: string,
	imeis: readonly string[],
	now: number,
): Promise<void> {
	const before = await transaction.selectFrom("imeis").select("named").where("contract_id", "=", contractId).execute();
	// A contract that named its phone names the new one.
	const named = before.some((row) => row.named);
	await claimImeis(transaction, contractId, imeis, named, now);
	await transaction
		.updateTable("imeis")
		.set({ named })
		.where("contract_id", "=", contractId)
		.where("imei", "in", imeis)
		.execute();
	await transaction
		.updateTable("imeis")
		.set({ active: false, named: false })
		.where("contract_id", "=", contractId)
		.where("imei", "not in", imeis)
		.execute();
}
