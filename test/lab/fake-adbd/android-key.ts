import { constants, createPublicKey, type KeyObject, publicDecrypt } from "node:crypto";

/** Words in the modulus, -1/n[0], modulus, R^2, exponent: AOSP libcrypto_utils `RSAPublicKey`, 2048 bits only. */
const STRUCT_BYTES = 4 + 4 + 256 + 256 + 4;
/** DER of "what follows is a SHA-1 digest" (RFC 8017 section 9.2). */
const SHA1_DIGEST_INFO = Buffer.from("3021300906052b0e03021a05000414", "hex");

/** A host's public key and the name that the phone shows in its dialog. */
export interface OfferedKey {
	readonly key: KeyObject;
	readonly comment: string;
}

/** Reads base64 of the struct, a blank, a comment. `undefined` for anything else. */
export function parseAndroidKey(text: string): OfferedKey | undefined {
	const [base64 = "", ...comment] = text.replace(/\0+$/, "").trim().split(" ");
	const bytes = Buffer.from(base64, "base64");
	if (bytes.length !== STRUCT_BYTES || bytes.readUInt32LE(0) !== 64) return undefined;
	const exponent = Buffer.alloc(4);
	exponent.writeUInt32BE(bytes.readUInt32LE(STRUCT_BYTES - 4));
	const modulus = Buffer.from(bytes.subarray(8, 8 + 256)).reverse();
	const jwk = {
		kty: "RSA",
		n: modulus.toString("base64url"),
		e: exponent.subarray(1).toString("base64url"),
	};
	try {
		return {
			key: createPublicKey({ format: "jwk", key: jwk }),
			comment: comment.join(" "),
		};
	} catch {
		return undefined;
	}
}

/** Whether the host holds the key: it signs the 20 random bytes as if they were a digest already. */
export function hasSigned(key: KeyObject, token: Uint8Array, signature: Uint8Array): boolean {
	try {
		const signed = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
		return signed.equals(Buffer.concat([SHA1_DIGEST_INFO, token]));
	} catch {
		return false; // another key's signature
	}
}
