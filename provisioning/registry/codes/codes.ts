import { randomUUID } from "node:crypto";

import type { Selectable, Transaction } from "kysely";

import { decode } from "../../../proto/codec.ts";
import { writeReleaseCode } from "../../../proto/release-code.ts";
import { readRequestNumber, wholeCounter } from "../../../proto/request-number.ts";
import { AUTOMATIC_WINDOW, type CodeAddress, showTimeCode, timeCodeSecret, writeTimeCode } from "../../../proto/time-code.ts";
import { wire } from "../../../proto/wire.ts";
import { appendAudit } from "../audit-log.ts";
import { lockContract, requireOpen } from "../contracts/contracts.ts";
import { requirePayoff } from "../contracts/payoff.ts";
import type { CodesTable, ContractRow, Tables } from "../database/schema.ts";
import { refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { openCodeKey } from "./code-keys.ts";
import type { CodeRequest, IssuedCode, ReleaseCode } from "./code-request.ts";
import { openReleaseSecret } from "./release-secrets.ts";

type CodeRow = Selectable<CodesTable>;

/** A phone that takes time codes, as far as the registry knows it. */
interface CodePhone {
	readonly address: CodeAddress;
	readonly secret: Uint8Array;
	readonly keyGeneration: number;
	/**
	 * No counter below it is asked for any more: what the phone itself signed. What was only read out over the telephone does not
	 * count, for it may have been another phone's number.
	 */
	readonly atLeast: number;
}

/**
 * Makes a time code that the lender's staff or its payment system asked for. It can only loosen, so no floor stands before it; and it
 * is no payment: that is booked by itself. Idempotent by request id.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN, CONTRACT_CLOSED, CODE_REFUSED, CONFLICT.
 */
export async function issueCode(context: RegistryContext, contractId: string, request: CodeRequest): Promise<IssuedCode> {
	return inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		// A phone whose contract has ended can still be served, so that it can be set free by cable.
		if (request.kind !== "service" || contract.state === "released") requireOpen(contract);
		const phone = await codePhone(context, transaction, contract);
		const { requestId = randomUUID() } = request;
		const repeated = await transaction
			.selectFrom("codes")
			.selectAll()
			.where("device_id", "=", contract.device_id)
			.where("request_id", "=", requestId)
			.executeTakeFirst();
		if (repeated) {
			if (isSame(repeated, request, phone)) return issued(context, transaction, phone, repeated);
			throw refusal("CONFLICT", "This request id was used for another code.", "Choose another request id.");
		}
		const given = await givenOut(transaction, contract.device_id);
		const row: CodeRow = {
			device_id: contract.device_id,
			request_id: requestId,
			number: (given[0]?.number ?? 0) + 1,
			key_generation: phone.keyGeneration,
			...questionOf(phone, given, request),
			kind: request.kind,
			value: valueIn(request),
			issued_at: nowSeconds(context),
		};
		await transaction.insertInto("codes").values(row).execute();
		await appendAudit(transaction, {
			subject: contractId,
			at: row.issued_at,
			actor: context.actor,
			action: "code.issued",
			details: { kind: row.kind, value: row.value, counter: row.counter, requestId },
		});
		return issued(context, transaction, phone, row);
	});
}

/**
 * The release code of a contract that has ended, for a phone that nobody can reach any more. The payoff is its proof, as for a release
 * by cable.
 *
 * @throws {Refusal} CONTRACT_UNKNOWN, PAYOFF_NOT_PROVEN, CODE_REFUSED.
 */
export async function giveReleaseCode(context: RegistryContext, contractId: string): Promise<ReleaseCode> {
	return inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		const { certificateId } = requirePayoff(contract);
		const releaseCode = writeReleaseCode(openReleaseSecret(context, contract));
		await appendAudit(transaction, {
			subject: contractId,
			at: nowSeconds(context),
			actor: context.actor,
			action: "code.release_given",
			details: { certificateId },
		});
		return { releaseCode, certificateId };
	});
}

