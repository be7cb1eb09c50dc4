import { describe, expect, test } from "vitest";

import { nextOverdueNotice, offlineNotice, offlineThresholdPassed, offlineWarningAgedAt } from "../../../agent/policy/notices.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, termsOf } from "../test-lender.ts";
import { boundPhone, type Circumstances, PAID_UNTIL, seen } from "./bound-phone.ts";

const {
	NOTICE_KIND_OVERDUE: OVERDUE,
	NOTICE_KIND_LOCK_WARNING: LOCK_WARNING,
	NOTICE_KIND_OFFLINE_WARNING: OFFLINE,
} = wire.NoticeKind;
const paidUntil = EPOCH + PAID_UNTIL;
const DUE_MS = PAID_UNTIL * 1000;
const DAY_MS = DAY * 1000;

describe("the agent's own notices of a debt", () => {
	const next = (days: readonly number[], says: Circumstances = {}) => {
		const shown = days.map((day) => seen(PAID_UNTIL + day * DAY));
		return nextOverdueNotice(boundPhone({ at: PAID_UNTIL - DAY, ...says, notices: { shown } }));
	};

	test("first say that the debt is overdue, when payment is past due", () => {
		expect(next([])).toEqual({ noticeId: `overdue-${paidUntil}-1`, kind: OVERDUE, atPoweredOnMs: DUE_MS });
	});

	test("then warn of the lock, a spacing after the one before (F3)", () => {
		expect(next([0])).toEqual({ noticeId: `overdue-${paidUntil}-2`, kind: LOCK_WARNING, atPoweredOnMs: DUE_MS + DAY_MS });
		expect(next([0, 4])).toEqual({ noticeId: `overdue-${paidUntil}-3`, kind: LOCK_WARNING, atPoweredOnMs: DUE_MS + 5 * DAY_MS });
	});

	test("end with the last that the rule asks for", () => {
		expect(next([0, 1, 2])).toBeUndefined();
		expect(next([0, 1, 2, 3])).toBeUndefined();
	});

	test("pass over one that came too soon after another", () => {
		expect(next([0, 0.5])).toMatchObject({ noticeId: `overdue-${paidUntil}-2`, atPoweredOnMs: DUE_MS + DAY_MS });
	});

	test("begin in India 60 days past due, and go on 21 days later", () => {
		const india = { terms: { jurisdiction: "IN" } };
		expect(next([], india)?.atPoweredOnMs).toBe(DUE_MS + 60 * DAY_MS);
		expect(next([60], india)?.atPoweredOnMs).toBe(DUE_MS + 81 * DAY_MS);
		expect(next([60, 81], india)?.atPoweredOnMs).toBe(DUE_MS + 82 * DAY_MS);
	});

	test("are due now where the day has long come", () => {
		expect(next([], { at: PAID_UNTIL + 7 * DAY })?.atPoweredOnMs).toBe(DUE_MS + 7 * DAY_MS);
	});
});

describe("warnings of the offline budget", () => {
	const phone = (says: Circumstances = {}) => boundPhone({ at: 8 * DAY, ...says });

	test.each<[string, number, number | undefined]>([
		["before the first threshold, none", 3 * DAY * 1000 + 1, undefined],
		["at the first, it", 3 * DAY * 1000, 3 * DAY],
		["between the two, the first", DAY * 1000 + 1, 3 * DAY],
		["at the second, it", DAY * 1000, DAY],
		["with nothing left, the last", 0, DAY],
	])("the threshold that was passed: %s", (_, remainingMs, threshold) => {
		expect(offlineThresholdPassed(phone(), remainingMs)).toBe(threshold);
	});

	test("are due as soon as a threshold is passed, and carry the contact that they count from", () => {
		const contact = { lastReplyUnixSeconds: EPOCH };
		expect(offlineNotice(phone({ contact }), 2 * DAY_MS)).toEqual({
			noticeId: `offline-${EPOCH}-${3 * DAY}`,
			kind: OFFLINE,
			atPoweredOnMs: 8 * DAY_MS,
		});
		expect(offlineNotice(phone({ contact }), 3 * DAY_MS + 1)).toBeUndefined();
	});

	test("are given once for each threshold; a shorter one takes the place of a longer one", () => {
		const warned = (remaining: number) => phone({ notices: { offlineWarnedAtRemainingSeconds: remaining } });
		expect(offlineNotice(warned(3 * DAY), 2 * DAY_MS)).toBeUndefined();
		expect(offlineNotice(warned(3 * DAY), DAY_MS)?.noticeId).toBe(`offline-0-${DAY}`);
		expect(offlineNotice(warned(DAY), 0)).toBeUndefined();
		expect(offlineNotice(phone(), 0)?.noticeId).toBe(`offline-0-${DAY}`);
	});

	test("under terms that name none there is one, a day before (F5)", () => {
		const terms = { offline: { ...termsOf().offline, warnAtRemainingSeconds: [] } };
		expect(offlineThresholdPassed(phone({ terms }), DAY_MS + 1)).toBeUndefined();
		expect(offlineThresholdPassed(phone({ terms }), DAY_MS)).toBe(DAY);
	});
});

describe("the age of the last offline warning (F5)", () => {
	const agedAt = (remaining: number, warnAtRemainingSeconds = [3 * DAY, DAY]) =>
		offlineWarningAgedAt(
			boundPhone({
				at: 9 * DAY,
				terms: { offline: { ...termsOf().offline, warnAtRemainingSeconds } },
				notices: { offlineWarnedAtRemainingSeconds: remaining, offlineWarnedAtPoweredOnMs: 5000 },
			}),
		);

	test("is an hour at least, also where the phone lay in a drawer till then", () => {
		expect(agedAt(DAY)).toBe(5000 + HOUR * 1000);
		expect(agedAt(HOUR, [HOUR])).toBe(5000 + HOUR * 1000);
		expect(agedAt(2 * HOUR, [2 * HOUR])).toBe(5000 + HOUR * 1000);
	});

	test("is no more than the warning itself gave", () => {
		expect(agedAt(600, [DAY, 600])).toBe(5000 + 600_000);
	});

	test("is not there for an earlier warning, nor for none", () => {
		expect(agedAt(3 * DAY)).toBeUndefined();
		expect(agedAt(0)).toBeUndefined();
	});
});
