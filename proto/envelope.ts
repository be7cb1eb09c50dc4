import { decodeCanonical, encode, equalBytes, type Message, type MessageType } from "./codec.ts";
import type { Crypto, Signer } from "./crypto.ts";
import { ProtocolError } from "./error.ts";
import { hasLowS, toLowS } from "./low-s.ts";
import { utf8 } from "./utf8.ts";
import { wire } from "./wire.ts";

/** Signatures that an envelope may carry. More is not a threshold, it is work for the verifier. */
export const MAX_SIGNATURES = 16;

/** Media types of what we sign. One for each message, so that none can pass for another. */
export const PayloadType = {
	keySet: "application/vnd.holdfast.key-set.v1+protobuf",
	rootKey: "application/vnd.holdfast.root-key.v1+protobuf",
	binding: "application/vnd.holdfast.binding.v1+protobuf",
	bindingReceipt: "application/vnd.holdfast.binding-receipt.v1+protobuf",
	order: "application/vnd.holdfast.order.v1+protobuf",
	checkIn: "application/vnd.holdfast.check-in.v1+protobuf",
	checkInReply: "application/vnd.holdfast.check-in-reply.v1+protobuf",
	hello: "application/vnd.holdfast.hello.v1",
	voucher: "application/vnd.holdfast.voucher.v1+protobuf",
	recordCheckpoint: "application/vnd.holdfast.record-checkpoint.v1+protobuf",
	attestationTrust: "application/vnd.holdfast.attestation-trust.v1+json",
	ledger: "application/vnd.holdfast.ledger.v1+json",
} as const;
export type PayloadType = (typeof PayloadType)[keyof typeof PayloadType];

/** A key that may be tried, by id. */
export interface VerificationKey {
	readonly keyid: string;
	/** Uncompressed SEC1 point, 65 bytes. */
	readonly point: Uint8Array;
}

/** An accepted message and exactly the bytes that were signed. */
export interface Accepted<Properties> {
	readonly message: Message<Properties>;
	readonly payload: Uint8Array;
	/** Ids of the keys whose signatures were good, each once. */
	readonly signedBy: readonly string[];
}

/**
 * DSSE v1.0.2 pre-authentication encoding:
 * `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes as ASCII decimals.
 * Source: secure-systems-lab/dsse protocol.md.
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
	const type = utf8(payloadType);
	const head = utf8(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
	const encoding = new Uint8Array(head.length + payload.length);
	encoding.set(head);
	encoding.set(payload, head.length);
	return encoding;
}

/**
 * Signs payload bytes with each signer and wraps them.
 *
 * @throws {ProtocolError} UNSIGNED (no signer), DUPLICATE_SIGNATURE (two signers hold the same key, or go by the same id),
 * TOO_LARGE, BAD_SIGNATURE (a signer gave something else than r || s).
 */
export async function sealBytes(payloadType: PayloadType, payload: Uint8Array, signers: readonly Signer[]): Promise<Uint8Array> {
	if (signers.length === 0) throw new ProtocolError("UNSIGNED", "nobody to sign");
	if (signers.length > MAX_SIGNATURES) throw new ProtocolError("TOO_LARGE", "too many signatures");
	for (const [index, { keyid, publicKey }] of signers.entries()) {
		const before = signers.slice(0, index);
		if (before.some((other) => other.keyid === keyid || equalBytes(other.publicKey, publicKey))) {
			throw new ProtocolError("DUPLICATE_SIGNATURE", "two signers hold the same key");
		}
	}
	const message = preAuthenticationEncoding(payloadType, payload);
	const signatures = await Promise.all(
		signers.map(async (signer) => ({ keyid: signer.keyid, sig: toLowS(await signer.sign(message)) })),
	);
	return encode(wire.Envelope, { payload, payloadType, signatures });
}

/**
 * Encodes, signs and wraps a message.
 *
 * @throws {ProtocolError} as `encode` and {@link sealBytes}; and NOT_CANONICAL, before anything is signed, for a message
 * that nobody would accept, such as one with two members of a oneof.
 */
