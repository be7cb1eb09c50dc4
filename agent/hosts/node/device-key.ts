import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import { toHex } from "../../../proto/crypto.ts";
import { readIfThere, replaceFile } from "./atomic-file.ts";

/** The key that signs for this handset. On a phone it is in the Keystore; here it is a file that only its owner reads. */
export interface DeviceKey {
	/** Makes a key for a challenge, or finds the one that was made for it. Uncompressed SEC1 point, 65 bytes. */
	makeFor(challenge: Uint8Array): Uint8Array;
	/** The key that is there; `undefined` before one was made. */
	publicKey(): Uint8Array | undefined;
	/** ECDSA P-256 / SHA-256 over `message`: r || s, 64 bytes. */
	sign(message: Uint8Array): Uint8Array;
}

/** A device key in a PEM file (mode 0600), whose first line names the challenge it was made for. */
export function fileDeviceKey(path: string): DeviceKey {
	const load = (): { challenge: string; key: KeyObject } | undefined => {
		const text = readIfThere(path);
		if (!text) return undefined;
		const pem = Buffer.from(text).toString("ascii");
		// PEM readers pass over text before the first boundary (RFC 7468, section 2).
		const challenge = /^challenge: ([0-9a-f]+)$/m.exec(pem)?.[1] ?? "";
		return { challenge, key: createPrivateKey(pem.slice(pem.indexOf("-----BEGIN"))) };
	};
	let present = load();

	return {
		makeFor(challenge) {
			if (present?.challenge !== toHex(challenge)) {
				const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
				const pem = privateKey.export({ type: "pkcs8", format: "pem" });
				replaceFile(path, Buffer.from(`challenge: ${toHex(challenge)}\n${pem}`, "ascii"), 0o600);
				present = { challenge: toHex(challenge), key: privateKey };
			}
			return pointOf(present.key);
		},
		publicKey: () => (present ? pointOf(present.key) : undefined),
		sign(message) {
			if (!present) throw new Error("no device key was made");
			return Uint8Array.from(sign("sha256", message, { key: present.key, dsaEncoding: "ieee-p1363" }));
		},
	};
}

/** The last 65 bytes of the SubjectPublicKeyInfo are the point. */
function pointOf(key: KeyObject): Uint8Array {
	return Uint8Array.from(createPublicKey(key).export({ type: "spki", format: "der" }).subarray(-65));
}
