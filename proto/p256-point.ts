import { toHex } from "./crypto.ts";

/** The prime and the constant of y² = x³ - 3x + b (FIPS 186-5, SP 800-186 section 3.2.1.3). */
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Whether bytes are an uncompressed SEC1 point on P-256: 65 bytes, 0x04, reduced coordinates that satisfy the curve. */
export function isP256Point(point: Uint8Array): boolean {
	if (point.length !== 65 || point[0] !== 4) return false;
	const x = BigInt(`0x${toHex(point.subarray(1, 33))}`);
	const y = BigInt(`0x${toHex(point.subarray(33))}`);
	return x < PRIME && y < PRIME && (y * y - (x * x * x - 3n * x + B)) % PRIME === 0n;
}
