import { sql } from "kysely";

import { readContractsOf } from "../contracts/contracts.ts";
import { requireImeis } from "../contracts/imei-claims.ts";
import { pagedList } from "../cursor.ts";
import type { PageQuery } from "../page-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import type { FoundContracts } from "./service-request.ts";

const CLAIMS = pagedList("contracts-of-imei", ["number", "number", "string"]);

/** Contracts that a phone is or was on, the running one first, then the latest, a page at a time. @throws {Refusal} IMEI_INVALID. */
export async function findContracts(context: RegistryContext, imei: string, query: PageQuery): Promise<FoundContracts> {
	requireImeis([imei]);
	const { rows, end } = await CLAIMS.read(
		query,
		(before, count) =>
			context.database.kysely
				.selectFrom("imeis")
				.select(["contract_id", "active", "claimed_at"])
				.where("imei", "=", imei)
				.$if(before !== undefined, (list) =>
					list.where(
						sql<boolean>`(active::int, claimed_at, contract_id) < (${before?.[0]}::bigint, ${before?.[1]}::bigint, ${before?.[2]})`,
					),
				)
				.orderBy(sql`active::int`, "desc")
				.orderBy("claimed_at", "desc")
				.orderBy("contract_id", "desc")
				.limit(count)
				.execute(),
		({ active, claimed_at, contract_id }) => [active ? 1 : 0, claimed_at, contract_id],
	);
	const contracts = await readContractsOf(
		context,
		rows.map(({ contract_id }) => contract_id),
	);
	return { contracts, ...end };
}
