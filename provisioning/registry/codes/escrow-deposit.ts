import { Type } from "typebox";

import { writeReleaseCode } from "../../../proto/release-code.ts";
import { appendAudit } from "../audit-log.ts";
import { toBase64 } from "../base64.ts";
import { sealForEscrow } from "../keys/escrow-key.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import type { EscrowDepositPage } from "./code-request.ts";
import { openReleaseSecret } from "./release-secrets.ts";

/** Phones in one sealed page. */
const PAGE = 500;

/** What a sealed page holds, as JSON. Pages follow on each other by `after` and `next`: none can be left out unseen. */
export const DepositContent = Type.Object({
	after: Type.String(),
	/** Absent on the last page. */
	next: Type.Optional(Type.String()),
	releases: Type.Array(
		Type.Object({
			contractId: Type.String(),
			deviceId: Type.String(),
			imei1: Type.String(),
			imei2: Type.String(),
			releaseCode: Type.String(),
		}),
	),
});

/** What a page is sealed under, so that none passes for another lender's. */
export function depositLabel(lenderId: string): string {
	return `holdfast/escrow-deposit/v1/${lenderId}`;
}

/**
 * The release codes of phones that are not free yet, a page at a time, sealed for the holders of the escrow key and readable for
 * nobody else: not for whoever asks, and not for this registry afterwards. The first page is written down.
 *
 * @param after the last page's `next`; empty for the first.
 * @throws {Refusal} CODE_REFUSED if there is no escrow key.
 */
export async function depositPage(context: RegistryContext, after: string): Promise<EscrowDepositPage> {
	const { lenderId, escrowKey } = context.keys;
	if (!escrowKey)
		throw refusal("CODE_REFUSED", "This lender has no escrow key.", "Make one with its holders: holdfast keys escrow new.");
	const rows = await context.database.kysely
		.selectFrom("contracts")
		.leftJoin("enrollments", "enrollments.device_id", "contracts.device_id")
		.select([
			"contracts.contract_id",
			"contracts.device_id",
			"contracts.release_secret",
			"enrollments.imei1",
			"enrollments.imei2",
		])
		.where("contracts.contract_id", ">", after)
		.where("contracts.state", "!=", "released")
		.where("contracts.release_secret", "is not", null)
		.orderBy("contracts.contract_id")
		.limit(PAGE)
		.execute();
	if (after === "") {
		await inTransaction(context, (transaction) =>
			appendAudit(transaction, {
				subject: "registry",
				at: nowSeconds(context),
				actor: context.actor,
				action: "escrow.deposit",
				details: { key: escrowKey.fingerprint },
			}),
		);
	}
	const last = rows.length === PAGE ? rows.at(-1)?.contract_id : undefined;
	const next = last === undefined ? {} : { next: last };
	const releases = rows.map((row) => ({
		contractId: row.contract_id,
		deviceId: row.device_id,
		imei1: row.imei1 ?? "",
		imei2: row.imei2 ?? "",
		releaseCode: writeReleaseCode(openReleaseSecret(context, row)),
	}));
	const plain = Buffer.from(JSON.stringify({ after, ...next, releases }), "utf8");
	const sealed = toBase64(sealForEscrow(escrowKey, depositLabel(lenderId), plain));
	return { lenderId, key: escrowKey.fingerprint, sealed, count: rows.length, ...next };
}