async function codePhone(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	{ device_id, contract_id }: ContractRow,
): Promise<CodePhone> {
	const found = await transaction
		.selectFrom("devices")
		.innerJoin("enrollments", "enrollments.device_id", "devices.device_id")
		.innerJoin("bindings", (join) =>
			join
				.onRef("bindings.device_id", "=", "devices.device_id")
				.onRef("bindings.binding_sha256", "=", "enrollments.binding_sha256"),
		)
		.leftJoin("check_ins", (join) =>
			join
				.onRef("check_ins.device_id", "=", "devices.device_id")
				.onRef("check_ins.key_generation", "=", "devices.key_generation"),
		)
		.select([
			"devices.device_public_key",
			"devices.key_generation",
			"bindings.binding_sha256",
			"bindings.code_key",
			"check_ins.status",
		])
		.where("devices.device_id", "=", device_id)
		.where("enrollments.state", "<>", "withdrawn")
		.where("enrollments.receipt", "is not", null)
		.executeTakeFirst();
	if (!found?.device_public_key)
		throw refusal("CODE_REFUSED", "No phone has confirmed this contract.", "Enroll the phone first.");
	const codeKey = openCodeKey(context.keys, found.binding_sha256, found.code_key);
	if (!codeKey) {
		throw refusal("CODE_REFUSED", "This phone was enrolled without codes.", "Reach it online, or at a counter with a cable.");
	}
	const reported = found.status ? decode(wire.DeviceStatus, found.status).codeCounter : 0;
	return {
		address: { deviceId: device_id, contractId: contract_id },
		secret: timeCodeSecret(context.crypto, codeKey, found.device_public_key),
		keyGeneration: found.key_generation,
		atLeast: Math.max(1, reported),
	};
}

/** Codes of a phone, the latest first. */
async function givenOut(transaction: Transaction<Tables>, deviceId: string): Promise<CodeRow[]> {
	return transaction.selectFrom("codes").selectAll().where("device_id", "=", deviceId).orderBy("number", "desc").execute();
}

/** Which question a code answers: the one that was read out, or for an automatic code the next that no other one answers. */
function questionOf(
	phone: CodePhone,
	given: readonly CodeRow[],
	request: CodeRequest,
): { counter: number; nonce: number | null } {
	if (request.kind !== "automatic") {
		const read = readRequestNumber(request.requestNumber);
		if (read) return { counter: wholeCounter(read.counterDigits, phone.atLeast), nonce: read.nonce };
		throw refusal(
			"CODE_REFUSED",
			"The request number was misheard: its check digit does not fit.",
			"Ask for the eight digits again.",
		);
	}
	const ofThisKey = given.filter(({ key_generation }) => key_generation === phone.keyGeneration);
	// The last number that was read out says where the phone stood then.
	const asked = ofThisKey.find(({ nonce }) => nonce !== null)?.counter ?? 0;
	const first = Math.max(phone.atLeast, asked);
	const used = new Set(ofThisKey.map(({ counter }) => counter));
	for (let counter = first; counter < first + AUTOMATIC_WINDOW; counter += 1)
		if (!used.has(counter)) return { counter, nonce: null };
	throw refusal(
		"CODE_REFUSED",
		`${AUTOMATIC_WINDOW} codes were given out since the phone was last heard of, and it takes no more ahead.`,
		"Ask the borrower for the request number on the screen, and make a code of kind add for it.",
	);
}

function valueIn(request: CodeRequest): number {
	if (request.kind === "contact") return 0;
	return request.kind === "service" ? request.hours : request.days;
}

function isSame(row: CodeRow, request: CodeRequest, phone: CodePhone): boolean {
	if (row.kind !== request.kind || row.value !== valueIn(request) || row.key_generation !== phone.keyGeneration) return false;
	if (request.kind === "automatic") return true;
	const read = readRequestNumber(request.requestNumber);
	return read?.nonce === row.nonce && read.counterDigits === row.counter % 10_000;
}

async function issued(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	phone: CodePhone,
	row: CodeRow,
): Promise<IssuedCode> {
	const { kind, value, counter, issued_at } = row;
	const rivals = await transaction
		.selectFrom("codes")
		.select(["kind", "value"])
		.distinct()
		.where("device_id", "=", row.device_id)
		.where("key_generation", "=", row.key_generation)
		.where("counter", "=", counter)
		.where("request_id", "<>", row.request_id)
		.execute();
	const digits = writeTimeCode(context.crypto, phone.secret, phone.address, {
		kind,
		value,
		counter,
		nonce: row.nonce ?? undefined,
	});
	return {
		code: showTimeCode(digits),
		kind,
		value,
		counter,
		issuedAtUnixSeconds: issued_at,
		// The same kind and value for the same number is the same code.
		rivals: rivals.filter((rival) => rival.kind !== kind || rival.value !== value),
	};
}
