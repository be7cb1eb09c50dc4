import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { scrubber } from "../../../provisioning/handset/scrub.ts";

const SALT = new Uint8Array(32).fill(7);
const TOKEN = /^<[a-z]+:[0-9a-f]{10}>$/;

describe("taking identifiers out of text", () => {
	it.each([
		["an IMEI", "869071030058052"],
		["a SIM's ICCID", "89014103211118510720"],
		["a MEID", "a0000000002329"],
		["an android_id", "9774d56d682e549c"],
		["a mail address", "anna.b+x@example.org"],
		["a MAC", "0c:1d:AF:2b:3c:4d"],
		["a telephone number", "+525512345678"],
		["an address of a network", "192.168.1.17"],
	])("knows %s by its shape", (_, value) => {
		const { clean } = scrubber(nobleCrypto, SALT);
		expect(clean(value)).toMatch(TOKEN);
		expect(clean(`(${value}), "${value}"`)).not.toContain(value);
	});

	it.each([
		"[ro.build.fingerprint]: [Redmi/beryl_in_global/beryl:15/AP3A.240905.015.A2/OS2.0.203.0.VOQINXM:user/release-keys]",
		"2026-11-21T19:45:15.123Z",
		"type 0 origWhen 1795378240908 whenElapsed 86400000",
		"25ef6d498ebdd668972856519b8ba83c3e20fd9d3b5b65ff31af838e60936156",
		"11-21 19:45:15.123  1580  1612 I Holdfast: self-check passed in 812 ms",
		"versionCode=1 minSdk=26 targetSdk=35",
		"36810.02 35053.53",
		"yes: 131071 characters",
	])("leaves alone: %s", (text) => {
		expect(scrubber(nobleCrypto, SALT).clean(text)).toBe(text);
	});

	it("takes out what it was told of, wherever it stands, and the name of a user", () => {
		const { know, clean } = scrubber(nobleCrypto, SALT);
		know({ kind: "serial", value: "VH000001" });
		know({ kind: "contract", value: "C-VH000001-7" });
		const cleaned = clean({ deep: [{ text: "C-VH000001-7 on xVH000001x, UserInfo{0:Anna {B}:c13}" }], number: 7, none: null });
		expect(cleaned.deep[0]?.text).toMatch(/^<contract:\w{10}> on x<serial:\w{10}>x, UserInfo\{0:/);
		expect(cleaned).toMatchObject({ number: 7, none: null });
		expect(clean("UserInfo{10:Anna: B.:413}")).toBe("UserInfo{10:-:413}");
	});

	it("does not take words apart for an identifier that is blank or short", () => {
		const { know, clean } = scrubber(nobleCrypto, SALT);
		for (const value of ["", "  ", "a", "12"]) know({ kind: "serial", value });
		expect(clean("a 12 banana")).toBe("a 12 banana");
	});

	it("gives one value one token with one salt, and another with another", () => {
		const token = (salt: Uint8Array) => scrubber(nobleCrypto, salt).clean("869071030058052");
		expect(token(SALT)).toBe(token(Uint8Array.from(SALT)));
		expect(token(SALT)).not.toBe(token(new Uint8Array(32)));
	});

	it("never lets a known number or an IMEI through, whatever stands around it", () => {
		const imei = fc.bigInt({ min: 10n ** 14n, max: 10n ** 15n - 1n }).map(String);
		const around = fc.string({ maxLength: 12 }).map((text) => text.replace(/[\w.]/g, "-"));
		fc.assert(
			fc.property(imei, around, around, (value, before, after) => {
				expect(scrubber(nobleCrypto, SALT).clean(`${before}${value}${after}`)).not.toContain(value);
			}),
		);
	});
});
