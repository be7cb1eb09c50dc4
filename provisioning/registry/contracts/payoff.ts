import { randomBytes } from "node:crypto";

import type { Transaction } from "kysely";

import type { Contract, PayoffRequest } from "../api.ts";
import { appendAudit } from "../audit-log.ts";
import { toBase64 } from "../base64.ts";
import type { ContractRow, OrderRow, Tables } from "../database/schema.ts";
import { putOrder, signAgain, supersedePending } from "../orders/outbox.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { getContract, lockContract } from "./contracts.ts";
import { releaseImeis } from "./imei-claims.ts";

const HOUR = 3600;
/** Longest that an agent keeps a service window open. */
const SERVICE_SECONDS = 24 * HOUR;
/** A service window that is about to close is of no use to a technician. */
const SERVICE_LEFT_SECONDS = 2 * HOUR;

/** Closes a contract by the lender's own word. Idempotent by reference. */
export async function payOff(
	context: RegistryContext,
	contractId: string,
	{ reference, reason = "paid_off" }: PayoffRequest,
): Promise<Contract> {
	await inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		if (contract.state !== "open") {
			if (contract.payoff_reference === reference) return;
			throw refusal("CONTRACT_CLOSED", `The contract is closed already (${contract.state}).`, "Nothing needs to be done.", {
				state: contract.state,
			});
		}
		await closeContract(context, transaction, contract, reason, reference, context.actor);
	});
	return getContract(context, contractId);
}

/**
 * Ends a contract: its IMEIs are free, nothing more may be restricted, and the release order goes into the outbox in the same
 * transaction, so that a phone that is online frees itself.
 */
export async function closeContract(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	contract: ContractRow,
	state: "paid_off" | "returned",
	reference: string,
	actor: string,
): Promise<void> {
	const at = nowSeconds(context);
	const certificateId = `HF-${randomBytes(8).toString("hex").toUpperCase()}`;
	await transaction
		.updateTable("contracts")
		.set({ state, payoff_reference: reference, certificate_id: certificateId, closed_at: at })
		.where("contract_id", "=", contract.contract_id)
		.execute();
	await releaseImeis(transaction, contract.contract_id, "all");
	await supersedePending(transaction, contract.device_id, ["restrict", "notice", "rebind"]);
	await putOrder(context, transaction, {
		deviceId: contract.device_id,
		contractId: contract.contract_id,
		action: { release: { certificateId } },
		reason: state,
	});
	await appendAudit(transaction, {
		subject: contract.contract_id,
		at,
		actor,
		action: `contract.${state}`,
		details: { reference, certificateId },
	});
}

/** The orders that free a phone by cable. Idempotent: the release is always the same; the service window is renewed in time. */
export async function grantRelease(
	context: RegistryContext,
	contractId: string,
): Promise<{ certificateId: string; releaseEnvelope: string; serviceWindowEnvelope: string }> {
	return inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		const { certificateId } = requirePayoff(contract);
		const { key_set_version } = await transaction
			.selectFrom("devices")
			.select("key_set_version")
			.where("device_id", "=", contract.device_id)
			.forUpdate()
			.executeTakeFirstOrThrow();
		const release = await latestOrder(transaction, contract.device_id, "release");
		if (!release) throw new Error(`closed contract ${contractId} has no release order`);
		const window = await serviceWindow(context, transaction, contract);
		const signed = await signAgain(context, transaction, release, key_set_version);
		const signedWindow = await signAgain(context, transaction, window, key_set_version);
		return {
			certificateId,
			releaseEnvelope: toBase64(signed.envelope),
			serviceWindowEnvelope: toBase64(signedWindow.envelope),
		};
	});
}

/** @throws {Refusal} PAYOFF_NOT_PROVEN while the contract runs. */
export function requirePayoff(contract: ContractRow): { certificateId: string } {
	if (contract.state !== "open" && contract.certificate_id !== null) return { certificateId: contract.certificate_id };
	throw refusal(
		"PAYOFF_NOT_PROVEN",
		"The contract is not paid off.",
		"Record the missing payments, or mark it paid off or returned.",
		{
			paidMinor: String(contract.paid_minor),
			totalMinor: String(contract.total_minor),
		},
	);
}

async function serviceWindow(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	contract: ContractRow,
): Promise<OrderRow> {
	const now = nowSeconds(context);
	const requestId = `release-service-${Math.floor(now / (SERVICE_SECONDS - SERVICE_LEFT_SECONDS))}`;
	const known = await transaction
		.selectFrom("orders")
		.selectAll()
		.where("device_id", "=", contract.device_id)
		.where("request_id", "=", requestId)
		.executeTakeFirst();
	// Replaced after a rotation with a new epoch: a phone would not take the old one.
	if (known && known.state !== "superseded" && known.issued_at + SERVICE_SECONDS - SERVICE_LEFT_SECONDS > now) return known;
	const row = await putOrder(context, transaction, {
		deviceId: contract.device_id,
		contractId: contract.contract_id,
		action: { serviceWindow: { opensAtUnixSeconds: now, closesAtUnixSeconds: now + SERVICE_SECONDS } },
		reason: "service",
		...(known ? {} : { requestId }),
	});
	await appendAudit(transaction, {
		subject: contract.contract_id,
		at: now,
		actor: context.actor,
		action: "release.granted",
		details: { certificateId: contract.certificate_id, serviceSequence: row.sequence },
	});
	return row;
}

async function latestOrder(transaction: Transaction<Tables>, deviceId: string, action: string): Promise<OrderRow | undefined> {
	return transaction
		.selectFrom("orders")
		.selectAll()
		.where("device_id", "=", deviceId)
		.where("action", "=", action)
		.orderBy("epoch", "desc")
		.orderBy("sequence", "desc")
		.limit(1)
		.executeTakeFirst();
}
