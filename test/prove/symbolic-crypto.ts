import { p256 } from "@noble/curves/nist.js";

import { encode, type MessageType } from "../../proto/codec.ts";
import { type Crypto, toHex } from "../../proto/crypto.ts";
import { type PayloadType, preAuthenticationEncoding } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";

/** Four 32-bit lanes, each its own seed: 128 bits of digest, spread over as many bytes as are asked for. */
function digest(seed: number, parts: readonly Uint8Array[], length: number): Uint8Array {
	const lanes = [0x9e3779b9 ^ seed, 0x85ebca6b ^ seed, 0xc2b2ae35 ^ seed, 0x27d4eb2f ^ seed] as const;
	let [a, b, c, d] = lanes as readonly [number, number, number, number];
	for (const part of parts) {
		for (let index = 0; index < part.length; index += 1) {
			const byte = part[index] ?? 0;
			a = Math.imul(a ^ byte, 0x01000193);
			b = Math.imul((b ^ byte) + (a >>> 15), 0x85ebca77);
			c = Math.imul((c + byte) ^ (b >>> 13), 0xc2b2ae3d);
			d = Math.imul((d + c) ^ byte, 0x27d4eb2f);
		}
		a ^= part.length;
	}
	const out = new Uint8Array(length);
	const view = new DataView(out.buffer);
	for (let index = 0; index + 4 <= length; index += 4) {
		a = Math.imul(a ^ (d >>> 16), 0x7feb352d);
		b = Math.imul(b ^ (a >>> 15), 0x846ca68b);
		c = Math.imul(c ^ (b >>> 16), 0x7feb352d);
		d = Math.imul(d ^ (c >>> 15), 0x846ca68b);
		view.setUint32(index, (a ^ b ^ c ^ d) >>> 0);
	}
	return out;
}

const NOTHING = new Uint8Array();

/**
 * The primitives as symbols: a digest is a cheap hash, a signature is a tag of key and message. The agent cannot tell the
 * difference, because all it does with either is compare. Nobody in a world can make a tag without holding the signer, so
 * forging is impossible exactly where a world does not say that a key was stolen.
 */
export const symbolicCrypto: Crypto = {
	sha256: (bytes) => digest(1, [bytes], 32),
	hmacSha256: (key, bytes) => digest(2, [key, NOTHING, bytes], 32),
	hkdfSha256: (key, salt, info, length) => digest(3, [key, salt, info], Math.ceil(length / 4) * 4).slice(0, length),
	verifyP256: (publicKey, message, signature) => {
		const good = tag(publicKey, message);
		return signature.length === 64 && good.every((byte, index) => byte === signature[index]);
	},
};

/** r || s with both in range and s low: the first byte of each half is zero, and neither half is. */
function tag(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
	const signature = digest(4, [publicKey, message], 64);
	signature[0] = 0;
	signature[31] = 1;
	signature[32] = 0;
	signature[63] = 1;
	return signature;
}

/** Whoever holds a key of a world. */
export interface SymbolicSigner {
	readonly keyid: string;
	readonly publicKey: Uint8Array;
	sign(message: Uint8Array): Uint8Array;
}

/** A key by number, the same in every worker. Its point is a real one: the agent checks that it lies on the curve. */
export function symbolicSigner(number: number): SymbolicSigner {
	const secret = new Uint8Array(32);
	new DataView(secret.buffer).setUint32(28, number + 1);
	const publicKey = Uint8Array.from(p256.getPublicKey(secret, false));
	return {
		publicKey,
		keyid: toHex(symbolicCrypto.sha256(publicKey).subarray(0, 16)),
		sign: (message) => tag(publicKey, message),
	};
}

/** Signs and wraps a message, at once. */
export function sealNow<Properties>(
	type: MessageType<Properties>,
	payloadType: PayloadType,
	message: NoInfer<Properties>,
	signers: readonly SymbolicSigner[],
): Uint8Array {
	const payload = encode(type, message);
	const signed = preAuthenticationEncoding(payloadType, payload);
	const signatures = signers.map((signer) => ({ keyid: signer.keyid, sig: signer.sign(signed) }));
	return encode(wire.Envelope, { payload, payloadType, signatures });
}
