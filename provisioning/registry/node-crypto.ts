import { createHash, createHmac, createPublicKey, hkdfSync, type KeyObject, verify } from "node:crypto";

import type { Crypto } from "../../proto/crypto.ts";

/**
 * Public keys that one {@link createNodeCrypto} keeps imported, of those that it was asked for twice within as many others: our own, and
 * a small fleet's. Importing one costs as much as verifying with it; but of a large fleet no phone's key comes again in time, and what is
 * kept for a while outlives the quick collection, so that OpenSSL's memory, which V8 does not count, would stay until the slow one.
 */
const CACHED_KEYS = 512;

/**
 * The wire's primitives by node:crypto: the same answers as `noble-crypto.ts`, some thirty times faster. Keeps recently
 * used public keys imported, so make one for each process, not one for each message.
 */
export function createNodeCrypto(): Crypto {
	const imported = new Map<string, KeyObject>();
	const seenOnce = new Set<string>();

	function importPoint(point: Uint8Array): KeyObject {
		const name = Buffer.from(point).toString("latin1");
		const known = imported.get(name);
		if (known) return known;
		const half = (from: number) => Buffer.from(point.subarray(from, from + 32)).toString("base64url");
		// JWK, because OpenSSL 3 takes twice as long to decode the same point from SPKI. Throws off the curve.
		const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: half(1), y: half(33) }, format: "jwk" });
		if (seenOnce.delete(name)) keepAtMost(CACHED_KEYS, imported).set(name, key);
		else keepAtMost(CACHED_KEYS, seenOnce).add(name);
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

/** Makes room for one more: the oldest goes. */
function keepAtMost<Kept extends Pick<Map<string, unknown>, "size" | "keys" | "delete">>(most: number, kept: Kept): Kept {
	const [oldest] = kept.keys();
	if (kept.size >= most && oldest !== undefined) kept.delete(oldest);
	return kept;
}
