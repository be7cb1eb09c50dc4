import { randomBytes } from "node:crypto";

import type { Transaction } from "kysely";

import { encode } from "../../../proto/codec.ts";
import { PayloadType, sealBytes } from "../../../proto/envelope.ts";
import { isRoleCurrent } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import type { Enrollment } from "../api.ts";
import { withAttestation } from "../attestation/verdicts.ts";
import { appendAudit } from "../audit-log.ts";
import { toBase64 } from "../base64.ts";
import { codeKeyLabel, openCodeKey } from "../codes/code-keys.ts";
import { lockContract, requireOpen, unknownContract } from "../contracts/contracts.ts";
import { claimImeis, namedImeis, releaseImeis, requireImeis } from "../contracts/imei-claims.ts";
import type { ContractRow, EnrollmentRow, Tables } from "../database/schema.ts";
import { moveDevice } from "../orders/key-rotation.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { enrollmentIdOf, enrollmentJson, parseEnrollmentId } from "./enrollment-status.ts";
import { requireLease } from "./leases.ts";

/** How long a binding may wait for its handset: a pallet is done in days. */
const BINDING_LIFE_SECONDS = 7 * 24 * 3600;
const CODE_KEY_BYTES = 32;

/** A handset as it was read at the cable. */
export interface OfferedHandset {
	readonly imei1: string;
	readonly imei2?: string | undefined;
	readonly serial: string;
	readonly model: string;
}

export interface OfferJson {
	enrollmentId: string;
	deviceId: string;
	contractId: string;
	keySetEnvelopes: string[];
	bindingEnvelope: string;
	terms: string;
	consent: string;
	/** Secret of time codes: for the phone, and for nobody's log. */
	codeKey?: string;
	state: Enrollment["state"];
}

/**
 * Binds a contract to a handset, or finds the binding again: while it is valid, and for ever once the handset has confirmed
 * it, the same handset gets the very same bytes.
 *
 * @param station who asks, if it is a station: while one holds the contract by a lease, nobody else is answered.
 * @throws {Refusal} CONTRACT_UNKNOWN, CONTRACT_CLOSED, CONTRACT_LEASED_ELSEWHERE, IMEI_INVALID, IMEI_MISMATCH, IMEI_ON_OTHER_CONTRACT,
 * CONTRACT_BOUND_ELSEWHERE.
 */
export async function offerEnrollment(
	context: RegistryContext,
	contractId: string,
	handset: OfferedHandset,
	station?: string,
): Promise<OfferJson> {
	const imeis = [handset.imei1, ...(handset.imei2 === undefined ? [] : [handset.imei2])];
	requireImeis(imeis);
	return inTransaction(context, async (transaction) => {
		const contract = await lockContract(transaction, contractId);
		requireOpen(contract);
		await requireLease(transaction, contractId, station, nowSeconds(context));
		requireNamed(await namedImeis(transaction, contractId), imeis);
		const existing = await transaction
			.selectFrom("enrollments")
			.selectAll()
			.where("device_id", "=", contract.device_id)
			.executeTakeFirst();
		const live = existing?.state === "withdrawn" ? undefined : existing;
		if (live && !isSameHandset(live, imeis, handset.serial)) throw boundElsewhere(live);
		if (live && (live.receipt !== null || !(await isExpired(context, transaction, live)))) {
			return offerJson(context, transaction, contract, live);
		}
		await claimImeis(transaction, contractId, imeis, false, nowSeconds(context));
		const row = await bind(context, transaction, contract, handset, live?.attempt ?? (existing?.attempt ?? 0) + 1, station);
		return offerJson(context, transaction, contract, row);
	});
}

/** A contract that names phones is for one of these and no other. Either slot may hold either IMEI. */
function requireNamed(named: readonly string[], imeis: readonly string[]): void {
	if (named.length === 0) return;
	const isAnyNamed = imeis.some((imei) => named.includes(imei));
	// With two on both sides, one that differs is another board, or a typing error: nobody should guess which.
	const isEachNamed = named.length < 2 || imeis.length < 2 || imeis.every((imei) => named.includes(imei));
	if (isAnyNamed && isEachNamed) return;
	throw refusal(
		"IMEI_MISMATCH",
		"The contract names another phone.",
		"Compare the IMEIs on the box, the phone (*#06#) and the contract; take the phone that the contract names.",
		{
			contractImeiTails: named.map((imei) => imei.slice(-4)).join(", "),
			phoneImeiTails: imeis.map((imei) => imei.slice(-4)).join(", "),
		},
	);
}

