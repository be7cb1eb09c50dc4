import { describe, expect, test } from "vitest";

import {
	graceSeconds,
	highestLevel,
	isPastGrace,
	limitedDwellMs,
	objectionToTightening,
	recoveryGraceEndsAt,
} from "../../../agent/policy/floor.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, termsOf } from "../test-lender.ts";
import { boundPhone, type Circumstances, PAID_UNTIL } from "./bound-phone.ts";

const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
const {
	HOLD_KIND_DISPUTE: DISPUTE,
	HOLD_KIND_PROMISE_TO_PAY: PROMISE,
	HOLD_KIND_DISASTER: DISASTER,
	HOLD_KIND_CLEARING: CLEARING,
} = wire.HoldKind;

const ladderOf = (changes: object) => ({ ladder: { ...termsOf().ladder, ...changes } });
const hold = (kind: wire.HoldKind, until: number) => ({ holds: [{ kind, untilUnixSeconds: EPOCH + until }] });
const ruleAt = (at: number, says: Circumstances = {}) => objectionToTightening(boundPhone({ at, ...says }))?.rule;

describe("what stands against any tightening", () => {
	test("is nothing for a confirmed phone with no hold, pass, call, quiet hours or recovery", () => {
		expect(objectionToTightening(boundPhone({ at: 40 * DAY }))).toBeUndefined();
	});

	test("a binding that the lender has not confirmed (F10)", () => {
		expect(ruleAt(40 * DAY, { contract: { confirmed: false } })).toBe("F10");
	});

	test("an emergency call that is going on (F14)", () => {
		expect(ruleAt(40 * DAY, { handset: { emergencyCall: true } })).toBe("F14");
	});

	test.each([
		["one millisecond before it ends", 5 * DAY - 0.001, "F13"],
		["when it ends", 5 * DAY, undefined],
	])("an emergency pass: %s (F13)", (_, at, rule) => {
		expect(ruleAt(at, { lock: { passUntilPoweredOnMs: 5 * DAY * 1000 } })).toBe(rule);
	});

	test.each([
		["a dispute", DISPUTE, "F13"],
		["a promise to pay", PROMISE, "F13"],
		["a payment in clearing", CLEARING, "F13"],
		["a disaster", DISASTER, "F14"],
	])("%s, to the second it ends", (_, kind, rule) => {
		const lock = hold(kind, 5 * DAY);
		expect([5 * DAY - 1, 5 * DAY, 5 * DAY + 1].map((at) => ruleAt(at, { lock }))).toEqual([rule, undefined, undefined]);
	});

	test.each([
		["a second before they begin", 9 * HOUR - 1, undefined],
		["when they begin", 9 * HOUR, "F14"],
		["a second before they end", 19 * HOUR - 1, "F14"],
		["when they end", 19 * HOUR, undefined],
	])("quiet hours: %s (F14)", (_, sinceNoon, rule) => {
		// 21:00 to 07:00; the tests' epoch is noon UTC.
		const quietHours = { startMinute: 21 * 60, endMinute: 7 * 60, utcOffsetMinutes: 0 };
		expect(ruleAt(sinceNoon, { terms: { quietHours } })).toBe(rule);
	});
});

describe("after the record was lost or put back", () => {
	const recovery = { unreadable: new Uint8Array(), sincePoweredOnMs: 2 * DAY * 1000 };
	const contact = { required: true };

	test.each([
		["one millisecond before", 5 * DAY - 0.001, "F5"],
		["exactly then", 5 * DAY, undefined],
		["a second after", 5 * DAY + 1, undefined],
	])("nothing is tightened for 72 powered-on hours: %s (F5)", (_, at, rule) => {
		expect(ruleAt(at, { recovery, contact })).toBe(rule);
	});

	test("contact with the lender ends the wait, and without a recovery there is none", () => {
		expect(recoveryGraceEndsAt(boundPhone({ recovery, contact: { required: false } }))).toBeUndefined();
		expect(recoveryGraceEndsAt(boundPhone({ contact }))).toBeUndefined();
		expect(recoveryGraceEndsAt(boundPhone({ recovery, contact }))).toBe(5 * DAY * 1000);
	});

	test("a phone that was never put back is not held up in its first milliseconds", () => {
		expect(ruleAt(0, { contact })).toBeUndefined();
	});
});

describe("the highest level that may be in force (F4, F13)", () => {
	const levelAt = (says: Circumstances) => highestLevel(boundPhone({ at: 5 * DAY, ...says }));

	test.each([
		[NONE, FULL, NONE],
		[LIMITED, FULL, LIMITED],
		[FULL, FULL, FULL],
		[FULL, LIMITED, LIMITED],
		[FULL, NONE, NONE],
		[LIMITED, LIMITED, LIMITED],
	])("of terms that go to %i in a place that goes to %i is %i", (terms, place, highest) => {
		expect(levelAt({ terms: ladderOf({ maxLevel: terms }), profile: { maxLevel: place } })).toBe(highest);
	});

	test.each([
		[FULL, LIMITED],
		[LIMITED, LIMITED],
		[NONE, NONE],
	])("a dispute brings %i to %i: never up", (cap, highest) => {
		expect(levelAt({ terms: ladderOf({ maxLevel: cap }), lock: hold(DISPUTE, 6 * DAY) })).toBe(highest);
	});

	test.each([
		["a dispute that is over", DISPUTE, 5 * DAY],
		["a promise to pay", PROMISE, 6 * DAY],
		["a disaster", DISASTER, 6 * DAY],
		["a payment in clearing", CLEARING, 6 * DAY],
	])("%s does not", (_, kind, until) => {
		expect(levelAt({ lock: hold(kind, until) })).toBe(FULL);
	});
});

describe("the times of the ladder", () => {
	test.each([
		["the terms' where they give more", 5 * DAY, 3 * DAY, 5 * DAY],
		["the place's where the terms give less", 2 * DAY, 3 * DAY, 3 * DAY],
	])("the grace is %s (F3)", (_, terms, place, grace) => {
		const phone = boundPhone({ terms: ladderOf({ graceSeconds: terms }), profile: { minPastDueSeconds: place } });
		expect(graceSeconds(phone)).toBe(grace);
	});

	test.each([
		["the terms' where it is longer", 2 * DAY, DAY, 2 * DAY],
		["the place's where the terms' is shorter", HOUR, DAY, DAY],
	])("the dwell in LIMITED is %s (F4)", (_, terms, place, dwell) => {
		const phone = boundPhone({ terms: ladderOf({ limitedDwellSeconds: terms }), profile: { minLimitedDwellSeconds: place } });
		expect(limitedDwellMs(phone)).toBe(dwell * 1000);
	});

	test.each([
		["a second before", -1, false],
		["exactly", 0, true],
		["a second after", 1, true],
	])("grace is over at paid-until and its days: %s (F3)", (_, seconds, isOver) => {
		expect(isPastGrace(boundPhone({ at: PAID_UNTIL + 3 * DAY + seconds }))).toBe(isOver);
	});

	test("no time is known, no grace is over (F3)", () => {
		expect(isPastGrace(boundPhone({ at: 400 * DAY, time: { signedUnixSeconds: 0 } }))).toBe(false);
	});
});
