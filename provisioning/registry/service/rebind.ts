import { randomBytes } from "node:crypto";

import type { Transaction } from "kysely";

import { decodeCanonical, encode, type Message } from "../../../proto/codec.ts";
import { PayloadType, readEnvelope, sealBytes } from "../../../proto/envelope.ts";
import { isRoleCurrent } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { appendAudit } from "../audit-log.ts";
import { codeKeyLabel, openCodeKey, requireVault } from "../codes/code-keys.ts";
import { claimImeis } from "../contracts/imei-claims.ts";
import type { ContractRow, EnrollmentRow, Tables } from "../database/schema.ts";
import { putOrder, supersedePending } from "../orders/outbox.ts";
import { refusal } from "../refusal.ts";
import { nowSeconds, type RegistryContext } from "../registry-context.ts";
import { type CaseRow, requestOf } from "./case-row.ts";
import { imeisOfRead, requireDualScan } from "./dual-scan.ts";
import { enrolledUnder, imeisOfEnrolled } from "./enrolled.ts";
import { moveClaims } from "./move-claims.ts";
import type { RebindRequest } from "./service-request.ts";

/** As long as an order that tightens lives: nothing is gained by a binding that outlives it. */
const BINDING_LIFE_SECONDS = 14 * 24 * 3600;

/**
 * Signs a new binding for a phone that reads other IMEIs than before, and sends it as an order. The contract keeps its old IMEIs beside
 * the new ones until the phone itself has said, signed with the device key that we know, that it took the binding.
 *
 * @returns SHA-256 of the binding.
 * @throws {Refusal} CONFLICT, IMEI_MISMATCH, IMEI_ON_OTHER_CONTRACT, KEYS_EXPIRED.
 */
export async function orderRebind(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	contract: ContractRow,
	request: RebindRequest,
): Promise<Uint8Array> {
	const enrolled = await enrolledUnder(transaction, contract);
	requireDualScan(enrolled, request);
	await claimImeis(transaction, contract.contract_id, imeisOfRead(request.handset), false, nowSeconds(context));
	const { bindingSha256, envelope } = await signBinding(context, transaction, contract, enrolled, request);
	await putOrder(context, transaction, {
		deviceId: contract.device_id,
		contractId: contract.contract_id,
		action: { rebind: { bindingEnvelope: envelope } },
		reason: "service",
	});
	return bindingSha256;
}

/** The same contract, terms, consent and code key for another identity. */
async function signBinding(
	{ keys, crypto, ...context }: RegistryContext,
	transaction: Transaction<Tables>,
	contract: ContractRow,
	enrolled: EnrollmentRow,
	{ handset }: RebindRequest,
): Promise<{ bindingSha256: Uint8Array; envelope: Uint8Array }> {
	const now = nowSeconds(context);
	const device = await transaction
		.selectFrom("devices")
		.select("key_set_version")
		.where("device_id", "=", contract.device_id)
		.executeTakeFirstOrThrow();
	// In the name of the key set that the phone trusts: it takes a binding of no other.
	const keySet = keys.keySets[device.key_set_version - 1];
	const signer = keys.signer("enroll", device.key_set_version);
	if (!keySet || !signer || !isRoleCurrent(keySet, wire.Role.ROLE_ENROLL, now)) {
		throw refusal(
			"KEYS_EXPIRED",
			"The lender's key for bindings that this phone believes has expired.",
			"Have the phone check in, so that it hears of the new keys; if there are none, rotate them: holdfast keys rotate.",
		);
	}
	const before = await transaction
		.selectFrom("bindings")
		.select(["binding", "code_key"])
		.where("device_id", "=", contract.device_id)
		.where("binding_sha256", "=", enrolled.binding_sha256)
		.executeTakeFirstOrThrow();
	const known = decodeCanonical(wire.Binding, before.binding);
	const binding = encode(wire.Binding, {
		...known,
		imei1: handset.imei1,
		imei2: handset.imei2 ?? "",
		serial: handset.serial,
		keySetVersion: keySet.version,
		epoch: keySet.epoch,
		issuedAtUnixSeconds: now,
		expiresAtUnixSeconds: now + BINDING_LIFE_SECONDS,
		nonce: randomBytes(16),
	});
	const bindingSha256 = crypto.sha256(binding);
	const codeKey = openCodeKey(keys, enrolled.binding_sha256, before.code_key);
	const envelope = await sealBytes(PayloadType.binding, binding, [signer]);
	await transaction
		.insertInto("bindings")
		.values({
			device_id: contract.device_id,
			binding_sha256: bindingSha256,
			attempt: enrolled.attempt,
			key_set_version: keySet.version,
			binding,
			envelope,
			expires_at: now + BINDING_LIFE_SECONDS,
			code_key: codeKey ? requireVault(keys.codeVault).seal(codeKeyLabel(bindingSha256), codeKey) : null,
		})
		.execute();
	return { bindingSha256, envelope };
}

