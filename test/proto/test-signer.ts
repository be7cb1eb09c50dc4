import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import { keyidOf, type Signer } from "../../proto/crypto.ts";

/** A P-256 key held by OpenSSL, which gives s in either half, as tokens and Keystore do. */
export function newSigner(): Signer {
	return signerOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
}

/** `count` new keys. */
export function newSigners(count: number): Signer[] {
	return Array.from({ length: count }, newSigner);
}

/** The same for a key at hand. */
export function signerOf(privateKey: KeyObject): Signer {
	// Not as JWK: on Node 20 that export can wait for ever for a lock held by the garbage collector. The point ends the DER.
	const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
	const publicKey = Uint8Array.from(der.subarray(-65));
	const keyid = keyidOf({ sha256: (bytes) => createHash("sha256").update(bytes).digest() }, publicKey);
	return {
		keyid,
		publicKey,
		async sign(message) {
			return Uint8Array.from(sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }));
		},
	};
}

/** As an envelope's verifier lists it. */
export function keyOf(signer: Signer): { keyid: string; point: Uint8Array } {
	return { keyid: signer.keyid, point: signer.publicKey };
}
