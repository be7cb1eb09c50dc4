import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { luhnDigit } from "../../../proto/imei.ts";
import { readImeis, subscriberInfoCode } from "../../../provisioning/handset/imei.ts";
import { readParcelString } from "../../../provisioning/handset/parcel.ts";

/** As `service call` prints a string: 16 bytes to a row, a text column that shows only half of it. */
function printed(units: readonly number[], exception = 0, length = units.length): string {
	const words = [exception >>> 0, length >>> 0];
	const padded = [...units, 0, ...(units.length % 2 === 0 ? [0] : [])];
	for (let at = 0; at < padded.length; at += 2) words.push(((padded[at] ?? 0) | ((padded[at + 1] ?? 0) << 16)) >>> 0);
	const hex = words.map((word) => word.toString(16).padStart(8, "0"));
	if (hex.length <= 4) return `Result: Parcel(${hex.join(" ")}   '....')`;
	const rows = Array.from({ length: Math.ceil(hex.length / 4) }, (_, row) => {
		const offset = (row * 16).toString(16).padStart(8, "0");
		return `  0x${offset}: ${hex
			.slice(row * 4, row * 4 + 4)
			.join(" ")
			.padEnd(35)} '0.1.2.3.00000000'`;
	});
	return `Result: Parcel(\n${rows.join("\n")})`;
}

const unitsOf = (text: string) => Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
const say = (text: string) => printed(unitsOf(text));
const NULL = "Result: Parcel(00000000 ffffffff   '........')";
const REFUSED = printed(
	unitsOf("getDeviceIdForPhone: The uid 2000 does not meet the requirements to access device identifiers."),
	-1,
);

describe("a string in a parcel", () => {
	it("is read from the dump that the field knows", () => {
		const dump = [
			"Result: Parcel(",
			"  0x00000000: 00000000 0000000f 00350033 00340035 '........3.5.5.4.'",
			"  0x00000010: 00300039 00360030 00390039 00370032 '9.0.0.6.9.9.2.7.'",
			"  0x00000020: 00390033 00000034                   '3.9.4...        ')",
			"",
		].join("\r\n");
		expect(readParcelString(dump)).toEqual({ value: "355490069927394" });
	});

	it("may be null, or empty", () => {
		expect(readParcelString(NULL)).toEqual({ value: null });
		expect(readParcelString("Result: Parcel(00000000 00000000 00000000 '............')")).toEqual({ value: "" });
	});

	it("is not read where the service threw: the message is", () => {
		expect(readParcelString(REFUSED)).toEqual({ refused: expect.stringContaining("does not meet the requirements") });
		expect(readParcelString("Result: Parcel(fffffffc '....')")).toEqual({ refused: "exception -4" });
	});

	it.each([
		["no answer", ""],
		["a service that is not there", "service: Service iphonesubinfo does not exist"],
		["an unknown transaction", 'Result: Parcel(Error: 0xffffffffffffffb6 "Not a data message")'],
		["a parcel without content", "Result: Parcel(NULL)"],
		["a string that is cut off", "Result: Parcel(00000000 0000000f 00350033 '............')"],
		["a length that no phone would send", "Result: Parcel(00000000 7fffffff 00350033 '............')"],
		[
			"rows that are missing",
			"Result: Parcel(\n  0x00000000: 00000000 0000000f 00350033 00340035 ''\n  0x00000020: 00390033 00000034 '')",
		],
	])("is malformed: %s", (_, text) => {
		expect(readParcelString(text)).toHaveProperty("malformed");
	});

	it("comes back as it was sent, whatever is in it", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
				expect(readParcelString(say(text))).toEqual({ value: text });
			}),
		);
	});

	it("never throws on garbage", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."0123456789abcdefx:( )'\n") }), (a, b) => {
				for (const text of [a, `Result: Parcel(${a}`, `Result: Parcel(${b}`, `Result: Parcel(\n${b})`]) {
					const read = readParcelString(text);
					expect("value" in read || "refused" in read || "malformed" in read).toBe(true);
				}
			}),
		);
	});
});

const ONE = "869071030058052";
const TWO = "869071030058060";
const props = (entries: Record<string, string>) => new Map(Object.entries(entries));
const MIUI = props({ "ro.ril.miui.imei0": ONE, "ro.ril.miui.imei1": TWO });

