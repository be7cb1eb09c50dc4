import { decode, decodeCanonical, encode, equalBytes, type Message } from "../../proto/codec.ts";
import { keyidOf } from "../../proto/crypto.ts";
import { PayloadType, readEnvelope, wrap } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { acceptFromRoles, isRoleCurrent } from "../../proto/roles.ts";
import { wire } from "../../proto/wire.ts";
import { type Evidence, record } from "../policy/decision-log.ts";
import type { ContractRecord, Ledger, OpenCheckIn } from "../policy/ledger.ts";
import { forgetOfflineWarnings } from "../policy/notices.ts";
import { refill, spentMs } from "../policy/offline-budget.ts";
import { isLocked } from "../policy/standings.ts";
import { deviceStatus } from "../policy/status.ts";
import { learnSignedTime, trustedNow } from "../policy/trusted-time.ts";
import { type Fault, fault } from "./faults.ts";
import { trustedKeySet } from "./key-sets.ts";
import { deliverOrders, keysTaken, takeKeysFrom } from "./orders.ts";
import type { OrderOutcome } from "./outcomes.ts";
import { askForSignature, dropRequests } from "./signatures.ts";
import type { Tools } from "./turn.ts";

/** Who carries a check-in to the lender. */
export type Carrier = "network" | "cable";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const FIRST_RETRY_MS = 60 * SECOND;
const LONGEST_RETRY_MS = 6 * HOUR;
const SHORTEST_WAIT_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 7 * 24 * 3600;
const USUAL_WAIT_SECONDS = 6 * 3600;
/** F6: while the phone is locked, its lender is asked this often, however seldom the lender wishes to be. */
const LONGEST_WAIT_LOCKED_MS = 30 * 60 * SECOND;
/** One by the network and one by the cable may be under way at once. */
const MOST_OPEN = 2;
const MOST_ORDERS = 64;

type CheckInReply = Message<wire.CheckInReply.$Properties>;

/** Makes a check-in and asks for its signature. */
export function startCheckIn(
	tools: Tools,
	before: Ledger,
	contract: ContractRecord,
	entropy: Uint8Array,
	carrier: Carrier,
): Ledger {
	const keySet = trustedKeySet(contract);
	const binding = decode(wire.Binding, contract.binding);
	const counter = before.contact.counter + 1;
	const nonce = entropy.slice(0, 16);
	const payload = encode(wire.CheckIn, {
		deviceId: binding.deviceId,
		contractId: binding.contractId,
		counter,
		nonce,
		keySetVersion: keySet.version,
		epoch: keySet.epoch,
		lastSequence: contract.lastSequence,
		outcomes: before.contact.outcomes,
		status: deviceStatus(before, tools.agreementOf(before)),
		logHead: before.log.head.length > 0 ? before.log.head : new Uint8Array(32),
		logLength: before.log.length,
		agentVersion: before.handset.agentVersion,
	});
	const open: OpenCheckIn = {
		counter,
		nonce,
		spentMs: spentMs(before.contact, before.time.elapsedMs),
		outcomesThrough: before.contact.outcomesRecorded,
		envelope: new Uint8Array(),
		reportsEnd: contract.ownershipReturned,
	};
	const purpose =
		carrier === "cable"
			? wire.SignaturePurpose.SIGNATURE_PURPOSE_CABLE_CHECK_IN
			: wire.SignaturePurpose.SIGNATURE_PURPOSE_CHECK_IN;
	const contact = { ...before.contact, counter, open: [...before.contact.open, open].slice(-MOST_OPEN) };
	return askForSignature({ ...before, contact }, purpose, payload);
}

/** The signed check-in, as an envelope. */
export function sealCheckIn(tools: Tools, contract: ContractRecord, payload: Uint8Array, signature: Uint8Array): Uint8Array {
	return wrap(PayloadType.checkIn, payload, keyidOf(tools.crypto, contract.devicePublicKey), signature);
}

/** Hands a signed check-in to the host, which carries it. */
export function postCheckIn(ledger: Ledger, payload: Uint8Array, envelope: Uint8Array): Ledger {
	const { counter } = decode(wire.CheckIn, payload);
	const open = ledger.contact.open.map((checkIn) => (checkIn.counter === counter ? { ...checkIn, envelope } : checkIn));
	return { ...ledger, contact: { ...ledger.contact, open } };
}

