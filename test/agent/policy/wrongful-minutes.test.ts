import { describe, expect, test } from "vitest";

import { wrongfulMinutes } from "../../../agent/policy/wrongful-minutes.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH } from "../test-lender.ts";
import { boundPhone } from "./bound-phone.ts";

const { REASON_CODE_LENDER_ERROR: LENDER_ERROR, REASON_CODE_PAYMENT: PAYMENT } = wire.ReasonCode;
const { LOCK_CAUSE_OVERDUE: OVERDUE, LOCK_CAUSE_OFFLINE: OFFLINE } = wire.LockCause;
const {
	STANDING_GRACE: GRACE,
	STANDING_LOCKED_LIMITED: LOCKED_LIMITED,
	STANDING_LOCKED_FULL: LOCKED_FULL,
	STANDING_RELEASED: RELEASED,
} = wire.Standing;
const MINUTE = 60;
const NOW = 40 * DAY;

interface Lock {
	readonly lockedSeconds: number;
	readonly standing?: wire.Standing;
	readonly causes?: readonly wire.LockCause[];
	readonly restoreMaxMinutes?: number;
}

/** A phone that has been locked for so long, and an order that opens it for a reason. */
function minutes(
	{ lockedSeconds, standing = LOCKED_LIMITED, causes = [OVERDUE], restoreMaxMinutes = 60 }: Lock,
	reason: wire.ReasonCode,
	received = 0,
) {
	const records = causes.map((cause) => ({ cause, level: 1, reason: 0, sequence: 0, sinceUnixSeconds: EPOCH }));
	const lock = { standing, causes: records, lockedSincePoweredOnMs: (NOW - lockedSeconds) * 1000 };
	return wrongfulMinutes(boundPhone({ at: NOW, lock, profile: { restoreMaxMinutes } }), {
		reason,
		receivedAtUnixSeconds: received,
	});
}
const ago = (seconds: number) => EPOCH + NOW - seconds;

describe("a lock that the lender calls its own mistake (F6)", () => {
	test.each([
		[0, 0],
		[1, 1],
		[60, 1],
		[61, 2],
		[3600, 60],
	])("of %i seconds was wrongful for %i minutes: begun ones are whole", (lockedSeconds, wrongful) => {
		expect(minutes({ lockedSeconds }, LENDER_ERROR)).toBe(wrongful);
	});

	test("is counted at either level and for any cause, and not where nothing is locked", () => {
		expect(minutes({ lockedSeconds: 600, standing: LOCKED_FULL, causes: [OFFLINE] }, LENDER_ERROR)).toBe(10);
		for (const standing of [GRACE, RELEASED]) expect(minutes({ lockedSeconds: 600, standing }, LENDER_ERROR)).toBe(0);
	});
});

describe("a lock that went on after the payment had arrived (F6)", () => {
	test.each([
		["an hour, to the second", 60 * MINUTE, 0],
		["an hour and a second", 60 * MINUTE + 1, 1],
		["an hour and a minute", 61 * MINUTE, 1],
		["two hours", 120 * MINUTE, 60],
	])("%s later is wrongful beyond the hour that the place allows", (_, seconds, wrongful) => {
		expect(minutes({ lockedSeconds: 5 * DAY }, PAYMENT, ago(seconds))).toBe(wrongful);
	});

	test("is wrongful sooner where the place allows less", () => {
		expect(minutes({ lockedSeconds: DAY, restoreMaxMinutes: 15 }, PAYMENT, ago(60 * MINUTE))).toBe(45);
	});

	test("is wrongful also if something else kept it locked too", () => {
		expect(minutes({ lockedSeconds: DAY, causes: [OFFLINE, OVERDUE] }, PAYMENT, ago(120 * MINUTE))).toBe(60);
	});

	test("is never wrongful for longer than it lasted", () => {
		expect(minutes({ lockedSeconds: 600 }, PAYMENT, ago(10 * DAY))).toBe(10);
	});

	test("is not wrongful if the payment came now, or in the future", () => {
		expect(minutes({ lockedSeconds: DAY }, PAYMENT, ago(0))).toBe(0);
		expect(minutes({ lockedSeconds: DAY }, PAYMENT, ago(-5 * DAY))).toBe(0);
	});

	test("is not wrongful if no payment is told of, or the lock was for no debt", () => {
		expect(minutes({ lockedSeconds: DAY }, PAYMENT)).toBe(0);
		expect(minutes({ lockedSeconds: DAY, causes: [OFFLINE] }, PAYMENT, ago(DAY))).toBe(0);
	});
});
