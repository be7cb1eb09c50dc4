/** Prime and order of P-256: the numbers that signatures are counted with. */
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const WIDTHS = [32, 64, 128, 256, 512];

/**
 * Whether an engine's BigInt counts as signatures need it: the number of digits, which QuickJS 2025-04-26 gives wrongly, and products,
 * remainders, quotients and shifts of 256 bits and more, about which one wrong bit anywhere says no.
 */
export function countsSoundly(): boolean {
	return (
		WIDTHS.every((width) => (2n ** BigInt(width) - 1n).toString(2).length === width) &&
		WIDTHS.every((width) => (1n << BigInt(width)).toString(16).length === width / 4 + 1) &&
		// Fermat: both are primes, so each bit of some five hundred products and remainders is right.
		power(3n, PRIME - 1n, PRIME) === 1n &&
		power(5n, ORDER - 1n, ORDER) === 1n &&
		(PRIME * ORDER) / ORDER === PRIME &&
		-PRIME % ORDER === ORDER - PRIME &&
		BigInt.asUintN(64, -ORDER) === 2n ** 64n - (ORDER % 2n ** 64n) &&
		BigInt(`0x${ORDER.toString(16)}`) === ORDER &&
		BigInt(PRIME.toString()) === PRIME
	);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
	let result = 1n;
	for (let left = exponent, square = base; left > 0n; left >>= 1n, square = (square * square) % modulus) {
		if (left & 1n) result = (result * square) % modulus;
	}
	return result;
}