/**
 * What became of rebinds that a phone reports on. Its check-in is signed by the device key that the contract has: only so does a
 * contract move to other IMEIs.
 */
export async function settleRebinds(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	{ deviceId, outcomes }: Message<wire.CheckIn.$Properties>,
): Promise<void> {
	for (const { epoch, sequence, result, rule } of outcomes) {
		const order = await transaction
			.selectFrom("orders")
			.select("payload")
			.where("device_id", "=", deviceId)
			.where("epoch", "=", epoch)
			.where("sequence", "=", sequence)
			.where("action", "=", "rebind")
			.executeTakeFirst();
		const envelope = order && decodeCanonical(wire.Order, order.payload).rebind?.bindingEnvelope;
		if (!envelope) continue;
		const { payload } = readEnvelope(envelope, PayloadType.binding);
		const found = await transaction
			.selectFrom("service_cases")
			.selectAll()
			.where("device_id", "=", deviceId)
			.where("binding_sha256", "=", context.crypto.sha256(payload))
			.where("state", "=", "approved")
			.executeTakeFirst();
		if (!found) continue;
		if (result === wire.OrderResult.ORDER_RESULT_ACCEPTED) await complete(context, transaction, found);
		else await fail(context, transaction, found, rule);
	}
}

async function complete(context: RegistryContext, transaction: Transaction<Tables>, row: CaseRow): Promise<void> {
	const { handset } = rebindOf(row);
	const now = nowSeconds(context);
	const { state } = await transaction
		.selectFrom("contracts")
		.select("state")
		.where("contract_id", "=", row.contract_id)
		.executeTakeFirstOrThrow();
	// One that ended meanwhile holds no phone any more.
	if (state === "open") await moveClaims(transaction, row.contract_id, imeisOfRead(handset), now);
	await transaction
		.updateTable("enrollments")
		.set({
			imei1: handset.imei1,
			imei2: handset.imei2 ?? null,
			serial: handset.serial,
			model: handset.model,
			...(row.binding_sha256 === null ? {} : { binding_sha256: row.binding_sha256 }),
		})
		.where("device_id", "=", row.device_id)
		.execute();
	await transaction.updateTable("service_cases").set({ state: "done" }).where("case_id", "=", row.case_id).execute();
	await appendAudit(transaction, {
		subject: row.contract_id,
		at: now,
		actor: "device",
		action: "enrollment.rebound",
		details: {
			caseId: row.case_id,
			newImeiTail: handset.imei1.slice(-4),
			bindingSha256: row.binding_sha256 === null ? null : Buffer.from(row.binding_sha256).toString("hex"),
		},
	});
}

async function fail(context: RegistryContext, transaction: Transaction<Tables>, row: CaseRow, rule: string): Promise<void> {
	await abandonRebind(transaction, row);
	await transaction
		.updateTable("service_cases")
		.set({ state: "failed", rule: rule.slice(0, 40) })
		.where("case_id", "=", row.case_id)
		.execute();
	await appendAudit(transaction, {
		subject: row.contract_id,
		at: nowSeconds(context),
		actor: "device",
		action: "service.rebind_failed",
		details: { caseId: row.case_id, rule: rule.slice(0, 40) },
	});
}

/** Nobody waits for the phone any more: it stays who it was, and the IMEIs that it did not take are let go. */
export async function abandonRebind(transaction: Transaction<Tables>, row: CaseRow): Promise<void> {
	const enrolled = await transaction
		.selectFrom("enrollments")
		.select(["imei1", "imei2"])
		.where("device_id", "=", row.device_id)
		.executeTakeFirstOrThrow();
	await supersedePending(transaction, row.device_id, ["rebind"]);
	const kept = imeisOfEnrolled(enrolled);
	await transaction
		.updateTable("imeis")
		.set({ active: false })
		.where("contract_id", "=", row.contract_id)
		.where("named", "=", false)
		.where("imei", "in", imeisOfRead(rebindOf(row).handset))
		.where("imei", "not in", kept)
		.execute();
}

function rebindOf(row: CaseRow): RebindRequest {
	const request = requestOf(row);
	if (request.kind !== "rebind") throw new Error(`case ${row.case_id} is no rebind`);
	return request;
}