function isSameHandset(row: EnrollmentRow, imeis: readonly string[], serial: string): boolean {
	const known = [row.imei1, ...(row.imei2 === null ? [] : [row.imei2])];
	return row.serial === serial && known.length === imeis.length && known.every((imei) => imeis.includes(imei));
}

function boundElsewhere(row: EnrollmentRow): Refusal {
	const next =
		row.state === "offered"
			? "If that phone was not enrolled, withdraw the enrolment, then offer this one."
			: "Check the contract's number; one contract is for one phone.";
	return refusal("CONTRACT_BOUND_ELSEWHERE", "The contract is bound to another phone.", next, {
		enrollmentId: enrollmentIdOf(row),
		imeiTail: row.imei1.slice(-4),
		state: row.state,
	});
}

async function isExpired(context: RegistryContext, transaction: Transaction<Tables>, row: EnrollmentRow): Promise<boolean> {
	const { expires_at } = await transaction
		.selectFrom("bindings")
		.select("expires_at")
		.where("device_id", "=", row.device_id)
		.where("binding_sha256", "=", row.binding_sha256)
		.executeTakeFirstOrThrow();
	return expires_at <= nowSeconds(context);
}

/** Makes and signs a new binding, and makes it the enrolment's. */
async function bind(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	contract: ContractRow,
	handset: OfferedHandset,
	attempt: number,
	station: string | undefined,
): Promise<EnrollmentRow> {
	const { keys, crypto } = context;
	const { current } = keys;
	const now = nowSeconds(context);
	const signer = keys.signer("enroll");
	if (!signer || !isRoleCurrent(current, wire.Role.ROLE_ENROLL, now)) {
		throw refusal(
			"KEYS_EXPIRED",
			"The lender's key for bindings has expired.",
			"Rotate the keys: holdfast keys propose, for trials holdfast keys rotate. A running registry takes them up by itself.",
		);
	}
	const agreed = await transaction
		.selectFrom("terms")
		.select("consent_sha256")
		.where("contract_id", "=", contract.contract_id)
		.where("terms_sha256", "=", contract.terms_sha256)
		.executeTakeFirstOrThrow();
	const codeKey = keys.codeVault && randomBytes(CODE_KEY_BYTES);
	const binding = encode(wire.Binding, {
		deviceId: contract.device_id,
		contractId: contract.contract_id,
		lenderId: keys.lenderId,
		imei1: handset.imei1,
		imei2: handset.imei2 ?? "",
		serial: handset.serial,
		termsSha256: contract.terms_sha256,
		consentSha256: agreed.consent_sha256,
		keySetVersion: current.version,
		epoch: current.epoch,
		issuedAtUnixSeconds: now,
		expiresAtUnixSeconds: now + BINDING_LIFE_SECONDS,
		nonce: randomBytes(16),
		codeKeySha256: codeKey ? crypto.sha256(codeKey) : new Uint8Array(),
	});
	const bindingSha256 = crypto.sha256(binding);
	await transaction
		.insertInto("bindings")
		.values({
			device_id: contract.device_id,
			binding_sha256: bindingSha256,
			attempt,
			key_set_version: current.version,
			binding,
			envelope: await sealBytes(PayloadType.binding, binding, [signer]),
			expires_at: now + BINDING_LIFE_SECONDS,
			code_key: codeKey && keys.codeVault ? keys.codeVault.seal(codeKeyLabel(bindingSha256), codeKey) : null,
		})
		.execute();
	const values = {
		attempt,
		contract_id: contract.contract_id,
		imei1: handset.imei1,
		imei2: handset.imei2 ?? null,
		serial: handset.serial,
		model: handset.model,
		state: "offered" as const,
		binding_sha256: bindingSha256,
		receipt: null,
		evidence: null,
		attestation_policy: null,
		offered_at: now,
		confirmed_at: null,
	};
	await moveDevice(transaction, contract.device_id, { version: current.version, epoch: current.epoch, lastSequence: 0 });
	await appendAudit(transaction, {
		subject: contract.contract_id,
		at: now,
		actor: context.actor,
		action: "enrollment.offered",
		details: {
			attempt,
			bindingSha256: Buffer.from(bindingSha256).toString("hex"),
			imeiTail: handset.imei1.slice(-4),
			...(station === undefined ? {} : { station }),
		},
	});
	return transaction
		.insertInto("enrollments")
		.values({ device_id: contract.device_id, ...values })
		.onConflict((conflict) => conflict.column("device_id").doUpdateSet(values))
		.returningAll()
		.executeTakeFirstOrThrow();
}

