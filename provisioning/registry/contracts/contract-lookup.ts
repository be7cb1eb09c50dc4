import { enrollmentJson } from "../enrollment/enrollment-status.ts";
import type { ContractLookup } from "../enrollment/station-request.ts";
import type { RegistryContext } from "../registry-context.ts";

/** What a station must know of many contracts before it starts, in three questions to the database. */
export async function lookUpContracts({ database }: RegistryContext, contractIds: readonly string[]): Promise<ContractLookup> {
	const { kysely } = database;
	const [contracts, imeis] = await Promise.all([
		kysely
			.selectFrom("contracts")
			.select(["contract_id", "device_id", "state"])
			.where("contract_id", "in", contractIds)
			.execute(),
		kysely
			.selectFrom("imeis")
			.select(["contract_id", "imei"])
			.where("contract_id", "in", contractIds)
			.where("named", "=", true)
			.orderBy("imei")
			.execute(),
	]);
	if (contracts.length === 0) return { contracts: [] };
	const enrollments = await kysely
		.selectFrom("enrollments")
		.selectAll()
		.where(
			"device_id",
			"in",
			contracts.map(({ device_id }) => device_id),
		)
		.where("state", "<>", "withdrawn")
		.execute();
	const stateOf = new Map(enrollments.map((row) => [row.device_id, enrollmentJson(row).state]));
	const named = new Map<string, string[]>();
	for (const { contract_id, imei } of imeis) named.set(contract_id, [...(named.get(contract_id) ?? []), imei]);
	return {
		contracts: contracts.map(({ contract_id, device_id, state }) => {
			const enrollmentState = stateOf.get(device_id);
			return {
				contractId: contract_id,
				state,
				imeis: named.get(contract_id) ?? [],
				...(enrollmentState === undefined ? {} : { enrollmentState }),
			};
		}),
	};
}
