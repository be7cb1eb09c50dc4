import { sql, type Transaction } from "kysely";

import { decodeCanonical, encode, type Message } from "../../../proto/codec.ts";
import { keyidOf } from "../../../proto/crypto.ts";
import { countSignatures, PayloadType, readEnvelope, seal } from "../../../proto/envelope.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { wire } from "../../../proto/wire.ts";
import { judgeAgain } from "../attestation/verdicts.ts";
import { appendAudit } from "../audit-log.ts";
import type { EnrollmentStateColumn, OrderStateColumn, Tables } from "../database/schema.ts";
import { laterState, stateProvenBy } from "../enrollment/enrollment-status.ts";
import { type Turn, UNOBSERVED } from "../operations/observer.ts";
import { bringUpToDate } from "../orders/key-rotation.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { inTransaction, nowSeconds, type RegistryContext } from "../registry-context.ts";
import { settleRebinds } from "../service/rebind.ts";
import { tellOutcome, tellStanding } from "../webhooks/tell-phone.ts";
import { type CheckInRecord, type DeviceSnapshot, pastNewWeek, recordAlone } from "./check-in-store.ts";

/** Orders in one reply. An agent takes 64; the rest comes with the next check-in. */
const MAX_ORDERS = 32;
/** Envelopes in one reply, in bytes: well below what any of our messages may hold. */
const MAX_ORDER_BYTES = 128 * 1024;
/** Orders were sent: their outcomes should be known soon. */
const AFTER_ORDERS_SECONDS = 15 * 60;
const DAY = 24 * 3600;

type CheckIn = Message<wire.CheckIn.$Properties>;

/**
 * Answers a check-in. Accepting one means: the device's own key signed it, and its counter is higher than any before (then it
 * is recorded, with what became of earlier orders) or equal to the last (then the reply was lost: same orders, fresh time).
 *
 * @returns envelope of the CheckInReply.
 * @throws {Refusal} BAD_REQUEST (not a check-in), CHECK_IN_REFUSED (unknown device or not signed by it: the same answer for
 * both), CHECK_IN_REPLAYED (a lower counter).
 */
export async function answerCheckIn(context: RegistryContext, envelope: Uint8Array): Promise<Uint8Array> {
	// Read before it is trusted, because only it says whose key to try. Each byte is decoded once: what was read is what is
	// verified next.
	const { frame, checkIn } = readClaim(envelope);
	const { observer = UNOBSERVED } = context;
	const device = await observer.phase("read", (onTurn) => readDevice(context, checkIn.deviceId, onTurn));
	await observer.phase("verify", () => requireSignature(context, frame, checkIn, device));
	if (checkIn.counter < device.counter) {
		throw refusal("CHECK_IN_REPLAYED", "A later check-in of this phone was answered already.", "Make a new check-in.", {
			lastCounter: String(device.counter),
		});
	}
	await requireKeySet(context, checkIn);
	const routine = isRoutine(context, checkIn, device);
	const isFirstOfDay = dayOf(device.at ?? 0) !== dayOf(nowSeconds(context));
	const orders = await observer.phase("record", (onTurn) =>
		routine
			? recordRoutine(context, envelope, checkIn, device, isFirstOfDay, onTurn)
			: pastNewWeek(() => recordFully(context, envelope, checkIn, device)),
	);
	if (!routine || isFirstOfDay) {
		// A report and nothing else: whatever goes wrong with it, the phone gets its reply. A later check-in tries again.
		await judgeAgain(context, checkIn.deviceId, device.key_generation).catch(() => {});
	}
	return observer.phase("sign", () => reply(context, checkIn, device, orders));
}

function readClaim(envelope: Uint8Array): { frame: Message<wire.Envelope.$Properties>; checkIn: CheckIn } {
	try {
		const frame = readEnvelope(envelope, PayloadType.checkIn);
		return { frame, checkIn: decodeCanonical(wire.CheckIn, frame.payload) };
	} catch (error) {
		if (!(error instanceof ProtocolError)) throw error;
		throw refusal("BAD_REQUEST", `This is not a check-in (${error.code}).`, "Update the agent.", { reason: error.code });
	}
}

async function readDevice(
	{ checkIns }: RegistryContext,
	deviceId: string,
	onTurn?: (turn: Turn) => void,
): Promise<DeviceSnapshot> {
	const device = await checkIns.read(deviceId, onTurn);
	if (!device) throw refused();
	return device;
}

function requireSignature(
	{ crypto }: RegistryContext,
	frame: Message<wire.Envelope.$Properties>,
	checkIn: CheckIn,
	device: DeviceSnapshot,
): void {
	const key = { keyid: keyidOf(crypto, device.device_public_key), point: device.device_public_key };
	if (countSignatures(crypto, frame, [key]).length !== 1 || checkIn.contractId !== device.contract_id) throw refused();
}

