import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ShownNotice } from "../../../agent/policy/ledger.ts";
import {
	nextOverdueNotice,
	noteShown,
	orderedNoticesAgedAt,
	overdueNoticesAgedAt,
	overdueNoticesAgedAtBest,
} from "../../../agent/policy/notices.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR } from "../test-lender.ts";
import { boundPhone, type ChannelName, type Circumstances, channels, PAID_UNTIL, seen } from "./bound-phone.ts";

const KINDS = Object.values(wire.NoticeKind).filter((value): value is wire.NoticeKind => typeof value === "number");
const { NOTICE_KIND_OVERDUE: OVERDUE, NOTICE_KIND_LOCK_WARNING: LOCK_WARNING } = wire.NoticeKind;

/** Days past due, to the second, at which notices were seen. */
const seenAt = (days: readonly number[], changes: Partial<ShownNotice> = {}) =>
	days.map((day) => seen(PAID_UNTIL + Math.round(day * DAY), changes));
const SECOND = 1 / DAY;

/** Days past due from which the notices allow a lock. */
const agedAt = (shown: readonly ShownNotice[], says: Circumstances = {}) => {
	const at = overdueNoticesAgedAt(boundPhone({ at: PAID_UNTIL + 200 * DAY, ...says, notices: { shown: [...shown] } }));
	return at === undefined ? undefined : at / 1000 / DAY - PAID_UNTIL / DAY;
};

