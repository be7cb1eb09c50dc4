import { fromHex, toHex } from "../../../../proto/crypto.ts";
import { seededRandom } from "../../../e2e/seeded-random.ts";
import { createTestSigner } from "../../test-signer.ts";

export type SignatureCase = readonly [publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array];

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const LARGEST = (1n << 256n) - 1n;
const KEYS = 40;

/** Keys and signatures, good and in every way bad, that platforms are known or suspected to see differently. */
export function signatureCases(): SignatureCase[] {
	const random = seededRandom(7);
	const cases: SignatureCase[] = [];
	for (let count = 0; count < KEYS; count += 1) {
		const { publicKey, signNow } = createTestSigner();
		const message = Uint8Array.from({ length: count * 7 }, () => Math.floor(random() * 256));
		const signature = signNow(message);
		const [r, s] = [numberOf(signature.subarray(0, 32)), numberOf(signature.subarray(32))];
		const other = createTestSigner().publicKey;
		cases.push([publicKey, message, signature]);
		cases.push([publicKey, message, both(r, ORDER - s)]); // s in the other half
		cases.push([other, message, signature]);
		cases.push([publicKey, Uint8Array.from([...message, 0]), signature]);
		cases.push([publicKey, message, both(ORDER - r, s)]);
		cases.push([publicKey, message, both(s, r)]);
		const at = Math.floor(random() * 64);
		cases.push([publicKey, message, signature.map((byte, index) => (index === at ? byte ^ 1 : byte))]);
		for (const scalar of [0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, PRIME, LARGEST]) {
			cases.push(
				[publicKey, message, both(scalar, s)],
				[publicKey, message, both(r, scalar)],
				[publicKey, message, both(scalar, scalar)],
			);
		}
		// The same numbers one order further on: good to whoever reduces before looking.
		if (r + ORDER <= LARGEST) cases.push([publicKey, message, both(r + ORDER, s)]);
		if (s + ORDER <= LARGEST) cases.push([publicKey, message, both(r, s + ORDER)]);
		for (const length of [0, 1, 32, 63, 65, 72])
			cases.push([publicKey, message, Uint8Array.from({ length }, (_, i) => signature[i] ?? 0)]);
		for (const key of oddKeys(publicKey)) cases.push([key, message, signature]);
	}
	return cases;
}

/** A public key as it must not look. */
function oddKeys(point: Uint8Array): Uint8Array[] {
	const [x, y] = [numberOf(point.subarray(1, 33)), numberOf(point.subarray(33))];
	const withPrefix = (prefix: number, bytes = point.subarray(1)) => Uint8Array.from([prefix, ...bytes]);
	const parity = Number(y & 1n);
	return [
		new Uint8Array(),
		new Uint8Array(65),
		withPrefix(4, new Uint8Array(64)),
		withPrefix(0),
		withPrefix(5),
		withPrefix(6 + parity), // hybrid: as good a point as the other, and no form of ours
		withPrefix(7 - parity),
		withPrefix(2 + parity, point.subarray(1, 33)), // compressed
		withPrefix(2 + parity),
		point.subarray(0, 64),
		Uint8Array.from([...point, 0]),
		point.map((byte, index) => (index === 64 ? byte ^ 1 : byte)),
		point.map((byte, index) => (index === 1 ? byte ^ 1 : byte)),
		withPrefix(4, both(x, PRIME - y)), // its negative: on the curve, and another key
		withPrefix(4, both(y, x)),
		withPrefix(4, both(0n, y)),
		withPrefix(4, both(PRIME, y)),
		withPrefix(4, both(LARGEST, LARGEST)),
		// The same coordinates not reduced, where they still fit.
		...(x + PRIME <= LARGEST ? [withPrefix(4, both(x + PRIME, y))] : []),
	];
}

function both(first: bigint, second: bigint): Uint8Array {
	const hex = [first, second].map((number) => number.toString(16).padStart(64, "0")).join("");
	const bytes = fromHex(hex);
	if (!bytes) throw new Error("a number of more than 32 bytes");
	return bytes;
}

function numberOf(bytes: Uint8Array): bigint {
	return BigInt(`0x${toHex(bytes)}`);
}
