import { createHash, createHmac, createPublicKey, hkdfSync, type KeyObject, verify } from "node:crypto";

import type { Crypto } from "../../proto/crypto.ts";

/**
 * Public keys that one {@link createNodeCrypto} keeps imported. Importing a point costs as much as verifying with it; but of a fleet's
 * keys none comes again before thousands of others have, so that only a small fleet, and our own keys, gain by more.
 */
const CACHED_KEYS = 512;

/**
 * The wire's primitives by node:crypto: the same answers as `noble-crypto.ts`, some thirty times faster. Keeps recently
 * used public keys imported, so make one for each process, not one for each message.
 */
export function createNodeCrypto(): Crypto {
	const imported = new Map<string, KeyObject>();

	function importPoint(point: Uint8Array): KeyObject {
		const name = Buffer.from(point).toString("latin1");
		const known = imported.get(name);
		if (known) return known;
		const half = (from: number) => Buffer.from(point.subarray(from, from + 32)).toString("base64url");
		// JWK, because OpenSSL 3 takes twice as long to decode the same point from SPKI. Throws off the curve.
		const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: half(1), y: half(33) }, format: "jwk" });
		if (imported.size >= CACHED_KEYS) {
			for (const oldest of imported.keys()) {
				imported.delete(oldest);
				break;
			}
		}
		imported.set(name, key);
		return key;
	}

	return {
		sha256: (bytes) => Uint8Array.from(createHash("sha256").update(bytes).digest()),
		hmacSha256: (key, bytes) => Uint8Array.from(createHmac("sha256", key).update(bytes).digest()),
		hkdfSha256: (key, salt, info, length) => new Uint8Array(hkdfSync("sha256", key, salt, info, length)),
		verifyP256(publicKey, message, signature) {
			if (publicKey.length !== 65 || publicKey[0] !== 4 || signature.length !== 64) return false;
			try {
				return verify("sha256", message, { key: importPoint(publicKey), dsaEncoding: "ieee-p1363" }, signature);
			} catch {
				return false; // a point off the curve, r or s out of range
			}
		},
	};
}
