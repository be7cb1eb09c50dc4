import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { readRequestNumber, requestNumber, wholeCounter } from "../../proto/request-number.ts";
import {
	AUTOMATIC_WINDOW,
	isTimeCodeValue,
	readTimeCode,
	showTimeCode,
	TIME_CODE_TYPES,
	type TimeCode,
	type TimeCodeKind,
	timeCodeSecret,
	writeTimeCode,
} from "../../proto/time-code.ts";

const SECRET = timeCodeSecret(nobleCrypto, new Uint8Array(32).fill(1), new Uint8Array(65).fill(4));
const ADDRESS = { deviceId: "00".repeat(16), contractId: "C-1" };
const write = (code: TimeCode) => writeTimeCode(nobleCrypto, SECRET, ADDRESS, code);
const kinds = Object.keys(TIME_CODE_TYPES) as TimeCodeKind[]; // our own constant's keys
const codes: fc.Arbitrary<TimeCode> = fc
	.record({
		kind: fc.constantFrom(...kinds),
		value: fc.nat(999),
		counter: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
		nonce: fc.nat(999),
	})
	.filter(({ kind, value }) => isTimeCodeValue(kind, value))
	.map((code) => (code.kind === "automatic" ? { ...code, nonce: undefined } : code));

describe("a time code", () => {
	it("reads back as what it says, with or without its dashes", () => {
		fc.assert(
			fc.property(codes, (code) => {
				const digits = write(code);
				expect(digits).toMatch(/^\d{13}$/);
				expect(showTimeCode(digits)).toMatch(/^\d{4}-\d{4}-\d{4}-\d$/);
				expect(readTimeCode(showTimeCode(digits))).toMatchObject({ kind: code.kind, value: code.value });
				expect(readTimeCode(`  ${digits} `)).toEqual(readTimeCode(digits));
			}),
		);
	});

	it("is another one for every field that differs", () => {
		const base: TimeCode = { kind: "set", value: 30, counter: 7, nonce: 123 };
		const others = [
			write({ ...base, counter: 8 }),
			write({ ...base, counter: 7 + 2 ** 24 }),
			write({ ...base, nonce: 124 }),
			writeTimeCode(nobleCrypto, SECRET, { ...ADDRESS, contractId: "C-2" }, base),
			writeTimeCode(nobleCrypto, SECRET, { ...ADDRESS, deviceId: "01".repeat(16) }, base),
			// The border between two fields is part of what is signed.
			writeTimeCode(nobleCrypto, SECRET, { deviceId: `${ADDRESS.deviceId}C`, contractId: "-1" }, base),
			writeTimeCode(
				nobleCrypto,
				timeCodeSecret(nobleCrypto, new Uint8Array(32).fill(2), new Uint8Array(65).fill(4)),
				ADDRESS,
				base,
			),
			writeTimeCode(
				nobleCrypto,
				timeCodeSecret(nobleCrypto, new Uint8Array(32).fill(1), new Uint8Array(65).fill(5)),
				ADDRESS,
				base,
			),
		].map((digits) => digits.slice(4, 12));
		const macs = [
			write(base).slice(4, 12),
			...others,
			write({ ...base, kind: "add" }).slice(4, 12),
			write({ ...base, value: 31 }).slice(4, 12),
		];
		expect(new Set(macs).size).toBe(macs.length);
	});

	it("is not made for a value that its kind does not carry", () => {
		for (const [kind, value] of [
			["set", 0],
			["set", 1000],
			["contact", 1],
			["service", 25],
			["add", 1.5],
		] as const)
			expect(() => write({ kind, value, counter: 1, nonce: 1 })).toThrow(RangeError);
		expect(() => write({ kind: "set", value: 1, counter: 1, nonce: undefined })).toThrow(RangeError);
		expect(() => write({ kind: "automatic", value: 1, counter: 1, nonce: 5 })).toThrow(RangeError);
	});

	it("with one digit mistyped, or two neighbours swapped, is a typing error and no guess", () => {
		fc.assert(
			fc.property(codes, fc.nat(12), fc.integer({ min: 1, max: 9 }), (code, index, change) => {
				const digits = write(code);
				const typed = [...digits];
				typed[index] = String((Number(typed[index]) + change) % 10);
				expect(readTimeCode(typed.join(""))).toBeUndefined();
				const [left = "", right = ""] = digits.slice(index);
				if (index < 12 && left !== right)
					expect(readTimeCode(digits.slice(0, index) + right + left + digits.slice(index + 2))).toBeUndefined();
			}),
			{ numRuns: 500 },
		);
	});

	it("is anything that people type, without a throw", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
				expect(() => readTimeCode(text)).not.toThrow();
			}),
		);
	});
});

describe("the chance of a guess", () => {
	/** Tries within some minutes of powered-on time: two are free, then 1, 2, 4 .. 512 minutes are waited for each. */
	function triesWithin(minutes: number): number {
		let [tries, waited] = [0, 0];
		for (; waited <= minutes; tries += 1) waited += tries < 2 ? 0 : 2 ** Math.min(tries - 2, 9);
		return tries;
	}

	it("is what the docstring says: once in 10^8 for an answer, 8 times for an automatic one", () => {
		const perGuess = 1 / 10 ** 8;
		expect(AUTOMATIC_WINDOW * perGuess).toBeCloseTo(1 / 12_500_000, 15);
		// 100 tries, the best kind to guess.
		expect(1 - (1 - AUTOMATIC_WINDOW * perGuess) ** 100).toBeCloseTo(8e-6, 8);
		// Without the limit of 100, a year of nothing else.
		const tries = triesWithin(365 * 24 * 60);
		expect(tries).toBe(1037);
		expect(1 - (1 - AUTOMATIC_WINDOW * perGuess) ** tries).toBeCloseTo(8.3e-5, 6);
	});

	it("is spread evenly: the last digits of many codes' MACs are as frequent as each other", () => {
		const counts = new Array<number>(10).fill(0);
		const rounds = 5000;
		for (let counter = 1; counter <= rounds; counter += 1) {
			const digit = Number(write({ kind: "set", value: 30, counter, nonce: 0 })[4]);
			counts[digit] = (counts[digit] ?? 0) + 1;
		}
		const chiSquare = counts.reduce((sum, count) => sum + (count - rounds / 10) ** 2 / (rounds / 10), 0);
		expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001; the codes are always the same
	});
});

describe("a request number", () => {
	it("reads back, and a counter below is never found in it", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.nat(999), fc.nat(9999), (counter, nonce, behind) => {
				const read = readRequestNumber(requestNumber({ counter, nonce }));
				expect(read).toEqual({ counterDigits: counter % 10_000, nonce });
				const known = Math.max(1, counter - behind);
				expect(wholeCounter(read?.counterDigits ?? 0, known)).toBe(counter);
			}),
		);
	});

	it("with one digit misheard is none", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 9999 }),
				fc.nat(999),
				fc.nat(7),
				fc.integer({ min: 1, max: 9 }),
				(counter, nonce, index, change) => {
					const heard = [...requestNumber({ counter, nonce })];
					heard[index] = String((Number(heard[index]) + change) % 10);
					expect(readRequestNumber(heard.join(""))).toBeUndefined();
				},
			),
		);
	});
});
