import type { Transaction } from "kysely";

import { decode, decodeCanonical, equalBytes, type Message } from "../../../proto/codec.ts";
import { keyidOf } from "../../../proto/crypto.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptReceipt, type BindingReceipt } from "../../../proto/receipt.ts";
import { wire } from "../../../proto/wire.ts";
import type { Enrollment } from "../api.ts";
import {
	AttestationRefusal,
	auditRefusal,
	codesOf,
	judgeReceipt,
	keepVerdict,
	withAttestation,
} from "../attestation/verdicts.ts";
import { appendAudit } from "../audit-log.ts";
import { lockContract } from "../contracts/contracts.ts";
import type { EnrollmentRow, Tables } from "../database/schema.ts";
import { moveDevice } from "../orders/key-rotation.ts";
import { putOrder } from "../orders/outbox.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { enrollmentJson, laterState, parseEnrollmentId } from "./enrollment-status.ts";
import { findEnrollment, unknownEnrollment } from "./enrollments.ts";

/**
 * Stores the handset's receipt, after verifying that the key it names signed it and that it is for this binding and this
 * handset. Idempotent. A second receipt with another key, from the same handset for the same binding, is that of a phone which
 * lost its key (factory reset) and took its contract again: its paid-until is then sent anew.
 *
 * @throws {Refusal} NOT_FOUND, RECEIPT_INVALID, IMEI_MISMATCH; ATTESTATION_REFUSED where the lender requires an attestation that the
 * receipt does not bring. Such a phone stays unconfirmed, and frees itself (`Terms.unconfirmed_release_seconds`).
 */
export async function confirmEnrollment(
	context: RegistryContext,
	enrollmentId: string,
	receiptEnvelope: Uint8Array,
	evidence: Uint8Array,
): Promise<Enrollment> {
	const id = parseEnrollmentId(enrollmentId);
	if (!id) throw unknownEnrollment();
	const receipt = readReceipt(context, receiptEnvelope);
	requireEvidence(evidence);
	const rules = await context.attestation.rules();
	const work = inTransaction(context, async (transaction) => {
		const found = await findEnrollment(transaction, id);
		if (!found) throw unknownEnrollment();
		const contract = await lockContract(transaction, found.contract_id);
		const row = (await findEnrollment(transaction, id)) ?? found; // as it is now that nobody else changes it
		if (row.state === "withdrawn") throw refusal("CONFLICT", "This enrolment was withdrawn.", "Start the enrolment again.");
		const binding = await bindingOf(transaction, row, receipt);
		const device = await transaction
			.selectFrom("devices")
			.selectAll()
			.where("device_id", "=", row.device_id)
			.forUpdate()
			.executeTakeFirstOrThrow();
		const isKnownKey = device.device_public_key !== null && equalBytes(device.device_public_key, receipt.devicePublicKey);
		if (row.receipt !== null && isKnownKey) return withAttestation(transaction, enrollmentJson(row));

		const isRekeyed = row.receipt !== null;
		const now = nowSeconds(context);
		const generation = device.key_generation + 1;
		const policy = rules.settings.enrollment;
		const verdict = policy === "off" ? undefined : judgeReceipt(rules, receipt, row, now, now);
		if (policy === "required" && verdict && verdict.result !== "passed") throw new AttestationRefusal(row.contract_id, verdict);
		await transaction
			.updateTable("devices")
			.set({ device_public_key: receipt.devicePublicKey, key_generation: generation })
			.where("device_id", "=", row.device_id)
			.execute();
		const checkIn = {
			key_generation: generation,
			counter: 0,
			at: null,
			last_sequence: 0,
			standing: 0,
			status: null,
			log_head: null,
			log_length: 0,
			agent_version: receipt.agentVersion,
		};
		await transaction
			.insertInto("check_ins")
			.values({ device_id: row.device_id, ...checkIn })
			.onConflict((conflict) => conflict.column("device_id").doUpdateSet(checkIn))
			.execute();
		const confirmed = await transaction
			.updateTable("enrollments")
			.set({
				state: isRekeyed ? "confirmed" : laterState(row.state, "confirmed"),
				binding_sha256: receipt.bindingSha256,
				receipt: receiptEnvelope,
				evidence,
				attestation_policy: policy,
				confirmed_at: now,
			})
			.where("device_id", "=", row.device_id)
			.returningAll()
			.executeTakeFirstOrThrow();
		if (verdict && policy !== "off")
			await keepVerdict(
				transaction,
				{ deviceId: row.device_id, keyGeneration: generation },
				policy,
				verdict,
				rules.trust.version,
				now,
			);
		await moveDevice(transaction, row.device_id, { version: binding.keySetVersion, epoch: binding.epoch, lastSequence: 0 });
		// Neither a phone that lost its record nor one that takes the place of another knows what was paid since the terms were made.
		if ((isRekeyed || row.attempt > 1) && contract.state === "open") {
			await putOrder(context, transaction, {
				deviceId: row.device_id,
				contractId: row.contract_id,
				action: { extend: { paidUntilUnixSeconds: contract.paid_until, paymentReference: "" } },
				reason: "service",
			});
		}
		await appendAudit(transaction, {
			subject: row.contract_id,
			at: now,
			actor: context.actor,
			action: isRekeyed ? "enrollment.rekeyed" : "enrollment.confirmed",
			details: {
				attempt: row.attempt,
				deviceKey: keyidOf(context.crypto, receipt.devicePublicKey),
				certificates: receipt.attestationChain.length,
				...(verdict ? { attestation: verdict.result, findings: codesOf(verdict) } : {}),
			},
		});
		return withAttestation(transaction, enrollmentJson(confirmed));
	});
	try {
		return await work;
	} catch (error) {
		if (error instanceof AttestationRefusal) await auditRefusal(context, error);
		throw error;
	}
}

