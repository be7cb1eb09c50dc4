import { createHash, randomBytes } from "node:crypto";

/** A secret that is given out once and kept only as its hash: a session, an invitation, a challenge. */
export interface SecretId {
	/** 256 random bits, base64url, 43 characters. */
	readonly secret: string;
	/** SHA-256 of the secret. Without salt: nobody guesses 256 bits. */
	readonly sha256: Uint8Array;
}

export function newSecretId(): SecretId {
	const secret = randomBytes(32).toString("base64url");
	return { secret, sha256: hashOfSecret(secret) };
}

export function hashOfSecret(secret: string): Uint8Array {
	return createHash("sha256").update(secret).digest();
}

/** Id of a person or an approval: 80 random bits, 20 hex digits. */
export function newPublicId(): string {
	return randomBytes(10).toString("hex");
}
