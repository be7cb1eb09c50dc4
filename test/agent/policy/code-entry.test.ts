import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
	codeEntryState,
	countBadCode,
	judgeTimeCode,
	MAX_BAD_CODES,
	renewCodes,
	useUp,
} from "../../../agent/policy/code-entry.ts";
import { type CodeRecord, emptyCodes, emptyLedger } from "../../../agent/policy/ledger.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { AUTOMATIC_WINDOW, readTimeCode, type TimeCode, type TypedTimeCode, writeTimeCode } from "../../../proto/time-code.ts";

const SECRET = new Uint8Array(32).fill(5);
const ADDRESS = { deviceId: "00".repeat(16), contractId: "C-1" };
const MINUTE = 60_000;

function typed(code: TimeCode): TypedTimeCode {
	const read = readTimeCode(writeTimeCode(nobleCrypto, SECRET, ADDRESS, code));
	if (!read) throw new Error("a code that does not read back");
	return read;
}
const judge = (codes: CodeRecord, code: TypedTimeCode) => judgeTimeCode(nobleCrypto, SECRET, ADDRESS, codes, code);
const entropies = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** What a phone may be given: an answer to what it shows, an automatic code, a loss of its record. */
const moves = fc.array(
	fc.record({
		what: fc.constantFrom("exact", "automatic", "renew"),
		ahead: fc.integer({ min: -3, max: AUTOMATIC_WINDOW + 2 }),
		entropy: entropies,
	}),
	{ maxLength: 30 },
);

describe("the counter of codes", () => {
	it("takes each counter once, by an answer or by an automatic code, and never goes back", () => {
		fc.assert(
			fc.property(moves, (story) => {
				let codes: CodeRecord = { ...emptyCodes(), counter: 1, nonce: 7 };
				const taken = new Set<number>();
				for (const { what, ahead, entropy } of story) {
					const before = codes;
					if (what === "renew") {
						codes = renewCodes(codes, entropy);
					} else {
						const isAutomatic = what === "automatic";
						const counter = isAutomatic ? Math.max(1, codes.counter + ahead) : codes.counter;
						const code: TimeCode = isAutomatic
							? { kind: "automatic", value: 30, counter, nonce: undefined }
							: { kind: "set", value: 30, counter, nonce: codes.nonce };
						const judged = judge(codes, typed(code));
						const isInWindow = counter >= codes.counter && counter < codes.counter + AUTOMATIC_WINDOW;
						const isFree = isInWindow && !taken.has(counter);
						expect(judged.verdict === "good").toBe(isFree);
						if (judged.verdict !== "good") continue;
						taken.add(counter);
						codes = useUp(codes, judged.counter, isAutomatic, entropy);
						expect(judge(codes, typed(code)).verdict).not.toBe("good");
					}
					expect(codes.counter).toBeGreaterThanOrEqual(before.counter);
					expect(codes.usedAhead & 1).toBe(0);
					expect(codes.usedAhead).toBeLessThan(1 << AUTOMATIC_WINDOW);
				}
			}),
		);
	});

	it("asks another question whenever it moved: an answer to the old one is used, not good", () => {
		fc.assert(
			fc.property(entropies, fc.nat(999), (entropy, nonce) => {
				const codes: CodeRecord = { ...emptyCodes(), counter: 41, nonce };
				const code = typed({ kind: "add", value: 7, counter: 41, nonce });
				expect(judge(codes, code)).toEqual({ verdict: "good", counter: 41 });
				const after = useUp(codes, 41, false, entropy);
				expect([after.counter, judge(after, code).verdict]).toEqual([42, "used"]);
			}),
		);
	});

	it("draws the number's nonce from the event that moved it, so that nobody knows the next question before", () => {
		const codes: CodeRecord = { ...emptyCodes(), counter: 1, nonce: 7 };
		const noncesAfter = (isAutomatic: boolean, counter: number) =>
			new Set(
				Array.from({ length: 32 }, (_, seed) => useUp(codes, counter, isAutomatic, new Uint8Array(32).fill(seed * 8)).nonce),
			);
		expect(noncesAfter(false, 1).size).toBeGreaterThan(20);
		expect(noncesAfter(true, 1).size).toBeGreaterThan(20);
		// An automatic code further ahead leaves the question as it is: it may have been read out already.
		expect(noncesAfter(true, 2)).toEqual(new Set([7]));
	});

	it("takes automatic codes in any order, each once", () => {
		let codes: CodeRecord = { ...emptyCodes(), counter: 10 };
		const sms = (counter: number) => typed({ kind: "automatic", value: 30, counter, nonce: undefined });
		const order = [13, 10, 17, 11, 12, 16, 15, 14];
		for (const counter of order) {
			expect(judge(codes, sms(counter))).toEqual({ verdict: "good", counter });
			codes = useUp(codes, counter, true, new Uint8Array(32));
			expect(judge(codes, sms(counter)).verdict).toBe("used");
		}
		expect([codes.counter, codes.usedAhead]).toEqual([18, 0]);
		expect(judge(codes, sms(26)).verdict).toBe("wrong");
	});

	it("keeps the two ways apart: an automatic code answers no number, and an answer is no automatic code", () => {
		const codes: CodeRecord = { ...emptyCodes(), counter: 1, nonce: 0 };
		const exact = typed({ kind: "add", value: 30, counter: 1, nonce: 0 });
		const automatic = typed({ kind: "automatic", value: 30, counter: 1, nonce: undefined });
		expect(judge(codes, { ...exact, kind: "automatic" }).verdict).toBe("wrong");
		expect(judge(codes, { ...automatic, kind: "add" }).verdict).toBe("wrong");
	});

	it("leaves codes of before a loss of the record worthless, of both kinds, and wrong ones counted", () => {
		fc.assert(
			fc.property(entropies, fc.integer({ min: 1, max: 1_000_000 }), fc.nat(AUTOMATIC_WINDOW - 1), (entropy, counter, ahead) => {
				const before: CodeRecord = { ...emptyCodes(), counter, nonce: 5, badCodes: 4, backingOffUntilPoweredOnMs: 99 };
				const after = renewCodes(before, entropy);
				expect(judge(after, typed({ kind: "set", value: 30, counter, nonce: 5 })).verdict).not.toBe("good");
				const sms = typed({ kind: "automatic", value: 30, counter: counter + ahead, nonce: undefined });
				expect(judge(after, sms).verdict).not.toBe("good");
				expect(after).toMatchObject({ badCodes: 4, backingOffUntilPoweredOnMs: 99 });
			}),
		);
	});
});

describe("waiting after wrong codes", () => {
	it("is nothing for two, then 1, 2, 4 .. 512 minutes, and from 100 on no waiting helps", () => {
		let codes = emptyCodes();
		const waits: number[] = [];
		for (let bad = 1; bad <= 14; bad += 1) {
			codes = countBadCode(codes, 1000);
			waits.push((codes.backingOffUntilPoweredOnMs - 1000) / MINUTE);
		}
		expect(waits).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512, 512]);
		const at = (badCodes: number, poweredOnMs: number) =>
			codeEntryState({ codes: { ...codes, badCodes }, time: { ...emptyLedger().time, poweredOnMs } });
		expect(at(14, 512 * MINUTE + 999)).toBe("backingOff");
		expect(at(14, 512 * MINUTE + 1000)).toBe("open");
		expect(at(MAX_BAD_CODES, Number.MAX_SAFE_INTEGER)).toBe("signedOnly");
	});
});
