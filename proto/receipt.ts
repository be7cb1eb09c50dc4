import { decodeCanonical, type Message } from "./codec.ts";
import { type Crypto, keyidOf } from "./crypto.ts";
import { accept, PayloadType, readEnvelope } from "./envelope.ts";
import { wire } from "./wire.ts";

export type BindingReceipt = Message<wire.BindingReceipt.$Properties>;

/**
 * Accepts a handset's answer to a Binding. It is signed by the device key that it names: that proves possession of the key
 * and nothing about the handset, which the attestation chain and the cable have to.
 *
 * @throws {ProtocolError}
 */
export function acceptReceipt(crypto: Crypto, envelope: Uint8Array): BindingReceipt {
	const claimed = decodeCanonical(wire.BindingReceipt, readEnvelope(envelope, PayloadType.bindingReceipt).payload);
	const key = { keyid: keyidOf(crypto, claimed.devicePublicKey), point: claimed.devicePublicKey };
	return accept(crypto, wire.BindingReceipt, PayloadType.bindingReceipt, envelope, [key]).message;
}
