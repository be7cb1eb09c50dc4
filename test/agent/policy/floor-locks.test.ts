import { describe, expect, test } from "vitest";

import {
	objectionToObservedLock,
	objectionToOfflineLock,
	objectionToOrderedLock,
	objectionToOverdueLock,
} from "../../../agent/policy/floor.ts";
import type { NoticeRecord } from "../../../agent/policy/ledger.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, termsOf } from "../test-lender.ts";
import { boundPhone, type Circumstances, PAID_UNTIL, seen } from "./bound-phone.ts";

const {
	REASON_CODE_OVERDUE: OVERDUE,
	REASON_CODE_THEFT_REPORTED: THEFT,
	REASON_CODE_FRAUD: FRAUD,
	REASON_CODE_RETURNED: RETURNED,
} = wire.ReasonCode;
const REASONS = Object.values(wire.ReasonCode).filter((value): value is wire.ReasonCode => typeof value === "number");

/** Three, a day apart, the first when payment is past due: they have aged three days after that. */
const NOTICES = { shown: [0, 1, 2].map((day) => seen(PAID_UNTIL + day * DAY)) };
const AGED = PAID_UNTIL + 3 * DAY;

describe("a lock for a debt", () => {
	const ruleAt = (at: number, says: Circumstances = {}) =>
		objectionToOverdueLock(boundPhone({ at, notices: NOTICES, ...says }))?.rule;

	test.each([
		["a second before", -1, "F3"],
		["exactly", 0, undefined],
		["a second after", 1, undefined],
	])("waits for the end of grace, though the notices have aged: %s (F3)", (_, seconds, rule) => {
		const ladder = { ...termsOf().ladder, graceSeconds: 7 * DAY };
		expect(ruleAt(PAID_UNTIL + 7 * DAY + seconds, { terms: { ladder } })).toBe(rule);
	});

	test.each([
		["one millisecond before", -0.001, "F3"],
		["exactly", 0, undefined],
		["a second after", 1, undefined],
	])("waits for the last notice to age, though grace is over: %s (F3)", (_, seconds, rule) => {
		const late = { shown: [0, 1, 4].map((day) => seen(PAID_UNTIL + day * DAY)) };
		expect(ruleAt(PAID_UNTIL + 5 * DAY + seconds, { notices: late })).toBe(rule);
	});

	test("does not begin without notices, however long ago grace ended (F3)", () => {
		expect(ruleAt(PAID_UNTIL + 300 * DAY, { notices: { shown: [] } })).toBe("F3");
	});

	test("does not begin while the lender does not know who has paid (F5)", () => {
		expect(ruleAt(AGED, { contact: { paymentFeedStale: true } })).toBe("F5");
		expect(ruleAt(AGED)).toBeUndefined();
	});
});

describe("a lock for a spent offline budget", () => {
	const rule = (at: number, notices: Partial<NoticeRecord>) => objectionToOfflineLock(boundPhone({ at, notices }))?.rule;
	const warnedAt = (at: number, remaining: number) => ({
		offlineWarnedAtRemainingSeconds: remaining,
		offlineWarnedAtPoweredOnMs: at * 1000,
	});

	test.each([
		["one millisecond before", -0.001, "F5"],
		["exactly", 0, undefined],
		["a second after", 1, undefined],
	])("waits until the last warning stood on the screen for an hour: %s (F5)", (_, seconds, expected) => {
		expect(rule(9 * DAY + HOUR + seconds, warnedAt(9 * DAY, DAY))).toBe(expected);
	});

	test("does not begin on an earlier warning alone, nor without any (F5)", () => {
		expect(rule(30 * DAY, warnedAt(7 * DAY, 3 * DAY))).toBe("F5");
		expect(rule(30 * DAY, {})).toBe("F5");
	});
});

describe("a lock by order", () => {
	const ruleFor = (reason: wire.ReasonCode, says: Circumstances = {}) =>
		objectionToOrderedLock(boundPhone({ at: AGED, notices: NOTICES, ...says }), reason)?.rule;

	test.each(REASONS.map((reason) => [wire.ReasonCode[reason], reason] as const))(
		"for %s: only debt, theft, fraud and return are reasons (F3)",
		(_, reason) => {
			expect(ruleFor(reason)).toBe([OVERDUE, THEFT, FRAUD, RETURNED].includes(reason) ? undefined : "F3");
		},
	);

	test("is not obeyed before the lender has confirmed the binding (F10)", () => {
		expect(ruleFor(FRAUD, { contract: { confirmed: false } })).toBe("F10");
	});

	test.each([
		[wire.HoldKind.HOLD_KIND_DISPUTE, "F13"],
		[wire.HoldKind.HOLD_KIND_DISASTER, "F14"],
	])("is not obeyed under a hold, of kind %i (%s)", (kind, rule) => {
		const held = (until: number) => ({ lock: { holds: [{ kind, untilUnixSeconds: EPOCH + until }] } });
		expect(ruleFor(FRAUD, held(AGED + 1))).toBe(rule);
		expect(ruleFor(FRAUD, held(AGED))).toBeUndefined();
	});

	test.each([
		["one millisecond before", -0.001, "F3"],
		["exactly", 0, undefined],
		["a second after", 1, undefined],
	])("waits for the lock warnings to age, though nothing is owed: %s (F3)", (_, seconds, rule) => {
		const warnings = { shown: [0, 1, 2].map((day) => seen(5 * DAY + day * DAY)) };
		expect(ruleFor(FRAUD, { at: 8 * DAY + seconds, notices: warnings })).toBe(rule);
	});

	test("because of a debt is held to the same as a lock for the debt (F3, F5)", () => {
		expect(ruleFor(OVERDUE, { contract: { paidUntilUnixSeconds: EPOCH + AGED } })).toBe("F3");
		expect(ruleFor(OVERDUE, { contact: { paymentFeedStale: true } })).toBe("F5");
		// For another reason neither matters.
		expect(ruleFor(FRAUD, { contract: { paidUntilUnixSeconds: EPOCH + AGED } })).toBeUndefined();
		expect(ruleFor(FRAUD, { contact: { paymentFeedStale: true } })).toBeUndefined();
	});

	test("waits for the end of quiet hours and of an emergency call: it is not refused for them (F14)", () => {
		const quietHours = { startMinute: 0, endMinute: 1439, utcOffsetMinutes: 0 };
		expect(ruleFor(FRAUD, { handset: { emergencyCall: true }, terms: { quietHours } })).toBeUndefined();
	});
});

describe("a lock for what the phone observes", () => {
	const ruleAt = (at: number, shown = [5, 6, 7].map((day) => seen(day * DAY))) =>
		objectionToObservedLock(boundPhone({ at, notices: { shown } }))?.rule;

	test("is warned of like a lock by order, to the millisecond (F3)", () => {
		expect([8 * DAY - 0.001, 8 * DAY, 8 * DAY + 1].map((at) => ruleAt(at))).toEqual(["F3", undefined, undefined]);
		expect(ruleAt(8 * DAY, [])).toBe("F3");
	});
});
