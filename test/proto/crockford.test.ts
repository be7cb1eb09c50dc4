import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fromCrockford, inGroups, toCrockford } from "../../proto/crockford.ts";

const secrets = fc.uint8Array({ minLength: 1, maxLength: 20 });

describe("Crockford's base 32", () => {
	it("writes known bytes as known symbols, the check symbol last", () => {
		expect(toCrockford(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff))).toBe(
			`ZZZZZZZZ${"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"[(2 ** 40 - 1) % 37]}`,
		);
		expect(toCrockford(new Uint8Array(10))).toBe(`${"0".repeat(16)}0`);
	});

	it("reads back what it wrote, however it is typed", () => {
		fc.assert(
			fc.property(secrets, fc.boolean(), (bytes, isLower) => {
				const printed = inGroups(toCrockford(bytes));
				const typed = printed.replaceAll("0", "o").replaceAll("1", "l").replaceAll("-", " – ");
				expect(fromCrockford(isLower ? typed.toLowerCase() : typed, bytes.length)).toEqual(bytes);
			}),
		);
	});

	it("shows every single wrong symbol and every swap of neighbours", () => {
		const symbols = [..."0123456789ABCDEFGHJKMNPQRSTVWXYZ"];
		fc.assert(
			fc.property(
				fc.uint8Array({ minLength: 10, maxLength: 10 }),
				fc.nat(15),
				fc.constantFrom(...symbols),
				(bytes, index, other) => {
					const written = toCrockford(bytes);
					if (other !== written[index])
						expect(fromCrockford(written.slice(0, index) + other + written.slice(index + 1), 10)).toBeUndefined();
					const [left = "", right = ""] = written.slice(index);
					if (index < 15 && left !== right)
						expect(fromCrockford(written.slice(0, index) + right + left + written.slice(index + 2), 10)).toBeUndefined();
				},
			),
		);
	});

	it("reads no other length, and no letter that the alphabet leaves out", () => {
		const written = toCrockford(new Uint8Array(10).fill(7));
		expect(fromCrockford(written, 11)).toBeUndefined();
		expect(fromCrockford(`${written}0`, 10)).toBeUndefined();
		expect(fromCrockford(`U${written.slice(1)}`, 10)).toBeUndefined();
		expect(fromCrockford("", 10)).toBeUndefined();
	});

	it("takes no bits behind the last byte: there is one way to write some bytes", () => {
		// 8 bytes are 12 symbols and 4 bits; the 13th symbol's lowest bit must be 0.
		const written = toCrockford(new Uint8Array(8));
		expect(written).toHaveLength(14);
		expect(fromCrockford(`${written.slice(0, 12)}11`, 8)).toBeUndefined();
	});
});
