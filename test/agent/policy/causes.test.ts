import { describe, expect, test } from "vitest";

import { causesNow, levelAsked } from "../../../agent/policy/causes.ts";
import type { CauseRecord } from "../../../agent/policy/ledger.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, termsOf } from "../test-lender.ts";
import { boundPhone, type Circumstances, PAID_UNTIL, seen } from "./bound-phone.ts";

const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;
const {
	LOCK_CAUSE_OVERDUE: OVERDUE,
	LOCK_CAUSE_OFFLINE: OFFLINE,
	LOCK_CAUSE_ORDERED: ORDERED,
	LOCK_CAUSE_OBSERVED: OBSERVED,
} = wire.LockCause;

const LOCK_AT = PAID_UNTIL + 3 * DAY;
const NOTICES = { shown: [0, 1, 2].map((day) => seen(PAID_UNTIL + day * DAY)) };
const SPENT = { chargedMs: 10 * DAY * 1000 + 1 };
const WARNED = { offlineWarnedAtRemainingSeconds: DAY, offlineWarnedAtPoweredOnMs: (PAID_UNTIL - 2 * HOUR) * 1000 };
const ANOTHER_SIM = {
	simDigest: Uint8Array.of(1),
	simDigestNow: Uint8Array.of(2),
	attestationDigest: new Uint8Array(),
	attestationDigestNow: new Uint8Array(),
};
const observing = (onSimChange: wire.RestrictionLevel) => ({ observations: { onSimChange, onAttestationChange: NONE } });

const cause = (kind: wire.LockCause, level: wire.RestrictionLevel, changes: Partial<CauseRecord> = {}): CauseRecord => ({
	cause: kind,
	level,
	reason: wire.ReasonCode.REASON_CODE_UNSPECIFIED,
	sequence: 0,
	sinceUnixSeconds: EPOCH,
	...changes,
});
const causes = (at: number, says: Circumstances) => causesNow(boundPhone({ at, ...says }));

/** Whatever forbids to begin a lock. */
const OBJECTIONS: readonly (readonly [string, Circumstances])[] = [
	["an emergency call", { handset: { emergencyCall: true } }],
	["a hold", { lock: { holds: [{ kind: wire.HoldKind.HOLD_KIND_CLEARING, untilUnixSeconds: EPOCH + 100 * DAY }] } }],
	["a binding that is not confirmed", { contract: { confirmed: false } }],
];

describe("a debt", () => {
	test("is a cause once it is past grace and the notices have aged, from then on, at the terms' highest level (F3)", () => {
		expect(causes(LOCK_AT - 1, { notices: NOTICES })).toEqual([]);
		expect(causes(LOCK_AT, { notices: NOTICES })).toEqual([cause(OVERDUE, FULL, { sinceUnixSeconds: EPOCH + LOCK_AT })]);
	});

	test("is none without notices (F3)", () => {
		expect(causes(LOCK_AT + 99 * DAY, {})).toEqual([]);
	});

	test.each(OBJECTIONS)("does not become a cause under %s", (_, says) => {
		expect(causes(LOCK_AT, { notices: NOTICES, ...says })).toEqual([]);
	});

	test.each(OBJECTIONS)("that is a cause stays one under %s: it only does not begin", (_, says) => {
		const stands = [cause(OVERDUE, FULL)];
		expect(causes(LOCK_AT, { notices: NOTICES, ...says, lock: { ...says.lock, causes: stands } })).toEqual(stands);
	});

	test("that is a cause needs its notices no more", () => {
		const lock = { causes: [cause(OVERDUE, FULL)] };
		expect(causes(LOCK_AT, { lock, contact: { paymentFeedStale: true } })).toEqual(lock.causes);
	});

	test("ends with the payment, whatever else stands (F6)", () => {
		const lock = { causes: [cause(OVERDUE, FULL)] };
		expect(causes(LOCK_AT - 1, { lock, notices: NOTICES })).toEqual([]);
	});

	test("takes the level of terms that became looser, and keeps its beginning", () => {
		const terms = { ladder: { ...termsOf().ladder, maxLevel: LIMITED } };
		const lock = { causes: [cause(OVERDUE, FULL)] };
		expect(causes(LOCK_AT, { lock, terms })).toEqual([cause(OVERDUE, LIMITED)]);
	});
});

