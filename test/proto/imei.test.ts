import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { imeiTail, luhnDigit, parseImei } from "../../proto/imei.ts";

const PLACEHOLDERS = [
	"004999010640000",
	"358240051111110",
	"867400022047199",
	...Array.from({ length: 10 }, (_, digit) => String(digit).repeat(15)),
];

const first14 = fc.stringMatching(/^[0-9]{14}$/);
const valid = first14.map((digits) => digits + luhnDigit(digits)).filter((digits) => !PLACEHOLDERS.includes(digits));

describe("an IMEI", () => {
	it("is 3GPP's own example", () => {
		expect(parseImei("490154203237518")).toEqual({ imei: "490154203237518" });
	});

	it("is any 14 digits and their check digit, and with no other check digit", () => {
		fc.assert(
			fc.property(valid, fc.integer({ min: 1, max: 9 }), (digits, change) => {
				expect(parseImei(digits)).toEqual({ imei: digits });
				const wrong = digits.slice(0, 14) + ((Number(digits[14]) + change) % 10);
				if (!PLACEHOLDERS.includes(wrong)) expect(parseImei(wrong)).toEqual({ problem: "wrong check digit" });
			}),
		);
	});

	it("shows every single mistyped digit, and every swap of neighbours but 0 and 9", () => {
		fc.assert(
			fc.property(valid, fc.nat(14), fc.integer({ min: 1, max: 9 }), (digits, index, change) => {
				const typed = [...digits];
				typed[index] = String((Number(typed[index]) + change) % 10);
				expect(parseImei(typed.join(""))).toHaveProperty("problem");
			}),
		);
		fc.assert(
			fc.property(valid, fc.nat(13), (digits, index) => {
				const [a = "", b = ""] = [digits[index], digits[index + 1]];
				fc.pre(a !== b && a + b !== "09" && a + b !== "90");
				expect(parseImei(digits.slice(0, index) + b + a + digits.slice(index + 2))).toHaveProperty("problem");
			}),
		);
	});

	it("may be spaced and hyphened as on a box", () => {
		fc.assert(
			fc.property(valid, fc.array(fc.tuple(fc.nat(15), fc.constantFrom(" ", "-", "\t", "\u00a0", "\n"))), (digits, marks) => {
				const typed = [...digits, ""];
				for (const [index, mark] of marks) typed[index] = mark + (typed[index] ?? "");
				expect(parseImei(typed.join(""))).toEqual({ imei: digits });
			}),
		);
	});

	it.each(PLACEHOLDERS)("is not %s, which names no handset", (digits) => {
		expect(parseImei(digits)).toEqual({ problem: "a placeholder number" });
	});

	it.each([
		"",
		"49015420323751",
		"4901542032375180",
		"49015420323751A",
		"IMEI490154203237518",
		"٤٩٠١٥٤٢٠٣٢٣٧٥١٨",
		"49015420323751８",
		"49015420323751.8",
		"null",
	])("is not %j", (text) => {
		expect(parseImei(text)).toEqual({ problem: "not 15 digits" });
	});

	it("shows only its last four digits in a log", () => {
		expect(imeiTail("490154203237518")).toBe("7518");
	});
});
