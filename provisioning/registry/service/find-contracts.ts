import type { Contract } from "../api.ts";
import { getContract } from "../contracts.ts";
import { requireImeis } from "../imei-claims.ts";
import type { RegistryContext } from "../registry-context.ts";

const MAX_FOUND = 10;

/** Contracts that a phone is or was on, the running one first. @throws {Refusal} IMEI_INVALID. */
export async function findContracts(context: RegistryContext, imei: string): Promise<Contract[]> {
	requireImeis([imei]);
	const rows = await context.database.kysely
		.selectFrom("imeis")
		.select("contract_id")
		.where("imei", "=", imei)
		.orderBy("active", "desc")
		.orderBy("claimed_at", "desc")
		.limit(MAX_FOUND)
		.execute();
	return Promise.all(rows.map(({ contract_id }) => getContract(context, contract_id)));
}
