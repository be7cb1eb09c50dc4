import { imeiTail } from "../../../proto/imei.ts";
import type { Certificate } from "../borrower/borrower-request.ts";
import { refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";

/**
 * A payoff certificate, for whoever was shown its number: that a contract ended, and whether the phone has said that it is free.
 *
 * @throws {Refusal} NOT_FOUND.
 */
export async function findCertificate(context: RegistryContext, certificateId: string): Promise<Certificate> {
	const { kysely } = context.database;
	const contract = await kysely
		.selectFrom("contracts")
		.select(["contract_id", "device_id", "state", "closed_at"])
		.where("certificate_id", "=", certificateId)
		.executeTakeFirst();
	if (!contract || contract.state === "open") {
		throw refusal("NOT_FOUND", "This lender gave out no such certificate.", "Compare the number with the one on the paper.");
	}
	const enrollment = await kysely
		.selectFrom("enrollments")
		.select(["imei1", "imei2", "state"])
		.where("device_id", "=", contract.device_id)
		.where("state", "<>", "withdrawn")
		.executeTakeFirst();
	// The state says only that the phone is free; why it was freed stands in the order.
	const release = await kysely
		.selectFrom("orders")
		.select("reason")
		.where("device_id", "=", contract.device_id)
		.where("action", "=", "release")
		.executeTakeFirst();
	const named = await kysely.selectFrom("imeis").select("imei").where("contract_id", "=", contract.contract_id).execute();
	const imeis = enrollment
		? [enrollment.imei1, ...(enrollment.imei2 === null ? [] : [enrollment.imei2])]
		: named.map(({ imei }) => imei);
	return {
		certificateId,
		contractEndedAs: contract.state === "returned" || release?.reason === "returned" ? "returned" : "paid_off",
		phone: contract.state === "released" || enrollment?.state === "released" ? "free" : "not_reported",
		imeiTails: imeis.map(imeiTail),
		endedAtUnixSeconds: contract.closed_at ?? 0,
		lenderId: context.keys.lenderId,
	};
}
