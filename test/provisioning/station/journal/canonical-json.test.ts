import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { canonicalJson } from "../../../../provisioning/station/journal/canonical-json.ts";

describe("canonical JSON", () => {
	test("writes RFC 8785's own example as the RFC does (section 3.2.4)", () => {
		const value = JSON.parse(String.raw`{
			"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
			"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
			"literals": [null, true, false]
		}`);
		expect(canonicalJson(value)).toBe(
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
				String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		);
	});

	test("sorts names by UTF-16 units as the RFC does (section 3.2.3)", () => {
		const value = {
			"\u20ac": "Euro Sign",
			"\r": "Carriage Return",
			"\ufb33": "Hebrew Letter Dalet With Dagesh",
			"1": "One",
			"\ud83d\ude00": "Emoji: Grinning Face",
			"\u0080": "Control",
			"\u00f6": "Latin Small Letter O With Diaeresis",
		};
		expect(Object.values(JSON.parse(canonicalJson(value)))).toHaveLength(7);
		expect([...canonicalJson(value).matchAll(/:"([^"]*)"/g)].map(([, name]) => name)).toEqual([
			"Carriage Return",
			"One",
			"Control",
			"Latin Small Letter O With Diaeresis",
			"Euro Sign",
			"Emoji: Grinning Face",
			"Hebrew Letter Dalet With Dagesh",
		]);
	});

	test("means the same as the value, and is the same for every order of members", () => {
		fc.assert(
			fc.property(fc.jsonValue({ stringUnit: "grapheme", depthSize: "small" }), (value) => {
				const text = canonicalJson(value);
				expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
				expect(canonicalJson(JSON.parse(text))).toBe(text);
			}),
		);
	});

	test.each([
		["NaN", Number.NaN],
		["an infinity", Number.POSITIVE_INFINITY],
		["half a surrogate pair", "\ud83d"],
		["half a surrogate pair in a name", { "\ude00": 1 }],
		["a date", new Date(0)],
		["a function", () => 1],
		["undefined in a list", [undefined]],
	])("refuses %s", (_, value) => {
		expect(() => canonicalJson(value)).toThrow(TypeError);
	});

	test("leaves members out that are undefined", () => {
		expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
	});
});
