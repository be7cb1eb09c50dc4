import { p256 } from "@noble/curves/nist.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

import type { Crypto } from "./crypto.ts";

/** {@link Crypto} in plain JavaScript: Node, browsers and QuickJS. */
export const nobleCrypto: Crypto = {
	sha256: (bytes) => sha256(bytes),
	hmacSha256: (key, bytes) => hmac(sha256, key, bytes),
	hkdfSha256: (key, salt, info, length) => hkdf(sha256, key, salt, info, length),
	verifyP256(publicKey, message, signature) {
		if (publicKey.length !== 65 || signature.length !== 64) return false;
		try {
			// lowS false: the envelope demands a low s itself, and Keystore, OpenSSL and HSMs do not give one.
			return p256.verify(signature, message, publicKey, { lowS: false });
		} catch {
			return false; // a point off the curve, r or s out of range
		}
	},
};
