import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { hasLowS, toLowS } from "../../proto/low-s.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { nodeCrypto } from "./crypto-implementations.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { newSigner } from "./test-signer.ts";

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** r || s, big-endian. */
function signature(r: bigint, s: bigint): Uint8Array {
	return Uint8Array.from(Buffer.from([r, s].map((half) => half.toString(16).padStart(64, "0")).join(""), "hex"));
}

describe("low s", () => {
	it("is what OpenSSL's signatures have after toLowS, and they verify as before", async () => {
		const signer = newSigner();
		let high = 0;
		await fc.assert(
			fc.asyncProperty(fc.uint8Array(), async (message) => {
				const given = await signer.sign(message);
				const low = toLowS(given);
				if (!hasLowS(given)) high += 1;
				expect(hasLowS(low)).toBe(true);
				expect(toLowS(low)).toEqual(low);
				for (const crypto of [nobleCrypto, nodeCrypto]) {
					expect(crypto.verifyP256(signer.publicKey, message, given)).toBe(true);
					expect(crypto.verifyP256(signer.publicKey, message, low)).toBe(true);
				}
			}),
			{ numRuns: 40 },
		);
		expect(high).toBeGreaterThan(0); // 40 coins all heads: one in 10^12
	});

	it.each([
		[1n, true],
		[N / 2n, true],
		[N / 2n + 1n, false],
		[N - 1n, false],
		[0n, false],
		[N, false],
		[N + 1n, false],
	])("at s = %d: %s", (s, expected) => {
		expect(hasLowS(signature(5n, s))).toBe(expected);
	});

	it("mirrors s at the half and leaves r and the given bytes alone", () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 1n, max: N - 1n }), fc.bigInt({ min: 1n, max: N - 1n }), (r, s) => {
				const given = signature(r, s);
				const before = Uint8Array.from(given);
				const low = toLowS(given);
				expect(low).toEqual(signature(r, s > N / 2n ? N - s : s));
				low.fill(0);
				expect(given).toEqual(before);
			}),
		);
	});

	it.each([
		["r = 0", signature(0n, 5n)],
		["r = n", signature(N, 5n)],
		["s = 0", signature(5n, 0n)],
		["s = n", signature(5n, N)],
		["s = 2^256-1", signature(5n, 2n ** 256n - 1n)],
		["nothing", new Uint8Array()],
		["63 bytes", new Uint8Array(63).fill(1)],
		[
			"DER, as Keystore gives it",
			Uint8Array.of(0x30, 0x44, 2, 0x20, ...new Uint8Array(32).fill(1), 2, 0x20, ...new Uint8Array(32).fill(1)),
		],
	])("is not made of %s", (_, bytes) => {
		expectRefusal("BAD_SIGNATURE", () => toLowS(bytes));
		if (bytes.length !== 64) expect(hasLowS(bytes)).toBe(false);
	});
});