export async function seal<Properties>(
	type: MessageType<Properties>,
	payloadType: PayloadType,
	message: NoInfer<Properties>,
	signers: readonly Signer[],
): Promise<Uint8Array> {
	const payload = encode(type, message);
	decodeCanonical(type, payload);
	return sealBytes(payloadType, payload, signers);
}

/**
 * Wraps a payload with a signature made elsewhere, such as in a phone's Keystore.
 *
 * @param signature r || s, 64 bytes, s in either half. Keystore gives DER: convert it first.
 * @throws {ProtocolError} BAD_SIGNATURE if it is anything else, TOO_LARGE.
 */
export function wrap(payloadType: PayloadType, payload: Uint8Array, keyid: string, signature: Uint8Array): Uint8Array {
	return encode(wire.Envelope, { payload, payloadType, signatures: [{ keyid, sig: toLowS(signature) }] });
}

/**
 * Reads an envelope's frame without trusting it.
 *
 * @throws {ProtocolError} TOO_LARGE, MALFORMED, UNSAFE_INTEGER, NOT_CANONICAL, WRONG_TYPE, UNSIGNED, BAD_SIGNATURE (not 64
 * bytes, or a high s), DUPLICATE_SIGNATURE.
 */
export function readEnvelope(bytes: Uint8Array, payloadType: PayloadType): Message<wire.Envelope.$Properties> {
	const envelope = decodeCanonical(wire.Envelope, bytes);
	if (envelope.payloadType !== payloadType) {
		throw new ProtocolError("WRONG_TYPE", `expected ${payloadType}`);
	}
	if (envelope.signatures.length === 0) throw new ProtocolError("UNSIGNED", "the envelope carries no signature");
	if (envelope.signatures.length > MAX_SIGNATURES) throw new ProtocolError("TOO_LARGE", "too many signatures");
	const seen = new Set<string>();
	for (const { keyid, sig } of envelope.signatures) {
		if (seen.has(keyid)) throw new ProtocolError("DUPLICATE_SIGNATURE", "two signatures name the same key");
		seen.add(keyid);
		if (sig.length !== 64) throw new ProtocolError("BAD_SIGNATURE", "a signature is not 64 bytes");
		if (!hasLowS(sig)) throw new ProtocolError("BAD_SIGNATURE", "a signature's s is not in the lower half");
	}
	return envelope;
}

/**
 * Ids of those keys that signed the envelope, each once. A key is counted by its point, whatever id it is listed under,
 * so that one key under two names is one signature.
 */
export function countSignatures(
	crypto: Crypto,
	envelope: Message<wire.Envelope.$Properties>,
	keys: readonly VerificationKey[],
): string[] {
	const message = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
	const points: Uint8Array[] = [];
	const signedBy: string[] = [];
	for (const { keyid, sig } of envelope.signatures) {
		const key = keys.find((candidate) => candidate.keyid === keyid);
		if (!key || points.some((point) => equalBytes(point, key.point)) || !crypto.verifyP256(key.point, message, sig)) continue;
		points.push(key.point);
		signedBy.push(keyid);
	}
	return signedBy;
}

/**
 * Accepts a signed message: verifies the raw bytes, then decodes them, then requires their one accepted encoding.
 *
 * @param threshold how many different keys must have signed, 1 or more.
 * @throws {ProtocolError} as {@link readEnvelope} and `decodeCanonical`, and THRESHOLD_NOT_MET.
 */
export function accept<Properties>(
	crypto: Crypto,
	type: MessageType<Properties>,
	payloadType: PayloadType,
	bytes: Uint8Array,
	keys: readonly VerificationKey[],
	threshold = 1,
): Accepted<Properties> {
	const envelope = readEnvelope(bytes, payloadType);
	const signedBy = countSignatures(crypto, envelope, keys);
	if (!(threshold >= 1) || signedBy.length < threshold) {
		throw new ProtocolError("THRESHOLD_NOT_MET", `${signedBy.length} of ${threshold} required signatures are good`);
	}
	return { message: decodeCanonical(type, envelope.payload), payload: envelope.payload, signedBy };
}
