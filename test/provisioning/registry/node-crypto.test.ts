import { existsSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { makeKey } from "../../../provisioning/registry/keys/key-file.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";

const VECTORS = new URL("../../../../shared/vectors/wycheproof/ecdsa_secp256r1_sha256_p1363_test.json", import.meta.url);
const node = createNodeCrypto();
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

describe("node:crypto gives the same answers as the portable crypto", () => {
	test("for digests, MACs and derived keys", () => {
		fc.assert(
			fc.property(bytes(200), bytes(200), bytes(40), fc.integer({ min: 1, max: 100 }), (key, message, salt, length) => {
				expect(node.sha256(message)).toEqual(nobleCrypto.sha256(message));
				expect(node.hmacSha256(key, message)).toEqual(nobleCrypto.hmacSha256(key, message));
				expect(node.hkdfSha256(key, salt, message, length)).toEqual(nobleCrypto.hkdfSha256(key, salt, message, length));
			}),
		);
	});

	test("for good and for damaged signatures, points and messages", async () => {
		const { signer } = makeKey(node);
		await fc.assert(
			fc.asyncProperty(
				bytes(100),
				fc.constantFrom("none", "point", "signature", "message"),
				fc.nat(63),
				fc.integer({ min: 1, max: 255 }),
				async (message, what, at, flip) => {
					const signature = await signer.sign(message);
					const damaged = (name: string, value: Uint8Array) =>
						what === name ? value.map((byte, index) => (index === at ? byte ^ flip : byte)) : value;
					const args = [
						damaged("point", signer.publicKey),
						damaged("message", message),
						damaged("signature", signature),
					] as const;
					const expected = what === "none" || (what === "message" && at >= message.length);
					expect(node.verifyP256(...args)).toBe(nobleCrypto.verifyP256(...args));
					expect(node.verifyP256(...args)).toBe(expected);
				},
			),
			{ numRuns: 60 },
		);
	});

	test("for what is no point and no signature at all: false, and no exception", async () => {
		const { signer } = makeKey(node);
		const message = new Uint8Array(3);
		const signature = await signer.sign(message);
		const compressed = signer.publicKey.slice(0, 33);
		compressed[0] = 2 + ((signer.publicKey[64] ?? 0) & 1);
		const hybrid = signer.publicKey.slice();
		hybrid[0] = 6 + ((signer.publicKey[64] ?? 0) & 1);
		for (const crypto of [node, nobleCrypto]) {
			for (const point of [new Uint8Array(), new Uint8Array(65), new Uint8Array(65).fill(4), compressed, hybrid]) {
				expect(crypto.verifyP256(point, message, signature)).toBe(false);
			}
			for (const wrong of [new Uint8Array(), new Uint8Array(64), new Uint8Array(64).fill(0xff), signature.subarray(1)]) {
				expect(crypto.verifyP256(signer.publicKey, message, wrong)).toBe(false);
			}
		}
	});

	test("when more keys pass by than it keeps imported", async () => {
		const keys = Array.from({ length: 700 }, () => makeKey(node).signer);
		const message = new Uint8Array([1]);
		for (const signer of [...keys, ...keys.slice(0, 100)]) {
			if (!node.verifyP256(signer.publicKey, message, await signer.sign(message))) expect.fail("a good signature was refused");
		}
	});
});

test.skipIf(!existsSync(VECTORS))(
	existsSync(VECTORS)
		? "node:crypto decides every Wycheproof case for P-256 P1363 as published"
		: "SKIPPED: the Wycheproof vectors are not beside this checkout (../shared/vectors/wycheproof)",
	() => {
		const file = JSON.parse(readFileSync(VECTORS, "utf8"));
		let cases = 0;
		for (const group of file.testGroups) {
			const point = Uint8Array.from(Buffer.from(group.publicKey.uncompressed, "hex"));
			for (const { msg, sig, result, tcId } of group.tests) {
				const verdict = node.verifyP256(point, Buffer.from(msg, "hex"), Uint8Array.from(Buffer.from(sig, "hex")));
				expect(verdict, `tcId ${tcId}`).toBe(result === "valid");
				cases += 1;
			}
		}
		expect(cases).toBeGreaterThan(200);
	},
);
