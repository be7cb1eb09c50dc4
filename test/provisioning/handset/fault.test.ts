import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fault, faultError, MAX_RAW_LENGTH } from "../../../provisioning/handset/fault.ts";
import { CABLE_FAULTS } from "../../../provisioning/handset/fault-catalogue/cable.ts";
import { OWNER_FAULTS } from "../../../provisioning/handset/fault-catalogue/device-owner.ts";
import { LENDER_FAULTS } from "../../../provisioning/handset/fault-catalogue/lender.ts";
import { PHONE_FAULTS } from "../../../provisioning/handset/fault-catalogue/phone.ts";
import { STATION_FAULTS } from "../../../provisioning/handset/fault-catalogue/station.ts";
import { FAULT_CATALOGUE } from "../../../provisioning/handset/fault-catalogue.ts";
import { FAULT_CODES } from "../../../provisioning/handset/fault-codes.ts";
import { plainLine, plainText } from "../../../provisioning/handset/plain-text.ts";

describe("fault catalogue", () => {
	it("has an entry for every code, and no other", () => {
		expect(Object.keys(FAULT_CATALOGUE).sort()).toEqual([...FAULT_CODES].sort());
	});

	it("has no code in two of its parts", () => {
		const codes = [CABLE_FAULTS, PHONE_FAULTS, OWNER_FAULTS, LENDER_FAULTS, STATION_FAULTS].flatMap((part) => Object.keys(part));
		expect(codes).toEqual([...new Set(codes)]);
	});

	it.each(FAULT_CODES)("says what %s means and what to do, in sentences", (code) => {
		const { meaning, remedy } = FAULT_CATALOGUE[code];
		for (const text of [meaning, remedy]) expect(text).toMatch(/^[A-Z].{10,200}[.?]$/s);
		// No words of the trade, which the person with the phone in hand does not know.
		expect(meaning + remedy).not.toMatch(/exception|stack|shell|stderr|device owner|DPC|exit code/i);
	});

	it("gives the operator a picture wherever the remedy is a switch or a dialog on the phone", () => {
		for (const code of FAULT_CODES) {
			const { remedy, fixer, picture } = FAULT_CATALOGUE[code];
			if (fixer === "operator" && /switch (on|off)|tap |developer options/i.test(remedy) && code !== "NO_DEVICE") {
				expect(picture, code).toMatch(/^[a-z-]+$/);
			}
		}
	});
});

describe("fault", () => {
	it("carries the catalogue's words, the raw text and the details", () => {
		expect(fault("NO_DEVICE")).toEqual({
			code: "NO_DEVICE",
			meaning: FAULT_CATALOGUE.NO_DEVICE.meaning,
			remedy: FAULT_CATALOGUE.NO_DEVICE.remedy,
			fixer: "operator",
			picture: "plug-in",
		});
		const cause = new Error("socket");
		const error = faultError("USB_LOST", { raw: "a\nb", details: { step: "install" } }, { cause });
		expect(error.fault).toMatchObject({ raw: "a\nb", details: { step: "install" } });
		expect(error.cause).toBe(cause);
		expect(error.message).toMatch(/^USB_LOST: /);
	});

	it("keeps at most 4 KiB of raw text, without terminal escapes or control characters", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 9000 }), (raw) => {
				const kept = fault("UNCLASSIFIED", { raw }).raw ?? "";
				expect(kept.length).toBeLessThanOrEqual(MAX_RAW_LENGTH);
				expect(kept).not.toMatch(/[^\P{Cc}\n\t]/u);
				expect(kept).not.toMatch(/\p{Cs}/u);
			}),
		);
		expect(fault("UNCLASSIFIED", { raw: "x".repeat(9000) }).raw).toHaveLength(MAX_RAW_LENGTH);
	});
});

describe("plain text", () => {
	it.each([
		["colours", "\u001b[31mred\u001b[0m", "red"],
		["a title", "\u001b]0;owned\u0007ok", "ok"],
		["a clipboard write that never ends", "ok\u001b]52;c;aGk=", "ok"],
		["the 8-bit control sequence introducer", "\u009b2Jok", "2Jok"],
		["text that reads backwards", "\u202egnp.exe", "gnp.exe"],
		["carriage returns that overwrite a line", "bad\rgood", "bad\ngood"],
		["NUL", "a\u0000b", "ab"],
	])("takes out %s", (_, text, expected) => {
		expect(plainText(text, 100)).toBe(expected);
	});

	it("is bounded and on one line where one line is asked for", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 0, max: 40 }), (text, max) => {
				const once = plainLine(text, max);
				expect(once.length).toBeLessThanOrEqual(max);
				expect(once).not.toContain("\n");
			}),
		);
	});
});