function refused(): Refusal {
	return refusal(
		"CHECK_IN_REFUSED",
		"This check-in is of no phone that is enrolled here.",
		"Enrol the phone, or confirm its enrolment.",
	);
}

/** A phone can only trust key sets that we made. One that is newer than ours it heard of from a registry beside this one. */
async function requireKeySet(context: RegistryContext, { keySetVersion, epoch }: CheckIn): Promise<void> {
	const { keys } = context;
	if (keySetVersion > keys.current.version) await keys.lookAgain?.();
	if (keys.keySets[keySetVersion - 1]?.epoch === epoch) return;
	throw refusal(
		"CHECK_IN_REFUSED",
		"The phone trusts a key set that this registry does not know.",
		"Give this registry the lender's latest key sets.",
	);
}

/** Whether nothing has to change but the last state: almost every check-in there is. */
function isRoutine(context: RegistryContext, checkIn: CheckIn, device: DeviceSnapshot): boolean {
	const { keySetVersion, epoch, lastSequence, outcomes, status } = checkIn;
	if (!status || outcomes.length > 0 || keySetVersion !== context.keys.current.version) return false;
	if (laterState(device.state, stateProvenBy(status)) !== device.state) return false;
	// What contracts are looked for by stands in the contract's row, which is changed under its lock.
	if (status.standing !== device.standing) return false;
	const { epochs, sequences, versions } = device;
	return (
		(epochs ?? []).every((each) => each === epoch) &&
		(versions ?? []).every((each) => each === keySetVersion) &&
		(sequences ?? []).every((each) => each > lastSequence)
	);
}

async function recordRoutine(
	context: RegistryContext,
	envelope: Uint8Array,
	checkIn: CheckIn,
	device: DeviceSnapshot,
	isFirstOfDay: boolean,
	onTurn?: (turn: Turn) => void,
): Promise<Uint8Array[]> {
	// The same counter again has been recorded. A lower one that came meanwhile is stopped by the statement's own guard.
	if (checkIn.counter > device.counter) {
		const record = recordOf(context, envelope, checkIn, device.key_generation);
		const firstOfDay = isFirstOfDay ? { contractId: device.contract_id, day: dayOf(record.at) } : undefined;
		await context.checkIns.record({ ...record, firstOfDay }, onTurn);
	} else {
		await context.checkIns.confirm(checkIn.deviceId, onTurn);
	}
	return device.envelopes ?? [];
}

function recordOf(
	context: RegistryContext,
	envelope: Uint8Array,
	{ deviceId, counter, lastSequence, status, logHead, logLength, agentVersion }: CheckIn,
	keyGeneration: number,
): CheckInRecord {
	return {
		deviceId,
		keyGeneration,
		counter,
		at: nowSeconds(context),
		lastSequence,
		standing: status?.standing ?? 0,
		status: encode(wire.DeviceStatus, status ?? {}),
		logHead,
		logLength,
		// The phone's own words: what no database takes is left out.
		agentVersion: agentVersion.replaceAll("\0", "").slice(0, 100),
		envelope,
	};
}

const OUTCOME_STATES: Readonly<Record<number, OrderStateColumn>> = {
	[wire.OrderResult.ORDER_RESULT_ACCEPTED]: "accepted",
	[wire.OrderResult.ORDER_RESULT_REFUSED]: "refused",
	[wire.OrderResult.ORDER_RESULT_BELOW_FLOOR]: "below_floor",
};

/** Everything that a check-in may change, under the locks of the contract and the device. */
async function recordFully(
	context: RegistryContext,
	envelope: Uint8Array,
	checkIn: CheckIn,
	device: DeviceSnapshot,
): Promise<Uint8Array[]> {
	const { deviceId, keySetVersion, epoch, lastSequence, status } = checkIn;
	return inTransaction(context, async (transaction) => {
		// In this order everywhere: contract, then device.
		await sql`SELECT 1 FROM contracts WHERE contract_id = ${device.contract_id} FOR UPDATE`.execute(transaction);
		await sql`SELECT 1 FROM devices WHERE device_id = ${deviceId} FOR UPDATE`.execute(transaction);
		const before = await transaction
			.selectFrom("check_ins")
			.select(["standing", "key_generation"])
			.where("device_id", "=", deviceId)
			.executeTakeFirst();
		const isNew = await recordAlone(transaction, recordOf(context, envelope, checkIn, device.key_generation));
		if (isNew) {
			const known = before ?? { standing: 0, key_generation: device.key_generation };
			await recordStanding(context, transaction, checkIn, known, envelope);
			await recordOutcomes(context, transaction, checkIn);
			await settleRebinds(context, transaction, checkIn);
			if (status) await advanceEnrollment(context, transaction, device.contract_id, deviceId, stateProvenBy(status));
		}
		const orders = await bringUpToDate(context, transaction, deviceId, device.contract_id, {
			version: keySetVersion,
			epoch,
			lastSequence,
		});
		return orders.map((row) => row.envelope);
	});
}

