import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { beginCodes, codeRequest, judgeTimeCode, renewCodes, useUp } from "../../../agent/policy/code-entry.ts";
import { type CodeRecord, emptyCodes, emptyLedger } from "../../../agent/policy/ledger.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { AUTOMATIC_WINDOW, timeCodeMac } from "../../../proto/time-code.ts";
import { boundPhone } from "./bound-phone.ts";

const SECRET = new Uint8Array(32).fill(5);
const WITH_KEY = { codeKey: SECRET };
/** Counters have 32 bits, and a loss of the record passes a window over. */
const LAST = 2 ** 32 - 1 - 2 * AUTOMATIC_WINDOW;

/** Entropy of an event: the four bytes that the nonce is drawn from. */
function entropy(...four: readonly number[]): Uint8Array {
	const bytes = new Uint8Array(32).fill(0xee);
	bytes.set(four, 24);
	return bytes;
}
const codes = (changes: Partial<CodeRecord> = {}): CodeRecord => ({ ...emptyCodes(), counter: 1, nonce: 7, ...changes });

describe("the question that a phone asks", () => {
	const asked = (changes: Partial<CodeRecord>, codeKey = SECRET) =>
		codeRequest(boundPhone({ contract: { codeKey }, codes: codes(changes) }).ledger);

	test("is its counter and its nonce", () => {
		expect(asked({ counter: 41, nonce: 999 })).toEqual({ counter: 41, nonce: 999 });
	});

	test("is none without a secret, without a contract, or before it has begun to count", () => {
		expect(asked({}, new Uint8Array())).toBeUndefined();
		expect(asked({ counter: 0 })).toBeUndefined();
		expect(codeRequest({ ...emptyLedger(), codes: codes() })).toBeUndefined();
	});

	test("ends with the counters: while a loss of the record still fits in 32 bits", () => {
		expect(asked({ counter: LAST })?.counter).toBe(LAST);
		expect(asked({ counter: LAST + 1 })).toBeUndefined();
	});
});

describe("counting begins", () => {
	const begun = (counter: number, codeKey = SECRET) =>
		beginCodes(boundPhone({ contract: { codeKey }, codes: { ...emptyCodes(), counter } }).ledger, entropy(0, 0, 0, 7));

	test("at one, with a nonce of that event, when a phone is bound with a secret", () => {
		expect(begun(0).codes).toEqual({ ...emptyCodes(), counter: 1, nonce: 7 });
	});

	test("once: a phone that counts goes on, also when it is bound anew", () => {
		expect(begun(1).codes).toEqual({ ...emptyCodes(), counter: 1 });
		expect(begun(99).codes.counter).toBe(99);
	});

	test("not without a secret, nor without a contract", () => {
		expect(begun(0, new Uint8Array()).codes).toEqual(emptyCodes());
		expect(beginCodes(emptyLedger(), entropy(0, 0, 0, 7))).toEqual(emptyLedger());
	});

	test("and changes nothing else of the ledger", () => {
		const { ledger } = boundPhone({ contract: WITH_KEY });
		expect(beginCodes(ledger, entropy(0, 0, 0, 7))).toEqual({ ...ledger, codes: { ...emptyCodes(), counter: 1, nonce: 7 } });
	});

	test("is not brought about by a loss of the record", () => {
		expect(renewCodes(emptyCodes(), entropy(1, 2, 3, 4))).toEqual(emptyCodes());
	});
});

describe("a nonce", () => {
	const nonceOf = (...four: readonly number[]) => useUp(codes(), 1, false, entropy(...four)).nonce;

	test.each([
		[[0, 0, 0, 255], 255],
		[[0, 0, 3, 231], 999],
		[[0, 0, 3, 232], 0],
		[[0, 1, 0, 0], 536],
		[[1, 0, 0, 0], 216],
		[[255, 255, 255, 255], 295],
	])("is the last three digits of the four bytes %j: %i", (four, nonce) => {
		expect(nonceOf(...four)).toBe(nonce);
	});

	test("has three digits, whatever the event's entropy", () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
				const { nonce } = useUp(codes(), 1, false, bytes);
				expect(Number.isInteger(nonce) && nonce >= 0 && nonce <= 999).toBe(true);
			}),
		);
	});
});

describe("before any code was taken", () => {
	test("no code was used already: what is not right is wrong, and counts as a guess", () => {
		const address = { deviceId: "00".repeat(16), contractId: "C-1" };
		const question = { kind: "set", value: 30, counter: 0, nonce: 0 } as const;
		const typed = { kind: "set", value: 30, mac: timeCodeMac(nobleCrypto, SECRET, address, question) } as const;
		expect(judgeTimeCode(nobleCrypto, SECRET, address, codes(), typed).verdict).toBe("wrong");
		expect(judgeTimeCode(nobleCrypto, SECRET, address, codes({ lastCounter: 1, lastNonce: 3 }), typed).verdict).toBe("wrong");
	});
});
