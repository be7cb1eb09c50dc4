import { createHash, randomBytes } from "node:crypto";

import { decode, encode } from "../../../proto/codec.ts";
import type { Signer } from "../../../proto/crypto.ts";
import { accept, PayloadType, readEnvelope, seal } from "../../../proto/envelope.ts";
import type { Imei } from "../../../proto/imei.ts";
import { acceptFromRoles, acceptKeySetChain, acceptNextKeySet, grantOf, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import type { EnrollmentOffer, HandsetIdentity } from "../../../provisioning/procedure/registry-port.ts";
import { makeKey } from "../../../provisioning/registry/keys/key-file.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";
import { nextImei } from "./next-imei.ts";

export const crypto = createNodeCrypto();

/** What a registry sees of a phone: it signs with its own key, and believes what its key set covers. */
export class TestPhone {
	readonly identity: HandsetIdentity;
	device: Signer = makeKey(crypto).signer;
	counter = 0;
	lastSequence = 0;
	keySet: KeySet | undefined;
	outcomes: wire.OrderOutcome.$Properties[] = [];
	#offer: EnrollmentOffer | undefined;

	constructor(imeis: readonly string[] = [nextImei(), nextImei()]) {
		const [imei1 = "", imei2] = imeis;
		this.identity = {
			imei1: imei1 as Imei, // made with a valid check digit, or wrong on purpose
			...(imei2 === undefined ? {} : { imei2: imei2 as Imei }),
			serial: `SN${imei1}`,
			model: "2409BRN2CA",
		};
	}

	/** Takes a binding and signs the receipt for it. */
	async bind(offer: EnrollmentOffer, changes: wire.BindingReceipt.$Properties = {}, signer = this.device): Promise<Uint8Array> {
		this.#offer = offer;
		this.keySet = acceptKeySetChain(crypto, offer.keySetEnvelopes);
		const { payload } = acceptFromRoles(
			crypto,
			this.keySet,
			[wire.Role.ROLE_ENROLL],
			wire.Binding,
			PayloadType.binding,
			offer.bindingEnvelope,
			undefined,
		);
		const { imei1, imei2, serial } = this.identity;
		return seal(
			wire.BindingReceipt,
			PayloadType.bindingReceipt,
			{
				bindingSha256: createHash("sha256").update(payload).digest(),
				deviceId: offer.deviceId,
				contractId: offer.contractId,
				devicePublicKey: this.device.publicKey,
				imeis: imei2 === undefined ? [imei1] : [imei1, imei2],
				serial,
				agentVersion: "0.1.0",
				...changes,
			},
			[signer],
		);
	}

	/** The next check-in, as an envelope. */
	async checkIn(changes: wire.CheckIn.$Properties = {}, signer = this.device): Promise<Uint8Array> {
		this.counter += 1;
		const { deviceId, contractId } = this.#bound();
		return seal(
			wire.CheckIn,
			PayloadType.checkIn,
			{
				deviceId,
				contractId,
				counter: this.counter,
				nonce: randomBytes(16),
				keySetVersion: this.keySet?.version ?? 1,
				epoch: this.keySet?.epoch ?? 1,
				lastSequence: this.lastSequence,
				outcomes: this.outcomes,
				status: { standing: wire.Standing.STANDING_UNLOCKED, contact: wire.ContactState.CONTACT_STATE_FRESH, sealed: true },
				logHead: new Uint8Array(32).fill(1),
				logLength: 3,
				agentVersion: "0.1.0",
				...changes,
			},
			[signer],
		);
	}

	/** Verifies a reply as the agent does, takes the key sets in it, and gives its orders; each is then reported as accepted. */
	takeReply(envelope: Uint8Array) {
		const keySet = this.keySet;
		if (!keySet) throw new Error("not bound");
		const { message } = acceptFromRoles(
			crypto,
			keySet,
			[wire.Role.ROLE_HEARTBEAT],
			wire.CheckInReply,
			PayloadType.checkInReply,
			envelope,
			undefined,
		);
		const orders = message.orderEnvelopes.map((order) => this.#takeOrder(order));
		return { ...message, orders };
	}

	#takeOrder(envelope: Uint8Array) {
		const keySet = this.keySet;
		if (!keySet) throw new Error("not bound");
		const roles = [wire.Role.ROLE_COMMAND, wire.Role.ROLE_RELEASE];
		const { message, role } = acceptFromRoles(crypto, keySet, roles, wire.Order, PayloadType.order, envelope, undefined);
		const { sequence, epoch, newKeys } = message;
		if (epoch !== keySet.epoch || sequence <= this.lastSequence) throw new Error(`order ${epoch}/${sequence} is out of turn`);
		this.lastSequence = sequence;
		this.outcomes = [...this.outcomes, { sequence, epoch, result: wire.OrderResult.ORDER_RESULT_ACCEPTED }];
		for (const next of newKeys?.keySetEnvelopes ?? []) this.keySet = acceptNextKeySet(crypto, this.keySet ?? keySet, next);
		if (this.keySet && this.keySet.epoch > epoch) this.lastSequence = 0;
		return { ...message, role, envelope };
	}

	#bound(): EnrollmentOffer {
		if (!this.#offer) throw new Error("not bound");
		return this.#offer;
	}
}

/** Reads an order without trusting it. */
export function readOrder(envelope: Uint8Array) {
	return decode(wire.Order, readEnvelope(envelope, PayloadType.order).payload);
}

/** Verifies an order against a role of a key set. */
export function orderBy(keySet: KeySet, role: wire.Role, envelope: Uint8Array) {
	const { keys, threshold } = grantOf(keySet, role);
	return accept(crypto, wire.Order, PayloadType.order, envelope, keys, threshold).message;
}

/** The least evidence there is. */
export function evidence(contractId: string): Uint8Array {
	return encode(wire.EnrollmentEvidence, { contractId, tool: "test" });
}
