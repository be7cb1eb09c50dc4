import { createHash, createHmac, createPublicKey, hkdfSync, verify } from "node:crypto";

import type { Crypto } from "../../proto/crypto.ts";

/** The port over OpenSSL: what the portable implementation is measured against. */
export const nodeOracle: Crypto = {
	sha256: (bytes) => Uint8Array.from(createHash("sha256").update(bytes).digest()),
	hmacSha256: (key, bytes) => Uint8Array.from(createHmac("sha256", key).update(bytes).digest()),
	hkdfSha256: (key, salt, info, length) => new Uint8Array(hkdfSync("sha256", key, salt, info, length)),
	verifyP256(publicKey, message, signature) {
		if (publicKey.length !== 65 || publicKey[0] !== 4 || signature.length !== 64) return false;
		const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map((half) => Buffer.from(half).toString("base64url"));
		try {
			const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, format: "jwk" });
			return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
		} catch {
			return false; // a point off the curve
		}
	},
};