async function offerJson(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	contract: ContractRow,
	row: EnrollmentRow,
): Promise<OfferJson> {
	const binding = await transaction
		.selectFrom("bindings")
		.select(["envelope", "key_set_version", "code_key"])
		.where("device_id", "=", row.device_id)
		.where("binding_sha256", "=", row.binding_sha256)
		.executeTakeFirstOrThrow();
	const { terms, consent } = await transaction
		.selectFrom("terms")
		.select(["terms", "consent"])
		.where("contract_id", "=", contract.contract_id)
		.where("terms_sha256", "=", contract.terms_sha256)
		.executeTakeFirstOrThrow();
	const codeKey = openCodeKey(context.keys, row.binding_sha256, binding.code_key);
	return {
		enrollmentId: enrollmentIdOf(row),
		deviceId: row.device_id,
		contractId: row.contract_id,
		// As many as the binding was made with: the phone demands that they end there. Later ones come by NewKeys.
		keySetEnvelopes: context.keys.keySetEnvelopes.slice(0, binding.key_set_version).map(toBase64),
		bindingEnvelope: toBase64(binding.envelope),
		terms: toBase64(terms),
		consent: toBase64(consent),
		...(codeKey ? { codeKey: toBase64(codeKey) } : {}),
		state: enrollmentJson(row).state,
	};
}

/** What is enrolled under a contract: none or one. @throws {Refusal} CONTRACT_UNKNOWN. */
export async function enrollmentsOf(context: RegistryContext, contractId: string): Promise<Enrollment[]> {
	const { kysely } = context.database;
	const contract = await kysely
		.selectFrom("contracts")
		.select("device_id")
		.where("contract_id", "=", contractId)
		.executeTakeFirst();
	if (!contract) throw unknownContract();
	const row = await kysely
		.selectFrom("enrollments")
		.selectAll()
		.where("device_id", "=", contract.device_id)
		.where("state", "<>", "withdrawn")
		.executeTakeFirst();
	if (!row) return [];
	const checkIn = await kysely.selectFrom("check_ins").selectAll().where("device_id", "=", row.device_id).executeTakeFirst();
	return [await withAttestation(kysely, enrollmentJson(row, checkIn))];
}

/**
 * Takes back an offer that no handset has confirmed. A handset that took it all the same and could not tell us will free
 * itself, because no signed reply ever confirms it (`Terms.unconfirmed_release_seconds`).
 *
 * @param station as for {@link offerEnrollment}: a station may be using the offer without us hearing of it.
 * @throws {Refusal} NOT_FOUND, CONFLICT, CONTRACT_LEASED_ELSEWHERE.
 */
export async function withdrawEnrollment(context: RegistryContext, enrollmentId: string, station?: string): Promise<Enrollment> {
	const id = parseEnrollmentId(enrollmentId);
	return inTransaction(context, async (transaction) => {
		const found = id && (await findEnrollment(transaction, id));
		if (!found) throw unknownEnrollment();
		if (found.state === "withdrawn") return enrollmentJson(found);
		await lockContract(transaction, found.contract_id);
		await requireLease(transaction, found.contract_id, station, nowSeconds(context));
		const row = await transaction
			.updateTable("enrollments")
			.set({ state: "withdrawn" })
			.where("device_id", "=", found.device_id)
			.where("attempt", "=", found.attempt)
			.where("state", "=", "offered")
			.returningAll()
			.executeTakeFirst();
		if (!row) {
			throw refusal(
				"CONFLICT",
				"A handset has confirmed this enrolment.",
				"Mark the contract returned or paid off, and release the handset.",
			);
		}
		await releaseImeis(transaction, row.contract_id, "offered");
		await appendAudit(transaction, {
			subject: row.contract_id,
			at: nowSeconds(context),
			actor: context.actor,
			action: "enrollment.withdrawn",
			details: { attempt: row.attempt },
		});
		return enrollmentJson(row);
	});
}

export async function findEnrollment(
	transaction: Transaction<Tables>,
	{ deviceId, attempt }: { deviceId: string; attempt: number },
): Promise<EnrollmentRow | undefined> {
	return transaction
		.selectFrom("enrollments")
		.selectAll()
		.where("device_id", "=", deviceId)
		.where("attempt", "=", attempt)
		.executeTakeFirst();
}

export function unknownEnrollment(): Refusal {
	return refusal("NOT_FOUND", "There is no such enrolment.", "Start the enrolment again.");
}
