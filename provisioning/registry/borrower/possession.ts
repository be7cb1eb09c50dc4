import { decode } from "../../../proto/codec.ts";
import { readRequestNumber } from "../../../proto/request-number.ts";
import { wire } from "../../../proto/wire.ts";
import { requireImeis } from "../contracts/imei-claims.ts";
import { refusal } from "../refusal.ts";
import type { RegistryContext } from "../registry-context.ts";
import type { PossessionAnswer } from "./borrower-request.ts";

/** Last digits of the counter that stand in a request number. */
const SHOWN_COUNTERS = 10_000;

/**
 * Whether the phone that somebody holds is the one that a running contract is about, and not another with a copied IMEI: only that
 * phone shows the number that it last reported under its own key.
 *
 * @throws {Refusal} IMEI_INVALID; BAD_REQUEST for a number that was misread.
 */
export async function checkPossession(context: RegistryContext, imei: string, typed: string): Promise<PossessionAnswer> {
	requireImeis([imei]);
	const shown = readRequestNumber(typed);
	if (!shown) {
		throw refusal(
			"BAD_REQUEST",
			"That is not a number that a phone shows.",
			"Read the eight digits again. One of them is wrong.",
		);
	}
	const row = await context.database.kysely
		.selectFrom("imeis")
		.innerJoin("contracts", "contracts.contract_id", "imeis.contract_id")
		.innerJoin("devices", "devices.device_id", "contracts.device_id")
		.innerJoin("check_ins", (join) =>
			join
				.onRef("check_ins.device_id", "=", "devices.device_id")
				.onRef("check_ins.key_generation", "=", "devices.key_generation"),
		)
		.select(["check_ins.status", "check_ins.at"])
		.where("imeis.imei", "=", imei)
		.where("imeis.active", "=", true)
		.executeTakeFirst();
	const status = row?.status ? decode(wire.DeviceStatus, row.status) : undefined;
	if (!row || !status || status.codeCounter === 0) return { inHand: "unknown" };
	const isSame = status.codeCounter % SHOWN_COUNTERS === shown.counterDigits && status.codeNonce === shown.nonce;
	return isSame ? { inHand: "same", ...(row.at === null ? {} : { reportedAtUnixSeconds: row.at }) } : { inHand: "other" };
}