describe("notices of a debt allow a lock (F3)", () => {
	test.each<[string, number[], number | undefined]>([
		["not without any", [], undefined],
		["not after one", [0], undefined],
		["not after two", [0, 1], undefined],
		["a day after the third, three days after the first", [0, 1, 2], 3],
		["a day after the third, if that is later", [0, 1, 5], 6],
		["counting the first three, if more were seen", [0, 1, 2, 3, 9], 3],
		["not when two stand a second closer than the spacing", [0, 1 - SECOND, 2], undefined],
		["with a fourth in the place of one that came too soon", [0, 0.5, 1, 2], 3],
		["counting the spacing from the last one that counted", [0, 1, 1.5, 2], 3],
	])("%s", (_, days, expected) => {
		expect(agedAt(seenAt(days))).toBe(expected);
	});

	test("never within 72 hours of the first, however close together the terms let them be", () => {
		const terms = { notices: { count: 3, minSpacingSeconds: HOUR, minChannels: 2 } };
		expect(agedAt(seenAt([0, 0.25, 0.5]), { terms })).toBe(3);
	});

	test.each<[string, number, number, number]>([
		["the terms", 5, 3, 5],
		["the place", 2, 4, 4],
	])("after as many as %s asks for, whichever is more", (_, ofTerms, ofPlace, needed) => {
		const terms = { notices: { count: ofTerms, minSpacingSeconds: DAY, minChannels: 2 } };
		const notices = boundPhone().profile.notices;
		const afterSeeing = (count: number) =>
			agedAt(seenAt(Array.from({ length: count }, (_, day) => day)), {
				terms,
				profile: { notices: { ...notices, minCount: ofPlace } },
			});
		expect(afterSeeing(needed - 1)).toBeUndefined();
		expect(afterSeeing(needed)).toBe(needed);
	});

	test.each([0, 1, 2])("only those that were on the screen count: number %i was not", (which) => {
		const shown = seenAt([0, 1, 2]).map((notice, index) => (index === which ? { ...notice, onScreenAtPoweredOnMs: 0 } : notice));
		expect(agedAt(shown)).toBeUndefined();
	});

	test.each(KINDS.map((kind) => [wire.NoticeKind[kind], kind] as const))(
		"of kind %s: only that a debt is overdue, or that a lock will follow, warns of a lock",
		(_, kind) => {
			expect(agedAt(seenAt([0, 1, 2], { kind }))).toBe(kind === OVERDUE || kind === LOCK_WARNING ? 3 : undefined);
		},
	);

	test("one seen a second before paid-until is of no debt; one seen exactly then is", () => {
		expect(agedAt(seenAt([-SECOND, 1, 2]))).toBeUndefined();
		expect(agedAt(seenAt([0, 1, 2]))).toBe(3);
	});

	test("a payment makes those of the period before worthless", () => {
		const paid = { contract: { paidUntilUnixSeconds: EPOCH + PAID_UNTIL + 30 * DAY } };
		expect(agedAt(seenAt([0, 1, 2, 3]), paid)).toBeUndefined();
	});

	const one = (...names: readonly ChannelName[]) => ({ channels: channels(...names) });
	test.each<[string, Partial<ShownNotice>[], boolean]>([
		["the screen alone is one channel", [one("SCREEN"), one("SCREEN"), one("SCREEN")], false],
		["a notification is a second", [one("SCREEN"), one("SCREEN"), one("SCREEN", "NOTIFICATION")], true],
		["a text message is a second", [one("SCREEN", "SMS"), one("SCREEN"), one("SCREEN")], true],
		["a call is a second", [one("SCREEN"), one("SCREEN", "CALL"), one("SCREEN")], true],
		["what is no channel is none", [one("SCREEN"), { channels: 0b10_0001 | channels("SCREEN") }, one("SCREEN")], false],
	])("by two channels at least, all notices together: %s", (_, ways, isEnough) => {
		const shown = seenAt([0, 1, 2]).map((notice, index) => ({ ...notice, ...ways[index] }));
		expect(agedAt(shown)).toBe(isEnough ? 3 : undefined);
	});

	test.each<[string, number, number]>([
		["the terms", 3, 2],
		["the place", 2, 3],
	])("by as many channels as %s asks for, whichever is more", (_, ofTerms, ofPlace) => {
		const terms = { notices: { count: 3, minSpacingSeconds: DAY, minChannels: ofTerms } };
		const profile = { notices: { ...boundPhone().profile.notices, minChannels: ofPlace } };
		const by = (...names: readonly ChannelName[]) => agedAt(seenAt([0, 1, 2], one(...names)), { terms, profile });
		expect(by("SCREEN", "SMS")).toBeUndefined();
		expect(by("SCREEN", "SMS", "CALL")).toBe(3);
	});

	test.each<[string, number[], number | undefined]>([
		["the first counts at 60 days past due", [60, 81, 82], 89],
		["and not a second before", [60 - SECOND, 81, 82], undefined],
		["the second 21 days after it", [60, 81 - SECOND, 82], undefined],
		["the third a day after the second, as the terms say", [60, 81, 82 - SECOND], undefined],
		["the lock seven days after the last", [60, 90, 100], 107],
	])("in India: %s", (_, days, expected) => {
		expect(agedAt(seenAt(days), { terms: { jurisdiction: "IN" } })).toBe(expected);
	});

	test("one more that was seen never puts a lock off", () => {
		const day = fc.integer({ min: 0, max: 24 * 12 }).map((hours) => hours / 24);
		fc.assert(
			fc.property(fc.array(day, { maxLength: 8 }), day, (days, more) => {
				const inOrder = (all: number[]) => seenAt(all.sort((a, b) => a - b));
				const before = agedAt(inOrder([...days])) ?? Number.POSITIVE_INFINITY;
				expect(agedAt(inOrder([...days, more])) ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(before);
			}),
		);
	});
});

describe("lock warnings allow a lock by order (F3)", () => {
	const orderedAt = (shown: ShownNotice[], at = 20 * DAY) => {
		const aged = orderedNoticesAgedAt(boundPhone({ at, notices: { shown } }));
		return aged === undefined ? undefined : aged / 1000 / DAY;
	};
	const warnings = (...days: number[]) => days.map((day) => seen(day * DAY));

	test("that have aged like notices of a debt, also while everything is paid", () => {
		expect(orderedAt(warnings(5, 6, 7))).toBe(8);
		expect(orderedAt(warnings(5, 6, 9))).toBe(10);
		expect(orderedAt(warnings(5, 6))).toBeUndefined();
		expect(orderedAt(warnings(5, 5.9, 7))).toBeUndefined();
	});

	test.each(KINDS.filter((kind) => kind !== LOCK_WARNING).map((kind) => [wire.NoticeKind[kind], kind] as const))(
		"%s is no lock warning",
		(_, kind) => {
			expect(orderedAt([seen(5 * DAY), seen(6 * DAY, { kind }), seen(7 * DAY)])).toBeUndefined();
		},
	);

	test("one that was not on the screen is none", () => {
		expect(orderedAt([seen(5 * DAY, { onScreenAtPoweredOnMs: 0 }), seen(6 * DAY), seen(7 * DAY)])).toBeUndefined();
	});

	test.each<[string, number, number | undefined]>([
		["one millisecond before that", -0.001, 8],
		["when it is", 0, undefined],
	])("one that is sixty days old warns of nothing any more: %s", (_, seconds, expected) => {
		expect(orderedAt(warnings(5, 6, 7), 65 * DAY + seconds)).toBe(expected);
	});
});

describe("the soonest that the notices can have aged", () => {
	const soonest = (days: readonly number[], nowDays: number, says: Circumstances = {}) =>
		overdueNoticesAgedAtBest(boundPhone({ at: PAID_UNTIL + nowDays * DAY, ...says, notices: { shown: seenAt(days) } })) /
			1000 /
			DAY -
		PAID_UNTIL / DAY;

	test.each<[string, number[], number, number]>([
		["before the debt: from paid-until on", [], -5, 3],
		["past due, with none seen: from now on", [], 2, 5],
		["with one seen: the next a day after it", [0], 0.5, 3],
		["with one seen long ago: the next now", [0], 5, 7],
		["with two seen", [0, 1], 1.5, 3],
		["with all seen, what they say", [0, 1, 4], 4.5, 5],
		["with all seen and aged, the past", [0, 1, 2], 50, 3],
	])("%s", (_, days, now, expected) => {
		expect(soonest(days, now)).toBe(expected);
	});

	test("in India, with none seen: 60 days, 21, one, and seven", () => {
		expect(soonest([], 3, { terms: { jurisdiction: "IN" } })).toBe(89);
	});

	test("of too few channels is now, or 72 hours from the first", () => {
		const at = (days: number) => {
			const shown = seenAt([0, 0.125, 0.25], { channels: channels("SCREEN") });
			const terms = { notices: { count: 3, minSpacingSeconds: HOUR, minChannels: 2 } };
			return overdueNoticesAgedAtBest(boundPhone({ at: PAID_UNTIL + days * DAY, terms, notices: { shown } }));
		};
		expect(at(1)).toBe((PAID_UNTIL + 3 * DAY) * 1000);
		expect(at(5)).toBe((PAID_UNTIL + 5 * DAY) * 1000);
	});

	test("is when they have, if each is seen as soon as it is due, under any terms and in any place", () => {
		const circumstances = fc.record({
			hours: fc.integer({ min: 0, max: 24 * 200 }),
			count: fc.integer({ min: 1, max: 6 }),
			spacingHours: fc.integer({ min: 1, max: 24 * 10 }),
			jurisdiction: fc.constantFrom("default", "IN", "KE"),
		});
		fc.assert(
			fc.property(circumstances, ({ hours, count, spacingHours, jurisdiction }) => {
				const terms = { jurisdiction, notices: { count, minSpacingSeconds: spacingHours * HOUR, minChannels: 2 } };
				let phone = boundPhone({ at: hours * HOUR, terms });
				const soonestAt = overdueNoticesAgedAtBest(phone);
				for (let next = nextOverdueNotice(phone); next; next = nextOverdueNotice(phone)) {
					const at = Math.max(next.atPoweredOnMs, phone.ledger.time.poweredOnMs) / 1000;
					for (const channel of [wire.NoticeChannel.NOTICE_CHANNEL_SCREEN, wire.NoticeChannel.NOTICE_CHANNEL_NOTIFICATION]) {
						phone = boundPhone({ at, terms, notices: phone.ledger.notices });
						phone = boundPhone({ at, terms, notices: noteShown(phone, next.noticeId, channel) });
					}
				}
				expect(overdueNoticesAgedAt(phone)).toBe(soonestAt);
			}),
		);
	});
});