function readReceipt(context: RegistryContext, envelope: Uint8Array): BindingReceipt {
	try {
		return acceptReceipt(context.crypto, envelope);
	} catch (error) {
		if (error instanceof ProtocolError) throw invalid(`The receipt is not genuine (${error.code}).`);
		throw error;
	}
}

/** The binding that the receipt is for: any that was ever signed in this attempt, because an older one may have been taken. */
async function bindingOf(
	transaction: Transaction<Tables>,
	row: EnrollmentRow,
	receipt: BindingReceipt,
): Promise<Message<wire.Binding.$Properties>> {
	const found = await transaction
		.selectFrom("bindings")
		.select("binding")
		.where("device_id", "=", row.device_id)
		.where("binding_sha256", "=", receipt.bindingSha256)
		.where("attempt", "=", row.attempt)
		.executeTakeFirst();
	if (!found) throw invalid("The receipt is for another binding.");
	if (row.receipt !== null && !equalBytes(row.binding_sha256, receipt.bindingSha256)) {
		throw invalid("The enrolment was confirmed with another binding.");
	}
	const binding = decodeCanonical(wire.Binding, found.binding);
	const imeis = [binding.imei1, binding.imei2].filter((imei) => imei !== "");
	if (receipt.deviceId !== row.device_id || receipt.contractId !== row.contract_id)
		throw invalid("The receipt is for another contract.");
	const sameImeis = receipt.imeis.length === imeis.length && imeis.every((imei) => receipt.imeis.includes(imei));
	if (!sameImeis || (receipt.serial !== "" && receipt.serial !== binding.serial)) {
		throw refusal(
			"IMEI_MISMATCH",
			"The phone that took the contract is not the one it was offered to.",
			"Stop. Compare the phone with the contract.",
			{
				enrollmentImeiTail: binding.imei1.slice(-4),
			},
		);
	}
	return binding;
}

function requireEvidence(evidence: Uint8Array): void {
	try {
		decode(wire.EnrollmentEvidence, evidence);
	} catch (error) {
		if (!(error instanceof ProtocolError)) throw error;
		throw refusal("BAD_REQUEST", "The evidence cannot be read.", "Update the tool that made it.");
	}
}

function invalid(detail: string) {
	return refusal("RECEIPT_INVALID", detail, "Stop. Keep the phone, and send the report to the lender.");
}
