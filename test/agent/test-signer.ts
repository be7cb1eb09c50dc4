import { createHash, generateKeyPairSync, sign } from "node:crypto";

import type { Signer } from "../../proto/crypto.ts";

/** A P-256 key in memory, with signatures as Node makes them: s in either half. */
export function createTestSigner(): Signer & { signNow(message: Uint8Array): Uint8Array } {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	// The last 65 bytes of the SubjectPublicKeyInfo are the uncompressed point.
	const point = Uint8Array.from(publicKey.export({ type: "spki", format: "der" }).subarray(-65));
	const signNow = (message: Uint8Array) =>
		Uint8Array.from(sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }));
	return {
		keyid: createHash("sha256").update(point).digest("hex").slice(0, 32),
		publicKey: point,
		signNow,
		sign: async (message) => signNow(message),
	};
}
