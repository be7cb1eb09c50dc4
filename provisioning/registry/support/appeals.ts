import type { Selectable } from "kysely";

import type { Connection } from "../database/database.ts";
import type { AppealsTable } from "../database/schema.ts";

/** The appeal that keeps a contract's phone from being locked; `undefined` if none does. */
export async function openAppeal(
	connection: Connection,
	contractId: string,
	now: number,
): Promise<Selectable<AppealsTable> | undefined> {
	return (
		connection
			.selectFrom("appeals")
			.selectAll()
			// The phone is spared, under whichever contract somebody says it is.
			.where(({ or, eb, selectFrom }) =>
				or([
					eb("contract_id", "=", contractId),
					eb("imei", "in", selectFrom("imeis").select("imei").where("imeis.contract_id", "=", contractId)),
				]),
			)
			.where("closed_at", "is", null)
			.where("open_until", ">", now)
			.orderBy("open_until", "desc")
			.limit(1)
			.executeTakeFirst()
	);
}