/** The check-in that the host is carrying; `undefined` if none. */
export function checkInUnderWay(ledger: Ledger): OpenCheckIn | undefined {
	return ledger.contact.open.find((checkIn) => checkIn.envelope.length > 0);
}

/** Whether the phone should check in by itself now: due, none under way, and something left to report after the end. */
export function isCheckInDue(ledger: Ledger): boolean {
	const { contract, contact, signatures, time } = ledger;
	if (!contract || contact.endReported) return false;
	const isBeingSigned = signatures.some(({ purpose }) => purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_CHECK_IN);
	return !isBeingSigned && !checkInUnderWay(ledger) && time.poweredOnMs >= contact.nextAtPoweredOnMs;
}

/** A check-in no later than this from now. */
export function hurryCheckIn(ledger: Ledger, withinMs: number): Ledger {
	const { contact, time } = ledger;
	return {
		...ledger,
		contact: { ...contact, nextAtPoweredOnMs: Math.min(contact.nextAtPoweredOnMs, time.poweredOnMs + withinMs) },
	};
}

/** The host could not carry a check-in: again after a while, twice as long each time. Its answer may still come. */
export function failCheckIn(ledger: Ledger, counter: number): Ledger {
	const { contact, time } = ledger;
	if (checkInUnderWay(ledger)?.counter !== counter) return ledger;
	const waitMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(contact.failures, 16), LONGEST_RETRY_MS, longestWaitMs(ledger));
	return {
		...ledger,
		contact: {
			...contact,
			open: contact.open.map((checkIn) => (checkIn.counter === counter ? { ...checkIn, envelope: new Uint8Array() } : checkIn)),
			failures: contact.failures + 1,
			nextAtPoweredOnMs: time.poweredOnMs + waitMs,
		},
	};
}

/** What became of an answer. */
export interface ReplyTaken {
	readonly ledger: Ledger;
	readonly outcomes: readonly OrderOutcome[];
	readonly faults: readonly Fault[];
	/** False: the answer was not accepted, and nothing but perhaps newer key sets was taken from it. */
	readonly accepted: boolean;
}

/**
 * Takes the lender's answer: its signed time, the offline budget it pays back, and the orders it carries. Key sets in it
 * are taken even before the answer is trusted, because they prove themselves: a phone that was off while the lender's
 * heartbeat key changed could not be reached otherwise.
 */
export function takeReply(tools: Tools, before: Ledger, contract: ContractRecord, envelope: Uint8Array): ReplyTaken {
	try {
		const known = takeKeysOfReply(tools, before, contract, envelope);
		const renewed = known.contract ?? contract;
		try {
			return acceptReply(tools, known, renewed, verifyReply(tools, known, renewed, envelope), envelope);
		} catch (error) {
			return { ...refused(error), ledger: known };
		}
	} catch (error) {
		return { ...refused(error), ledger: before };
	}
}

function refused(error: unknown): Omit<ReplyTaken, "ledger"> {
	if (!(error instanceof ProtocolError)) throw error;
	return { outcomes: [], faults: [fault("REPLY_REFUSED", error.code)], accepted: false };
}

function takeKeysOfReply(tools: Tools, before: Ledger, contract: ContractRecord, envelope: Uint8Array): Ledger {
	const claimed = decodeCanonical(wire.CheckInReply, readEnvelope(envelope, PayloadType.checkInReply).payload);
	return claimed.orderEnvelopes.slice(0, MOST_ORDERS).reduce((known, order) => {
		const renewed = takeKeysFrom(tools, known.contract ?? contract, order);
		return renewed ? keysTaken(tools, known, renewed, order) : known;
	}, before);
}

function verifyReply(tools: Tools, ledger: Ledger, contract: ContractRecord, envelope: Uint8Array): CheckInReply {
	const keySet = trustedKeySet(contract);
	const heartbeat = wire.Role.ROLE_HEARTBEAT;
	// Once the contract has ended nothing in an answer can tighten, and an expired key may still say that it heard us.
	const now = contract.releasedBy ? undefined : trustedNow(ledger.time);
	const { message } = acceptFromRoles(
		tools.crypto,
		keySet,
		[heartbeat],
		wire.CheckInReply,
		PayloadType.checkInReply,
		envelope,
		now,
	);
	if (now !== undefined && !isRoleCurrent(keySet, heartbeat, message.serverTimeUnixSeconds)) {
		throw new ProtocolError("ROLE_EXPIRED", "signed after the role's end");
	}
	return message;
}