describe("IMEIs", () => {
	it("are asked with the transaction of the Android version", () => {
		expect([28, 29, 30, 34, 36].map(subscriberInfoCode)).toEqual([3, 3, 4, 4, 4]);
	});

	it("are read from the telephony service, in slot order", () => {
		expect(readImeis({ props: props({}), subscriberInfo: [say(ONE), say(TWO)] })).toEqual({
			imei1: ONE,
			imei2: TWO,
			sources: ["iphonesubinfo"],
		});
	});

	it.each([
		["ro.ril.miui.imei", MIUI],
		["ro.ril.oem.imei", props({ "ro.ril.oem.imei1": ONE, "ro.ril.oem.imei2": TWO, "ro.ril.oem.imei": ONE })],
		["persist.radio.imei", props({ "persist.radio.imei1": ONE, "persist.radio.imei2": TWO })],
	])("are read from %s where the service refuses", (name, given) => {
		expect(readImeis({ props: given, subscriberInfo: [REFUSED, REFUSED] })).toEqual({ imei1: ONE, imei2: TWO, sources: [name] });
	});

	it("are one on a phone with one SIM, also where the unnumbered property has it or both slots answer the same", () => {
		expect(readImeis({ props: props({ "ro.ril.oem.imei": ONE }), subscriberInfo: [NULL, NULL] })).toEqual({
			imei1: ONE,
			sources: ["ro.ril.oem.imei"],
		});
		expect(readImeis({ props: props({}), subscriberInfo: [say(ONE), say(ONE)] })).toEqual({
			imei1: ONE,
			sources: ["iphonesubinfo"],
		});
	});

	it("are read from the trade-in status of a phone in its first set-up", () => {
		const tradeIn = JSON.stringify({ battery: { health: 100 }, imeis: [ONE, TWO], serial: "X" });
		expect(readImeis({ props: props({}), subscriberInfo: ["", ""], tradeIn })).toEqual({
			imei1: ONE,
			imei2: TWO,
			sources: ["tradeinmode"],
		});
	});

	it("agree between sources that know one and two of them", () => {
		const reading = readImeis({ props: MIUI, subscriberInfo: [say(ONE), REFUSED] });
		expect(reading).toEqual({ imei1: ONE, imei2: TWO, sources: ["iphonesubinfo", "ro.ril.miui.imei"] });
	});

	it("are invalid where the sources contradict each other, and only tails are told", () => {
		const other = `86907103005807${luhnDigit("86907103005807")}`;
		const { fault, imei1 } = readImeis({ props: MIUI, subscriberInfo: [say(other), say(TWO)] });
		expect(fault).toMatchObject({ code: "IMEI_INVALID", details: { problem: "the sources differ" } });
		expect(imei1).toBeUndefined();
		expect(JSON.stringify(fault)).not.toContain(ONE);
	});

	it.each([
		["wrong check digit", `${ONE.slice(0, 14)}3`],
		["a placeholder number", "004999010640000"],
		["a placeholder number", "000000000000000"],
		["not 15 digits", "8690710300580521"],
		["not 15 digits", "............"],
	])("are invalid: %s", (problem, number) => {
		expect(readImeis({ props: props({}), subscriberInfo: [say(number), NULL] }).fault).toMatchObject({
			code: "IMEI_INVALID",
			details: { problem },
		});
	});

	it("are unreadable, with every refusal, where no source tells one; a MEID is none", () => {
		const { fault } = readImeis({
			props: props({ "ro.ril.miui.meid": "99001234567890" }),
			subscriberInfo: [REFUSED, say("A1000012345678")],
		});
		expect(fault?.code).toBe("IMEI_UNREADABLE");
		expect(fault?.raw).toContain("does not meet the requirements");
	});

	it("never come from garbage", () => {
		const text = fc.string({ unit: "binary" });
		fc.assert(
			fc.property(text, text, text, text, (a, b, c, d) => {
				const { imei1, fault } = readImeis({
					props: props({ "ro.ril.miui.imei0": a, "ro.ril.oem.imei": b }),
					subscriberInfo: [c],
					tradeIn: `{${d}`,
				});
				expect(imei1 === undefined).toBe(fault !== undefined);
			}),
		);
	});
});
