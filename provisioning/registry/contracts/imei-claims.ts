import type { Transaction } from "kysely";

import { imeiTail, parseImei } from "../../../proto/imei.ts";
import type { ImeiStatus } from "../api.ts";
import { sqlState } from "../database/connection-errors.ts";
import type { Connection } from "../database/database.ts";
import type { Tables } from "../database/schema.ts";
import { refusal } from "../refusal.ts";

/** @throws {Refusal} IMEI_INVALID. */
export function requireImeis(imeis: readonly string[]): void {
	for (const imei of imeis) {
		const parsed = parseImei(imei);
		if (!("problem" in parsed)) continue;
		throw refusal(
			"IMEI_INVALID",
			`An IMEI ending in ${imeiTail(imei)} is ${parsed.problem}.`,
			"Read the IMEI again, from the phone: *#06#.",
		);
	}
	if (new Set(imeis).size !== imeis.length)
		throw refusal("IMEI_INVALID", "Both IMEIs are the same.", "Read both IMEIs again, from the phone: *#06#.");
}

/**
 * Makes a contract the one that holds these IMEIs. Race-free by the unique index on active claims: of two contracts that reach
 * for one phone at the same moment, one waits for the other and is refused.
 *
 * @throws {Refusal} IMEI_ON_OTHER_CONTRACT; the transaction is then of no more use.
 */
export async function claimImeis(
	transaction: Transaction<Tables>,
	contractId: string,
	imeis: readonly string[],
	named: boolean,
	now: number,
): Promise<void> {
	// Always in the same order, so that two claims of the same two IMEIs cannot wait for each other.
	for (const imei of [...imeis].sort()) {
		try {
			await transaction
				.insertInto("imeis")
				.values({ imei, contract_id: contractId, named, active: true, claimed_at: now })
				.onConflict((conflict) => conflict.columns(["imei", "contract_id"]).doUpdateSet({ active: true }))
				.execute();
		} catch (cause) {
			if (sqlState(cause) !== "23505") throw cause; // unique_violation
			throw refusal(
				"IMEI_ON_OTHER_CONTRACT",
				`The phone with the IMEI ending in ${imeiTail(imei)} is on another running contract.`,
				"Check the IMEI and the contract; a contract must be paid off or returned before its phone is financed again.",
				{ imeiTail: imeiTail(imei) },
			);
		}
	}
}

/** Lets go of IMEIs: all of a contract that has ended, or only those that came with a handset it was offered to. */
export async function releaseImeis(
	transaction: Transaction<Tables>,
	contractId: string,
	which: "all" | "offered",
): Promise<void> {
	await transaction
		.updateTable("imeis")
		.set({ active: false })
		.where("contract_id", "=", contractId)
		.$if(which === "offered", (query) => query.where("named", "=", false))
		.execute();
}

/** IMEIs that a contract itself names, in the order of their digits. */
export async function namedImeis(connection: Connection, contractId: string): Promise<string[]> {
	const rows = await connection
		.selectFrom("imeis")
		.select("imei")
		.where("contract_id", "=", contractId)
		.where("named", "=", true)
		.orderBy("imei")
		.execute();
	return rows.map(({ imei }) => imei);
}

/** All that a stranger may know of a phone. */
export async function imeiStatus(connection: Connection, imei: string): Promise<ImeiStatus> {
	requireImeis([imei]);
	const rows = await connection.selectFrom("imeis").select("active").where("imei", "=", imei).execute();
	if (rows.some(({ active }) => active)) return { status: "financed" };
	return { status: rows.length > 0 ? "clear" : "unknown" };
}
