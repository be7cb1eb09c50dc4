import { describe, expect, test } from "vitest";

import { deadLenderAt, endedByItself, unconfirmedReleaseAt } from "../../../agent/policy/endings.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH } from "../test-lender.ts";
import { boundPhone, type Circumstances } from "./bound-phone.ts";

const { RELEASE_CAUSE_DEAD_LENDER: DEAD, RELEASE_CAUSE_UNCONFIRMED: UNCONFIRMED } = wire.ReleaseCause;
/** The tests' terms: the last instalment is due after 90 days, and the lender may be silent for 180. */
const FINAL_DUE = 90 * DAY;
const SILENCE = 180 * DAY;
const freedAt = (at: number, says: Circumstances = {}) => endedByItself(boundPhone({ at, ...says }));

describe("a lender that is gone (F16)", () => {
	test.each<[string, Circumstances, number]>([
		["the final due date, when it comes last", {}, FINAL_DUE],
		[
			"paid-until, when that is later",
			{ contract: { paidUntilUnixSeconds: EPOCH + FINAL_DUE + 20 * DAY } },
			FINAL_DUE + 20 * DAY,
		],
		["the last signed answer, when that is later", { contact: { lastReplyUnixSeconds: EPOCH + 95 * DAY } }, 95 * DAY],
	])("frees the phone so long after %s, and not a second sooner", (_, says, lastWord) => {
		const at = lastWord + SILENCE;
		expect([at - 1, at, at + 1].map((when) => freedAt(when, says))).toEqual([undefined, DEAD, DEAD]);
		expect(deadLenderAt(boundPhone({ at: 5, ...says }))).toBe(at * 1000);
	});

	test("is not thought gone by a phone that knows no time", () => {
		expect(freedAt(3000 * DAY, { time: { signedUnixSeconds: 0 } })).toBeUndefined();
	});

	test("frees whatever the phone's lock", () => {
		const lock = { standing: wire.Standing.STANDING_LOCKED_FULL };
		expect(freedAt(FINAL_DUE + SILENCE, { lock })).toBe(DEAD);
	});
});

describe("a binding that the lender never confirms", () => {
	const contract = { confirmed: false, boundAtPoweredOnMs: 5000 };

	test("frees the phone after the terms' time, powered-on, to the millisecond", () => {
		const at = 5 + 14 * DAY;
		expect([at - 0.001, at, at + 1].map((when) => freedAt(when, { contract }))).toEqual([undefined, UNCONFIRMED, UNCONFIRMED]);
		expect(unconfirmedReleaseAt(boundPhone({ contract }))).toBe(at * 1000);
	});

	test("needs no time that anybody signed", () => {
		expect(freedAt(5 + 14 * DAY, { contract, time: { signedUnixSeconds: 0 } })).toBe(UNCONFIRMED);
	});

	test("does so no more once it is confirmed", () => {
		expect(unconfirmedReleaseAt(boundPhone({ contract: { boundAtPoweredOnMs: 5000 } }))).toBeUndefined();
		expect(freedAt(80 * DAY)).toBeUndefined();
	});
});