function acceptReply(
	tools: Tools,
	ledger: Ledger,
	contract: ContractRecord,
	reply: CheckInReply,
	replyEnvelope: Uint8Array,
): ReplyTaken {
	const binding = decode(wire.Binding, contract.binding);
	const open = ledger.contact.open.find((checkIn) => checkIn.counter === reply.counter && equalBytes(checkIn.nonce, reply.nonce));
	if (!open || reply.deviceId !== binding.deviceId || reply.contractId !== binding.contractId) {
		// F15, and a replayed or foreign answer: it proves no contact of this phone.
		return {
			ledger,
			outcomes: [],
			faults: [fault("REPLY_REFUSED", "not an answer to an open check-in of this phone")],
			accepted: false,
		};
	}
	const evidence = { replyEnvelope };
	const heard = acknowledge(tools, ledger, open, reply, evidence);
	// The phone was given back while this check-in was under way: that is still to be told.
	const owesEnd = contract.ownershipReturned && !heard.contact.endReported;
	const confirmed = confirm(tools, owesEnd ? hurryCheckIn(heard, 0) : heard, contract, evidence);
	const delivered = deliverOrders(tools, confirmed, reply.orderEnvelopes.slice(0, MOST_ORDERS));
	// What became of orders is reported at once; only orders that moved the sequence do this, so it cannot go round in circles.
	const moved = delivered.ledger.contract?.lastSequence !== contract.lastSequence;
	return { ...delivered, ledger: moved ? hurryCheckIn(delivered.ledger, 0) : delivered.ledger, accepted: true };
}

function acknowledge(tools: Tools, ledger: Ledger, open: OpenCheckIn, reply: CheckInReply, evidence: Evidence): Ledger {
	const { contact } = ledger;
	const time = learnSignedTime(ledger.time, reply.serverTimeUnixSeconds);
	const asked = reply.nextCheckInSeconds || USUAL_WAIT_SECONDS;
	const waitSeconds = Math.min(Math.max(asked, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS);
	const unreported = contact.outcomesRecorded - open.outcomesThrough;
	const answered: Ledger = {
		...ledger,
		time,
		notices: forgetOfflineWarnings(ledger.notices),
		contact: {
			...refill(contact, open),
			// Older questions are answered with this one; younger ones keep what they had left to pay back.
			open: contact.open
				.filter((checkIn) => checkIn.counter > open.counter)
				.map((checkIn) => ({ ...checkIn, spentMs: Math.max(0, checkIn.spentMs - open.spentMs) })),
			failures: 0,
			nextAtPoweredOnMs: time.poweredOnMs + Math.min(waitSeconds * 1000, longestWaitMs(ledger)),
			lastReplyUnixSeconds: Math.max(contact.lastReplyUnixSeconds, reply.serverTimeUnixSeconds),
			paymentFeedStale: reply.paymentFeedStale,
			outcomes: unreported > 0 ? contact.outcomes.slice(-unreported) : [],
			endReported: contact.endReported || open.reportsEnd,
			required: false,
		},
	};
	const heard = contact.required ? contactRestored(tools, answered, evidence) : answered;
	return heard.contact.open.length > 0 ? heard : dropRequests(heard, wire.SignaturePurpose.SIGNATURE_PURPOSE_CHECK_IN);
}

/** The lender's word was required, and is here: what was lost is forgotten. */
function contactRestored(tools: Tools, ledger: Ledger, evidence: Evidence): Ledger {
	const made = { kind: wire.DecisionKind.DECISION_KIND_CONTACT_RESTORED, evidence };
	return record(tools.crypto, { ...ledger, recovery: undefined }, made);
}

function longestWaitMs({ lock }: Ledger): number {
	return isLocked(lock.standing) ? LONGEST_WAIT_LOCKED_MS : Number.POSITIVE_INFINITY;
}

/** The lender knows this binding. From here on the receipt need not be kept with its whole attestation chain. */
function confirm(tools: Tools, ledger: Ledger, contract: ContractRecord, evidence: Evidence): Ledger {
	if (contract.confirmed) return { ...ledger, contract };
	const confirmed = { ...ledger, contract: { ...contract, confirmed: true, receiptEnvelope: new Uint8Array() } };
	return record(tools.crypto, confirmed, { kind: wire.DecisionKind.DECISION_KIND_CONFIRMED, evidence });
}
