import fc from "fast-check";

import { encode } from "../../proto/codec.ts";
import { PayloadType, preAuthenticationEncoding } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import { DAY, EPOCH, IMEI1, IMEI2 } from "../agent/test-lender.ts";
import { everyMessage } from "../proto/every-message.ts";
import { DEVICE_ID } from "./lender.ts";
import { phoneAt, STANDINGS, type StandingName, type StandingPhone, storedBy } from "./standing-phones.ts";
import type { SymbolicSigner } from "./symbolic-crypto.ts";

/** What happened, without when. */
export type Body = Omit<wire.HostEvent.$Properties, "now" | "entropy" | "anchor">;

/** A payload that somebody entitled could sign, and how it reaches the phone. */
export interface Signable {
	readonly payload: Uint8Array;
	readonly type: PayloadType;
	readonly signers: readonly SymbolicSigner[];
	carry(envelope: Uint8Array): Body;
}

/** A phone as its host stored it, with everything that could be said to it just now. */
export interface Target {
	readonly name: StandingName;
	readonly ledger: Uint8Array;
	readonly anchor: Uint8Array;
	readonly restricted: readonly string[];
	/** Of restriction. */
	readonly level: number;
	readonly events: readonly Uint8Array[];
	readonly signables: readonly Signable[];
	/** An event at this phone's present moment. */
	event(body: Body, anchor?: Uint8Array): Uint8Array;
}

/** A phone at every standing. */
export function targets(): Target[] {
	return STANDINGS.map((name) => targetOf(phoneAt(name)));
}

function targetOf(at: StandingPhone): Target {
	const { phone, name } = at;
	const { ledger, anchor } = storedBy(phone);
	const now = { bootCount: phone.bootCount, elapsedMs: phone.elapsedMs };
	const entropy = new Uint8Array(32).fill(0x5a);
	const event = (body: Body, kept = anchor) => encode(wire.HostEvent, { now, entropy, anchor: kept, ...body });
	const signables = signablesFor(at);
	const signed = signables.map((signable) => signable.carry(signPayload(signable, signable.payload)));
	return {
		name,
		ledger,
		anchor,
		restricted: phone.restricted,
		level: phone.effects.screen?.level ?? 0,
		events: [...bodiesFor(at), ...signed].map((body) => event(body)),
		signables,
		event,
	};
}

/** Signs bytes that may be no message at all. */
export function signPayload({ type, signers }: Signable, payload: Uint8Array): Uint8Array {
	const signed = preAuthenticationEncoding(type, payload);
	const signatures = signers.map((signer) => ({ keyid: signer.keyid, sig: signer.sign(signed) }));
	return encode(wire.Envelope, { payload, payloadType: type, signatures });
}

function signablesFor({ lender, phone, sequence, question }: StandingPhone): Signable[] {
	const { keys, termsBytes } = lender;
	const { RESTRICTION_LEVEL_FULL: level } = wire.RestrictionLevel;
	const text = { language: "es", text: "Aviso" };
	const actions: Partial<wire.Order.$Properties>[] = [
		{ extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY, paymentReference: "R-1" } },
		{ restrict: { level } },
		{ restore: {} },
		{ notice: { noticeId: "n1", kind: wire.NoticeKind.NOTICE_KIND_LOCK_WARNING, texts: [text] } },
		{ hold: { kind: wire.HoldKind.HOLD_KIND_DISPUTE, untilUnixSeconds: EPOCH + 90 * DAY } },
		{ serviceWindow: { opensAtUnixSeconds: EPOCH, closesAtUnixSeconds: EPOCH + 3600 } },
		{ rebind: { bindingEnvelope: lender.binding() } },
		{ newTerms: { terms: termsBytes, consent: lender.consent() } },
		{ newKeys: { keySetEnvelopes: [lender.firstKeySet] } },
		{ release: { certificateId: "P-1" } },
	];
	const common = { deviceId: DEVICE_ID, contractId: "C-1001", lenderId: "lender-1", epoch: 1, issuedAtUnixSeconds: EPOCH };
	const expiresAtUnixSeconds = EPOCH + 700 * DAY;
	const orders = actions.map((action) => ({
		payload: encode(wire.Order, { ...common, expiresAtUnixSeconds, sequence: sequence + 1, reason: 8, ...action }),
		type: PayloadType.order,
		signers: action.release ? keys.release : keys.command,
		carry: (envelope: Uint8Array): Body => ({ orders: { orderEnvelopes: [envelope] } }),
	}));
	const { deviceId, contractId } = common;
	const reply = {
		payload: encode(wire.CheckInReply, {
			deviceId,
			contractId,
			...(question ? { nonce: question.nonce, counter: question.counter } : {}),
			serverTimeUnixSeconds: Math.floor(phone.unixSeconds),
		}),
		type: PayloadType.checkInReply,
		signers: keys.heartbeat,
		carry: (replyEnvelope: Uint8Array): Body => ({ reply: { replyEnvelope } }),
	};
	return [...orders, reply];
}

function bodiesFor({ lender, phone, question }: StandingPhone): Body[] {
	const cable = (request: wire.CableRequest.$Properties): Body => ({ cable: { request: encode(wire.CableRequest, request) } });
	const challenge = phone.ledger.pendingBinding ? phone.effects.makeDeviceKey?.challenge : undefined;
	const { signatures } = phone.ledger;
	return [
		{ started: {} },
		{ tick: {} },
		{ checkNow: {} },
		{ passTaken: {} },
		{ disputeOpened: {} },
		{ recordWanted: {} },
		{ ownershipReturned: {} },
		{ emergencyCall: { active: true } },
		{ hostFailed: { part: wire.HostPart.HOST_PART_SIGNATURE } },
		{ checkInFailed: { counter: question?.counter ?? 1 } },
		{ postureApplied: { revision: phone.ledger.posture.revision, drift: ["factoryReset"] } },
		{ noticeShown: { noticeId: `overdue-${EPOCH + 30 * DAY}-1`, channel: wire.NoticeChannel.NOTICE_CHANNEL_SCREEN } },
		{ codeEntered: { code: "1234 5678 9012 3" } },
		{ codeEntered: { code: "0123-4567-89AB-CDEF-G" } },
		{ deviceKeyMade: { challenge: challenge ?? new Uint8Array(32), publicKey: lender.keys.enroll[0]?.publicKey ?? null } },
		{ signed: { requestId: signatures[0]?.requestId ?? 1, signature: new Uint8Array(64).fill(1) } },
		{
			facts: {
				imeis: [IMEI1, IMEI2],
				serial: "SERIAL1",
				deviceOwner: true,
				agentVersion: "1.0.0",
				simDigest: new Uint8Array(32),
			},
		},
		cable({ hello: { challenge: new Uint8Array(16) } }),
		cable({ bind: lender.bind() }),
		cable({ startCheckIn: {} }),
		cable({ finishCheckIn: { replyEnvelope: new Uint8Array(80) } }),
		cable({ deliverOrders: { orderEnvelopes: [lender.order({ sequence: 1, restore: {} }, lender.keys.command)] } }),
		cable({ seal: {} }),
	];
}

/** Messages of every type, made from the schemas: whatever a codec can carry, sense or none. */
export function messagesByReflection(seed: number, each: number): { name: string; bytes: Uint8Array }[] {
	return everyMessage().flatMap(({ name, type, arbitrary }) =>
		fc.sample(arbitrary, { seed, numRuns: each }).flatMap((message) => {
			try {
				return [{ name, bytes: encode(type, message) }];
			} catch {
				return []; // no encoder would write it
			}
		}),
	);
}
