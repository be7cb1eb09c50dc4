import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { drawReleaseSecret, readReleaseCode, releaseDigest, writeReleaseCode } from "../../proto/release-code.ts";

const secrets = fc.uint8Array({ minLength: 10, maxLength: 10 });
const address = { deviceId: "00".repeat(16), contractId: "C-1" };

describe("a release code", () => {
	it("is the secret in 16 symbols and a check symbol, and reads back", () => {
		fc.assert(
			fc.property(secrets, (secret) => {
				expect(writeReleaseCode(secret)).toMatch(/^([0-9A-Z]{4}-){4}.$/);
				expect(readReleaseCode(writeReleaseCode(secret).toLowerCase())).toEqual(secret);
			}),
		);
	});

	it("is drawn so that its check symbol can be said on the telephone", () => {
		for (let draw = 0; draw < 200; draw += 1)
			expect(writeReleaseCode(drawReleaseSecret((length) => randomBytes(length)))).toMatch(/^[0-9A-Z-]+$/);
	});

	it("frees one phone from one contract: the digest is another one for every other", () => {
		const secret = new Uint8Array(10).fill(3);
		const digests = [
			releaseDigest(nobleCrypto, address, secret),
			releaseDigest(nobleCrypto, { ...address, contractId: "C-2" }, secret),
			releaseDigest(nobleCrypto, { deviceId: `${address.deviceId}C`, contractId: "-1" }, secret),
			releaseDigest(nobleCrypto, address, new Uint8Array(10).fill(4)),
		].map((digest) => Buffer.from(digest).toString("hex"));
		expect(new Set(digests).size).toBe(4);
	});
});
