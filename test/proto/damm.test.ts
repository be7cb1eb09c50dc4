import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { dammDigit, endsInDammDigit } from "../../proto/damm.ts";

const rows = fc.stringMatching(/^[0-9]{1,16}$/).map((digits) => digits + dammDigit(digits));

describe("the check digit", () => {
	it("is the one of the published example", () => {
		expect(dammDigit("572")).toBe("4");
		expect(endsInDammDigit("5724")).toBe(true);
	});

	it("shows every single wrong digit", () => {
		fc.assert(
			fc.property(rows, fc.nat(), fc.integer({ min: 1, max: 9 }), (digits, at, change) => {
				const wrong = [...digits];
				const index = at % digits.length;
				wrong[index] = String((Number(wrong[index]) + change) % 10);
				expect(endsInDammDigit(wrong.join(""))).toBe(false);
			}),
			{ numRuns: 5000 },
		);
	});

	it("shows every swap of neighbours that differ, 0 and 9 too", () => {
		fc.assert(
			fc.property(rows, fc.nat(), (digits, at) => {
				const index = at % (digits.length - 1);
				const [left = "", right = ""] = digits.slice(index);
				fc.pre(left !== right);
				expect(endsInDammDigit(digits.slice(0, index) + right + left + digits.slice(index + 2))).toBe(false);
			}),
			{ numRuns: 5000 },
		);
	});

	it("is nothing that a row without digits can end in", () => {
		for (const text of ["", "0", "12x4", "５７２４", "5724 "]) expect(endsInDammDigit(text)).toBe(false);
	});
});
