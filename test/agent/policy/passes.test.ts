import { describe, expect, test } from "vitest";

import { emptyLedger, type Ledger } from "../../../agent/policy/ledger.ts";
import { passesLeft, passSeconds, takePass } from "../../../agent/policy/passes.ts";
import type { Situation } from "../../../agent/policy/situation.ts";
import { readAgreement } from "../../../agent/policy/terms.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, termsOf } from "../test-lender.ts";

const YEAR = 365 * DAY;

/** A bound phone at a time, with passes taken at times, under terms that name so many passes of such a length. */
function situation(passes: { perYear: number; durationSeconds: number }, takenAt: readonly number[], now = EPOCH): Situation {
	const read = readAgreement(encode(wire.Terms, termsOf({ passes })));
	if ("problem" in read) throw new Error(read.problem);
	const empty = emptyLedger();
	const ledger: Ledger = {
		...empty,
		time: { ...empty.time, signedUnixSeconds: now },
		lock: { ...empty.lock, passesTakenAtUnixSeconds: [...takenAt] },
	};
	return { ...read, ledger, contract: decode(wire.ContractRecord, new Uint8Array()) };
}

describe("emergency passes (F13)", () => {
	const { minPerYear, minDurationSeconds, maxDurationSeconds } = situation({ perYear: 9, durationSeconds: DAY }, []).profile
		.passes;

	test("are the terms' where those give more than the place asks for, and the place's where they give fewer", () => {
		expect(passesLeft(situation({ perYear: minPerYear + 3, durationSeconds: DAY }, []))).toBe(minPerYear + 3);
		expect(passesLeft(situation({ perYear: 0, durationSeconds: DAY }, []))).toBe(minPerYear);
	});

	test("last as the terms say, within the place's bounds", () => {
		const lasting = (durationSeconds: number) => passSeconds(situation({ perYear: 2, durationSeconds }, []));
		expect(lasting(1)).toBe(minDurationSeconds);
		expect(lasting(minDurationSeconds + HOUR)).toBe(minDurationSeconds + HOUR);
		expect(lasting(maxDurationSeconds + HOUR)).toBe(maxDurationSeconds);
	});

	test("come back 365 days after they were taken, to the second, and not before", () => {
		const passes = { perYear: minPerYear, durationSeconds: DAY };
		const taken = Array.from({ length: minPerYear }, () => EPOCH);
		expect(passesLeft(situation(passes, taken, EPOCH + YEAR - 1))).toBe(0);
		expect(passesLeft(situation(passes, taken, EPOCH + YEAR))).toBe(minPerYear);
		expect(takePass(situation(passes, taken, EPOCH + YEAR)).passesTakenAtUnixSeconds).toEqual([EPOCH + YEAR]);
	});

	test("are never fewer than none, whatever the ledger says was taken", () => {
		const taken = Array.from({ length: 9 }, () => EPOCH);
		expect(passesLeft(situation({ perYear: 2, durationSeconds: DAY }, taken))).toBe(0);
	});

	test("are counted when they are taken, and keep those of the year before them", () => {
		const taken = takePass(situation({ perYear: 4, durationSeconds: DAY }, [EPOCH - DAY, EPOCH - 2 * YEAR]));
		expect(taken.passesTakenAtUnixSeconds).toEqual([EPOCH - DAY, EPOCH]);
		expect(taken.passUntilPoweredOnMs).toBe(DAY * 1000);
	});
});
