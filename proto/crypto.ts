/**
 * The primitives that the wire needs. Synchronous, because the agent's one function is; public data only, so nothing here
 * has to run in constant time. `noble-crypto.ts` implements it everywhere; a host may bring a faster one.
 */
export interface Crypto {
	/** SHA-256, 32 bytes. */
	sha256(bytes: Uint8Array): Uint8Array;
	/** HMAC-SHA256 (RFC 2104), 32 bytes. */
	hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
	/**
	 * HKDF-SHA256 (RFC 5869). An empty salt is one of 32 zero bytes.
	 *
	 * @param length in bytes, 1 to 8,160.
	 * @throws for any other length.
	 */
	hkdfSha256(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
	/**
	 * ECDSA P-256 / SHA-256 over `message`.
	 *
	 * @param publicKey uncompressed SEC1 point, 65 bytes. Any other form, or a point that is not on the curve, gives `false`.
	 * @param signature r || s, 64 bytes; either half of the group order for s. Anything else gives `false`.
	 */
	verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Whoever holds a P-256 private key: a file, a PKCS#11 token, a Keystore. */
export interface Signer {
	/** Id of the key: {@link keyidOf} its point. */
	readonly keyid: string;
	/** Uncompressed SEC1 point, 65 bytes. */
	readonly publicKey: Uint8Array;
	/** ECDSA P-256 / SHA-256 over `message`: r || s, 64 bytes, s in either half. */
	sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Id of a public key: lower-case hex of the first 16 bytes of SHA-256 over its uncompressed point. */
export function keyidOf(crypto: Pick<Crypto, "sha256">, publicKey: Uint8Array): string {
	return toHex(crypto.sha256(publicKey).subarray(0, 16));
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
	return text;
}

/** Reads hex. `undefined` if it is not whole bytes of hex digits. */
export function fromHex(text: string): Uint8Array | undefined {
	if (!/^(?:[0-9a-f]{2})*$/i.test(text)) return undefined;
	return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(index * 2, index * 2 + 2), 16));
}