describe("a spent offline budget", () => {
	const at = PAID_UNTIL - HOUR;

	test("is a cause when the warning has stood for its hour, at the terms' level (F5)", () => {
		const lock = cause(OFFLINE, LIMITED, { sinceUnixSeconds: EPOCH + at });
		expect(causes(at, { contact: SPENT, notices: WARNED })).toEqual([lock]);
		expect(causes(at - 1, { contact: SPENT, notices: WARNED })).toEqual([]);
		expect(causes(at, { contact: SPENT })).toEqual([]);
	});

	test("to the millisecond that is left of it is none (F5)", () => {
		expect(causes(at, { contact: { chargedMs: 10 * DAY * 1000 }, notices: WARNED })).toEqual([]);
	});

	test("of terms that lock at no level for it is none", () => {
		const terms = { offline: { ...termsOf().offline, level: NONE } };
		expect(causes(at, { contact: SPENT, notices: WARNED, terms })).toEqual([]);
	});

	test("ends with contact", () => {
		const lock = { causes: [cause(OFFLINE, LIMITED)] };
		expect(causes(at, { lock, contact: { chargedMs: 0 } })).toEqual([]);
		expect(causes(at, { lock, contact: SPENT })).toEqual(lock.causes);
	});
});

describe("what the phone observes", () => {
	const warned = { notices: { shown: [5, 6, 7].map((day) => seen(day * DAY)) } };

	test("is a cause where the terms say so, after lock warnings that have aged (F3)", () => {
		const says = { observations: ANOTHER_SIM, terms: observing(LIMITED), ...warned };
		expect(causes(8 * DAY, says)).toEqual([cause(OBSERVED, LIMITED, { sinceUnixSeconds: EPOCH + 8 * DAY })]);
		expect(causes(8 * DAY - 1, says)).toEqual([]);
		expect(causes(8 * DAY, { ...says, notices: {} })).toEqual([]);
	});

	test("is reported and nothing else where the terms name no level", () => {
		expect(causes(8 * DAY, { observations: ANOTHER_SIM, terms: observing(NONE), ...warned })).toEqual([]);
	});

	test("ends when it is as it was", () => {
		const lock = { causes: [cause(OBSERVED, LIMITED)] };
		const asBefore = { ...ANOTHER_SIM, simDigestNow: Uint8Array.of(1) };
		expect(causes(8 * DAY, { lock, terms: observing(LIMITED), observations: asBefore })).toEqual([]);
		expect(causes(8 * DAY, { lock, terms: observing(LIMITED), observations: ANOTHER_SIM })).toEqual(lock.causes);
	});
});

describe("an order", () => {
	const ordered = (reason: wire.ReasonCode) => cause(ORDERED, LIMITED, { reason, sequence: 7 });

	test("stands until an order ends it, though nothing is owed", () => {
		const lock = { causes: [ordered(wire.ReasonCode.REASON_CODE_FRAUD)] };
		expect(causes(8 * DAY, { lock })).toEqual(lock.causes);
	});

	test("because of a debt has no ground left once the debt is paid", () => {
		const lock = { causes: [ordered(wire.ReasonCode.REASON_CODE_OVERDUE)] };
		expect(causes(LOCK_AT - 1, { lock })).toEqual([]);
		expect(causes(LOCK_AT, { lock })).toEqual(lock.causes);
	});

	test("stands beside every other cause, each found again as itself", () => {
		const lock = { causes: [ordered(wire.ReasonCode.REASON_CODE_FRAUD), cause(OBSERVED, LIMITED), cause(OVERDUE, FULL)] };
		const says = { lock, observations: ANOTHER_SIM, terms: observing(LIMITED), contact: SPENT, notices: WARNED };
		const kinds = causes(LOCK_AT, says).map((one) => [one.cause, one.sinceUnixSeconds]);
		expect(kinds).toEqual([
			[OVERDUE, EPOCH],
			[OFFLINE, EPOCH + LOCK_AT],
			[OBSERVED, EPOCH],
			[ORDERED, EPOCH],
		]);
	});
});

describe("the level that is asked for", () => {
	const asked = (levels: readonly wire.RestrictionLevel[], says: Circumstances = {}) =>
		levelAsked(boundPhone({ ...says, lock: { ...says.lock, causes: levels.map((level) => cause(OVERDUE, level)) } }));

	test("is the highest of the causes, and none without one", () => {
		expect([asked([]), asked([LIMITED]), asked([LIMITED, FULL]), asked([FULL, LIMITED])]).toEqual([NONE, LIMITED, FULL, FULL]);
	});

	test("is never above the place's highest (F4)", () => {
		expect(asked([FULL], { profile: { maxLevel: LIMITED } })).toBe(LIMITED);
		expect(asked([LIMITED], { profile: { maxLevel: FULL } })).toBe(LIMITED);
	});

	test("is none while an emergency pass is in use, and again what it was when that ends (F13)", () => {
		const lock = { passUntilPoweredOnMs: DAY * 1000 };
		expect(asked([FULL], { at: DAY - 0.001, lock })).toBe(NONE);
		expect(asked([FULL], { at: DAY, lock })).toBe(FULL);
	});
});
