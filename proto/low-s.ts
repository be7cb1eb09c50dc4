/** Order n of the P-256 group (FIPS 186-5, SP 800-186 section 3.2.1.3), big-endian. */
const GROUP_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = GROUP_ORDER / 2n;

/** Whether s of a 64-byte r || s lies in the lower half of the group order and is not zero. */
export function hasLowS(signature: Uint8Array): boolean {
	const s = scalar(signature.subarray(32));
	return s > 0n && s <= HALF_ORDER;
}

/**
 * The same signature with s in the lower half. (r, s) and (r, n-s) verify alike; only one may stand on the wire, so that
 * nobody can make a second valid form of a message.
 *
 * @param signature r || s, 64 bytes.
 */
export function toLowS(signature: Uint8Array): Uint8Array {
	const s = scalar(signature.subarray(32));
	if (s <= HALF_ORDER) return signature;
	const low = Uint8Array.from(signature);
	let rest = GROUP_ORDER - s;
	for (let index = 63; index >= 32; index -= 1) {
		low[index] = Number(rest & 0xffn);
		rest >>= 8n;
	}
	return low;
}

function scalar(bytes: Uint8Array): bigint {
	let value = 0n;
	for (const byte of bytes) value = (value << 8n) | BigInt(byte);
	return value;
}
