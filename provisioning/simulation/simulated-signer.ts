import { p256 } from "@noble/curves/nist.js";
import { encode } from "../../proto/codec.ts";
import { type Crypto, keyidOf, toHex } from "../../proto/crypto.ts";
import { preAuthenticationEncoding } from "../../proto/envelope.ts";
import { toLowS } from "../../proto/low-s.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { wire } from "../../proto/wire.ts";
import { seededBytes } from "./seeded-bytes.ts";

/** A P-256 key that is made from a seed: worth nothing outside a simulation. Its signatures are real and always the same. */
export interface SimulatedSigner {
	readonly keyid: string;
	/** Uncompressed SEC1 point, 65 bytes. */
	readonly publicKey: Uint8Array;
	sign(message: Uint8Array): Uint8Array;
}

/** The keys of one simulated world. Checking a signature costs more than all else; one that was made here needs no second look. */
export interface SimulatedKeys {
	signer(name: string): SimulatedSigner;
	/** For the agent's `open`: what was signed here is known, whatever else comes is checked in full. */
	readonly verifyP256: Crypto["verifyP256"];
}

/** Signatures that are remembered: those on their way. */
const MOST_REMEMBERED = 64;

export function simulatedKeys(seed: number): SimulatedKeys {
	const made = new Map<string, string>();
	return {
		signer(name) {
			const secretKey = p256.utils.randomSecretKey(wide(seed, name));
			const publicKey = p256.getPublicKey(secretKey, false);
			return {
				keyid: keyidOf(nobleCrypto, publicKey),
				publicKey,
				sign(message) {
					const signature = toLowS(p256.sign(message, secretKey, { lowS: true }));
					made.set(toHex(signature), toHex(nobleCrypto.sha256(message)) + toHex(publicKey));
					for (const oldest of made.keys()) {
						if (made.size <= MOST_REMEMBERED) break;
						made.delete(oldest);
					}
					return signature;
				},
			};
		},
		verifyP256(publicKey, message, signature) {
			const known = made.get(toHex(signature));
			if (known === toHex(nobleCrypto.sha256(message)) + toHex(publicKey)) return true;
			return nobleCrypto.verifyP256(publicKey, message, signature);
		},
	};
}

/** An envelope over a payload, with each signer's signature. */
export function sealNow(payloadType: string, payload: Uint8Array, signers: readonly SimulatedSigner[]): Uint8Array {
	const message = preAuthenticationEncoding(payloadType, payload);
	const signatures = signers.map((signer) => ({ keyid: signer.keyid, sig: signer.sign(message) }));
	return encode(wire.Envelope, { payload, payloadType, signatures });
}

/** 48 bytes, as a key of this curve is drawn from. */
function wide(seed: number, name: string): Uint8Array {
	const bytes = new Uint8Array(48);
	bytes.set(seededBytes(seed, `${name} 1`));
	bytes.set(seededBytes(seed, `${name} 2`, 16), 32);
	return bytes;
}
