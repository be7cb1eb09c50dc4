import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fromHex, keyidOf, toHex } from "../../proto/crypto.ts";
import { hasLowS } from "../../proto/low-s.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { isP256Point } from "../../proto/p256-point.ts";
import { cryptoImplementations as implementations, nodeCrypto } from "./crypto-implementations.ts";
import { describeVectors } from "./published-vectors.ts";
import { newSigner } from "./test-signer.ts";

interface Wycheproof<Group, Case> {
	numberOfTests: number;
	testGroups: (Group & { tests: (Case & { tcId: number; result: "valid" | "invalid" })[] })[];
}

/** All cases of a file, each with its group. A published file of a wrong shape fails the tests. */
function casesOf<Group, Case>(json: unknown) {
	const file = json as Wycheproof<Group, Case>;
	const cases = file.testGroups.flatMap((group) => group.tests.map((test) => ({ group, test })));
	return { count: file.numberOfTests, cases };
}

function bytes(hex: string): Uint8Array {
	const read = fromHex(hex);
	if (!read) throw new Error("not hex");
	return read;
}

describeVectors(
	"Wycheproof ECDSA P-256 / SHA-256, P1363",
	"wycheproof/ecdsa_secp256r1_sha256_p1363_test.json",
	casesOf<{ publicKey: { uncompressed: string } }, { msg: string; sig: string }>,
	({ count, cases }) => {
		it.each(implementations)("$name gives the expected result for all 262", ({ crypto }) => {
			expect([count, cases.length]).toEqual([262, 262]);
			const wrong = cases.filter(({ group, test }) => {
				const verified = crypto.verifyP256(bytes(group.publicKey.uncompressed), bytes(test.msg), bytes(test.sig));
				return verified !== (test.result === "valid");
			});
			expect(wrong.map(({ test }) => test.tcId)).toEqual([]);
		});

		it("names only points on the curve", () => {
			for (const { group } of cases) expect(isP256Point(bytes(group.publicKey.uncompressed))).toBe(true);
		});

		it("holds valid signatures of both halves, of which the wire takes one", () => {
			const valid = cases.filter(({ test }) => test.result === "valid");
			const low = valid.filter(({ test }) => hasLowS(bytes(test.sig)));
			expect(valid.length).toBe(173);
			expect(low.length).toBeGreaterThan(50);
			expect(low.length).toBeLessThan(173);
		});
	},
);

describeVectors(
	"Wycheproof HMAC-SHA256",
	"wycheproof/hmac_sha256_test.json",
	casesOf<{ tagSize: number }, { key: string; msg: string; tag: string }>,
	({ count, cases }) => {
		it.each(implementations)("$name gives the expected result for all 174", ({ crypto }) => {
			expect([count, cases.length]).toEqual([174, 174]);
			const wrong = cases.filter(({ group, test }) => {
				const tag = crypto.hmacSha256(bytes(test.key), bytes(test.msg)).subarray(0, group.tagSize / 8);
				return (toHex(tag) === test.tag) !== (test.result === "valid");
			});
			expect(wrong.map(({ test }) => test.tcId)).toEqual([]);
		});
	},
);

describeVectors(
	"Wycheproof HKDF-SHA256",
	"wycheproof/hkdf_sha256_test.json",
	casesOf<object, { ikm: string; salt: string; info: string; size: number; okm: string }>,
	({ count, cases }) => {
		it.each(implementations)(
			"$name gives the expected result for all 86, and throws for lengths beyond 255 blocks",
			({ crypto }) => {
				expect([count, cases.length]).toEqual([86, 86]);
				for (const { test } of cases) {
					const derive = () => crypto.hkdfSha256(bytes(test.ikm), bytes(test.salt), bytes(test.info), test.size);
					if (test.result === "valid") expect([test.tcId, toHex(derive())]).toEqual([test.tcId, test.okm]);
					else expect(derive).toThrow();
				}
			},
		);
	},
);

describe("the portable implementation and OpenSSL", () => {
	it("agree on digests, MACs and derived keys", () => {
		const some = fc.uint8Array({ maxLength: 200 });
		fc.assert(
			fc.property(some, some, some, fc.integer({ min: 1, max: 100 }), (a, b, c, length) => {
				expect(toHex(nobleCrypto.sha256(a))).toBe(toHex(nodeCrypto.sha256(a)));
				expect(toHex(nobleCrypto.hmacSha256(a, b))).toBe(toHex(nodeCrypto.hmacSha256(a, b)));
				expect(toHex(nobleCrypto.hkdfSha256(a, b, c, length))).toBe(toHex(nodeCrypto.hkdfSha256(a, b, c, length)));
			}),
		);
	});

	it("agree on signatures, whole and with one byte changed", async () => {
		const signer = newSigner();
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.nat(63), fc.nat(255), async (message, index, change) => {
				const signature = await signer.sign(message);
				signature[index] = (signature[index] ?? 0) ^ change;
				const verified = nodeCrypto.verifyP256(signer.publicKey, message, signature);
				expect(verified).toBe(change === 0);
				expect(nobleCrypto.verifyP256(signer.publicKey, message, signature)).toBe(verified);
			}),
			{ numRuns: 60 },
		);
	});
});

describe.each(implementations)("verifyP256 of $name", ({ crypto }) => {
	it("takes only an uncompressed point on the curve, and never throws", async () => {
		const signer = newSigner();
		const message = Uint8Array.of(1);
		const signature = await signer.sign(message);
		expect(crypto.verifyP256(signer.publicKey, message, signature)).toBe(true);
		const changed = (change: (point: Uint8Array) => void) => {
			const point = Uint8Array.from(signer.publicKey);
			change(point);
			return point;
		};
		const y = signer.publicKey[64] ?? 0;
		const points = {
			empty: new Uint8Array(),
			infinity: Uint8Array.of(0),
			compressed: Uint8Array.of(2 + (y & 1), ...signer.publicKey.subarray(1, 33)),
			hybrid: changed((point) => point.set([6 + (y & 1)])),
			offTheCurve: changed((point) => point.set([y ^ 1], 64)),
			zero: Uint8Array.of(4, ...new Uint8Array(64)),
			notReduced: Uint8Array.of(4, ...new Uint8Array(64).fill(255)),
			tooLong: Uint8Array.of(...signer.publicKey, 0),
		};
		for (const [name, point] of Object.entries(points)) {
			expect([name, crypto.verifyP256(point, message, signature)]).toEqual([name, false]);
			expect([name, isP256Point(point)]).toEqual([name, false]);
		}
		for (const length of [0, 63, 65, 72])
			expect(crypto.verifyP256(signer.publicKey, message, new Uint8Array(length))).toBe(false);
	});
});

describe("key ids", () => {
	it("are the first 16 bytes of the point's SHA-256", () => {
		const { keyid, publicKey } = newSigner();
		expect(keyid).toMatch(/^[0-9a-f]{32}$/);
		for (const { crypto } of implementations) expect(keyidOf(crypto, publicKey)).toBe(keyid);
	});
});

describe("hex", () => {
	it("comes back from its text", () => {
		fc.assert(
			fc.property(fc.uint8Array(), (some) => {
				expect(fromHex(toHex(some))).toEqual(some);
			}),
		);
	});

	it.each(["a", "0x00", "0g", " 00", "00\n", "é0"])("does not read %j", (text) => {
		expect(fromHex(text)).toBeUndefined();
	});
});
