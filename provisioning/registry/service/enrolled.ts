import type { Transaction } from "kysely";

import type { ContractRow, EnrollmentRow, Tables } from "../database/schema.ts";
import { refusal } from "../refusal.ts";

/** The enrolment that a phone has confirmed under a contract. @throws {Refusal} CONFLICT. */
export async function enrolledUnder(transaction: Transaction<Tables>, { device_id }: ContractRow): Promise<EnrollmentRow> {
	const row = await transaction
		.selectFrom("enrollments")
		.selectAll()
		.where("device_id", "=", device_id)
		.where("state", "in", ["confirmed", "contacted", "sealed"])
		.executeTakeFirst();
	if (row) return row;
	throw refusal(
		"CONFLICT",
		"No phone is enrolled under this contract.",
		"Enrol the phone; an offer that was not taken can be withdrawn.",
	);
}

/** IMEIs of an enrolment, in slot order. */
export function imeisOfEnrolled({ imei1, imei2 }: Pick<EnrollmentRow, "imei1" | "imei2">): string[] {
	return imei2 === null ? [imei1] : [imei1, imei2];
}
