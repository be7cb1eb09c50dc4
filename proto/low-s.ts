import { toHex } from "./crypto.ts";
import { ProtocolError } from "./error.ts";

/** Order n of the P-256 group (FIPS 186-5, SP 800-186 section 3.2.1.3). */
const GROUP_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = GROUP_ORDER / 2n;

/** Whether a signature is 64 bytes r || s and its s lies in the lower half of the group order and is not zero. */
export function hasLowS(signature: Uint8Array): boolean {
	if (signature.length !== 64) return false;
	const s = scalar(signature.subarray(32));
	return s > 0n && s <= HALF_ORDER;
}

/**
 * The same signature with s in the lower half, always as a copy. (r, s) and (r, n-s) verify alike; only one may stand on
 * the wire, so that nobody can make a second valid form of a message.
 *
 * @param signature r || s, 64 bytes.
 * @throws {ProtocolError} BAD_SIGNATURE if it is not 64 bytes (DER, as Keystore and OpenSSL give it) or r or s is not in 1..n-1.
 */
export function toLowS(signature: Uint8Array): Uint8Array {
	if (signature.length !== 64) throw new ProtocolError("BAD_SIGNATURE", "not r || s of 64 bytes");
	const r = scalar(signature.subarray(0, 32));
	const s = scalar(signature.subarray(32));
	if (r < 1n || r >= GROUP_ORDER || s < 1n || s >= GROUP_ORDER)
		throw new ProtocolError("BAD_SIGNATURE", "r or s is out of range");
	const low = Uint8Array.from(signature);
	if (s <= HALF_ORDER) return low;
	let rest = GROUP_ORDER - s;
	for (let index = 63; index >= 32; index -= 1) {
		low[index] = Number(rest & 0xffn);
		rest >>= 8n;
	}
	return low;
}

function scalar(bytes: Uint8Array): bigint {
	return BigInt(`0x${toHex(bytes)}`);
}