function dayOf(seconds: number): number {
	return Math.floor(seconds / DAY);
}

/** Writes beside the contract what its phone says of itself, and what changed of it. */
async function recordStanding(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	{ deviceId, contractId, counter, status }: CheckIn,
	before: { readonly standing: number; readonly key_generation: number },
	envelope: Uint8Array,
): Promise<void> {
	const at = nowSeconds(context);
	const after = status?.standing ?? 0;
	await transaction
		.updateTable("contracts")
		.set({ standing: after, seen_day: dayOf(at) })
		.where("contract_id", "=", contractId)
		.execute();
	if (after === before.standing) return;
	const { key_generation } = before;
	await transaction
		.insertInto("standing_changes")
		.values({ device_id: deviceId, key_generation, counter, at, before: before.standing, after, envelope })
		.execute();
	await tellStanding(transaction, { contractId, at, before: before.standing, after });
}

async function recordOutcomes(context: RegistryContext, transaction: Transaction<Tables>, checkIn: CheckIn): Promise<void> {
	const { observer = UNOBSERVED } = context;
	const at = nowSeconds(context);
	for (const { epoch, sequence, result, rule } of checkIn.outcomes) {
		const state = OUTCOME_STATES[result];
		if (!state) continue;
		observer.outcome(state, rule);
		const changed = await transaction
			.updateTable("orders")
			.set({ state, rule: rule === "" ? null : rule.slice(0, 40) })
			.where("device_id", "=", checkIn.deviceId)
			.where("epoch", "=", epoch)
			.where("sequence", "=", sequence)
			.where("state", "in", ["pending", "superseded"])
			.returning(["action", "epoch", "sequence", "state", "rule"])
			.executeTakeFirst();
		if (changed) await tellOutcome(transaction, { contractId: checkIn.contractId, at, order: changed });
	}
}

async function advanceEnrollment(
	context: RegistryContext,
	transaction: Transaction<Tables>,
	contractId: string,
	deviceId: string,
	proven: EnrollmentStateColumn,
): Promise<void> {
	const { state } = await transaction
		.selectFrom("enrollments")
		.select("state")
		.where("device_id", "=", deviceId)
		.executeTakeFirstOrThrow();
	const next = laterState(state, proven);
	if (next === state) return;
	await transaction.updateTable("enrollments").set({ state: next }).where("device_id", "=", deviceId).execute();
	if (next === "released") {
		// A phone that freed itself (release code, dead-lender release) may report it on a contract that is still open.
		await transaction
			.updateTable("contracts")
			.set({ state: "released" })
			.where("contract_id", "=", contractId)
			.where("state", "in", ["paid_off", "returned"])
			.execute();
		await transaction
			.updateTable("orders")
			.set({ state: "superseded" })
			.where("device_id", "=", deviceId)
			.where("state", "=", "pending")
			.execute();
	}
	await appendAudit(transaction, {
		subject: contractId,
		at: nowSeconds(context),
		actor: "device",
		action: `enrollment.${next}`,
		details: {},
	});
}

async function reply(
	context: RegistryContext,
	checkIn: CheckIn,
	device: DeviceSnapshot,
	pending: readonly Uint8Array[],
): Promise<Uint8Array> {
	const orderEnvelopes = fitting(pending);
	// In the name that the phone believes; a phone behind a rotation learns the new one from the NewKeys order inside.
	const signer = context.keys.signer("heartbeat", checkIn.keySetVersion) ?? context.keys.signer("heartbeat");
	if (!signer)
		throw refusal(
			"KEYS_EXPIRED",
			"The registry has no heartbeat key.",
			"Rotate the keys: holdfast keys propose, for trials holdfast keys rotate. A running registry takes them up by itself.",
		);
	return seal(
		wire.CheckInReply,
		PayloadType.checkInReply,
		{
			deviceId: checkIn.deviceId,
			contractId: checkIn.contractId,
			nonce: checkIn.nonce,
			counter: checkIn.counter,
			serverTimeUnixSeconds: nowSeconds(context),
			orderEnvelopes,
			nextCheckInSeconds:
				orderEnvelopes.length > 0
					? Math.min(AFTER_ORDERS_SECONDS, device.check_in_interval_seconds)
					: device.check_in_interval_seconds,
			paymentFeedStale: await context.isPaymentFeedStale(),
		},
		[signer],
	);
}

function fitting(envelopes: readonly Uint8Array[]): Uint8Array[] {
	let bytes = 0;
	return envelopes.slice(0, MAX_ORDERS).filter((envelope) => {
		bytes += envelope.length;
		return bytes <= MAX_ORDER_BYTES;
	});
}
