import { describe, expect, test } from "vitest";

import type { NoticeRecord, PendingNotice } from "../../../agent/policy/ledger.ts";
import { emptyNotices } from "../../../agent/policy/ledger.ts";
import { addPending, carriedAnew, forgetOfflineWarnings, noteShown } from "../../../agent/policy/notices.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH } from "../test-lender.ts";
import { boundPhone, type Circumstances, channels, PAID_UNTIL, seen } from "./bound-phone.ts";

const {
	NOTICE_CHANNEL_SCREEN: SCREEN,
	NOTICE_CHANNEL_NOTIFICATION: NOTIFICATION,
	NOTICE_CHANNEL_SMS: SMS,
	NOTICE_CHANNEL_CALL: CALL,
} = wire.NoticeChannel;
const {
	NOTICE_KIND_OVERDUE: OVERDUE,
	NOTICE_KIND_LOCK_WARNING: LOCK_WARNING,
	NOTICE_KIND_INFORMATION: INFORMATION,
	NOTICE_KIND_OFFLINE_WARNING: OFFLINE,
} = wire.NoticeKind;
const PAST_DUE = PAID_UNTIL + DAY;
const OWN = `overdue-${EPOCH + PAID_UNTIL}-1`;

const pending = (noticeId: string, kind = INFORMATION): PendingNotice => ({ noticeId, kind, text: "texto", language: "es" });
const noted = (id: string, channel: wire.NoticeChannel, notices: Partial<NoticeRecord> = {}, says: Circumstances = {}) =>
	noteShown(boundPhone({ at: PAST_DUE, ...says, notices }), id, channel);

describe("a notice that reached the borrower", () => {
	test("by the screen is remembered with both times", () => {
		expect(noted(OWN, SCREEN).shown).toEqual([seen(PAST_DUE, { noticeId: OWN, kind: OVERDUE, channels: channels("SCREEN") })]);
	});

	test.each([
		["notification", NOTIFICATION, channels("NOTIFICATION")],
		["text message", SMS, channels("SMS")],
		["call", CALL, channels("CALL")],
	])("by %s alone was not on the screen (F3)", (_, channel, bits) => {
		const { shown } = noted(OWN, channel);
		expect(shown).toMatchObject([{ channels: bits, onScreenAtPoweredOnMs: 0, onScreenAtUnixSeconds: 0 }]);
	});

	test("by a channel that is none changes nothing", () => {
		const unknown: wire.NoticeChannel = Number("5");
		for (const channel of [wire.NoticeChannel.NOTICE_CHANNEL_UNSPECIFIED, unknown]) {
			expect(noted(OWN, channel)).toEqual(emptyNotices());
		}
	});

	test("that nobody asked for changes nothing", () => {
		expect(noted("nobody's", SCREEN)).toEqual(emptyNotices());
		expect(noted(`overdue-${EPOCH}-1`, SCREEN)).toEqual(emptyNotices());
		expect(noted("nobody's", SCREEN, { pending: [pending("a")] })).toEqual({ ...emptyNotices(), pending: [pending("a")] });
	});

	test.each([
		["one millisecond before", -0.001, 0],
		["when it is due", 0, 1],
	])("of the agent's own counts only from when it is due: %s (F3)", (_, seconds, count) => {
		expect(noted(OWN, SCREEN, {}, { at: PAID_UNTIL + seconds }).shown).toHaveLength(count);
	});

	test("by one channel more keeps the first time on the screen: it ages from there", () => {
		const first = seen(PAID_UNTIL, { noticeId: OWN, kind: OVERDUE, channels: channels("SCREEN") });
		const again = (channel: wire.NoticeChannel) => noted(OWN, channel, { shown: [first] }).shown;
		expect(again(SCREEN)).toEqual([first]);
		expect(again(SMS)).toEqual([{ ...first, channels: channels("SCREEN", "SMS") }]);
	});

	test("by the screen after another channel was on the screen only then", () => {
		const { shown } = noted("warning", SCREEN, {
			shown: [seen(0, { noticeId: "warning", channels: channels("SMS"), onScreenAtPoweredOnMs: 0, onScreenAtUnixSeconds: 0 })],
		});
		expect(shown).toEqual([seen(PAST_DUE, { noticeId: "warning", channels: channels("SCREEN", "SMS") })]);
	});

	test("in the ledger's first millisecond counts as one on the screen: 0 stands for not yet", () => {
		const contract = { paidUntilUnixSeconds: EPOCH };
		const { shown } = noted(`overdue-${EPOCH}-1`, SCREEN, {}, { at: 0, contract });
		expect(shown).toMatchObject([{ onScreenAtPoweredOnMs: 1 }]);
	});

	test("stands in the order in which it came to the screen, before those that did not", () => {
		const waiting = ["sms", "call"].map((noticeId) => seen(0, { noticeId, onScreenAtPoweredOnMs: 0 }));
		const [early, late] = [seen(DAY), seen(2 * DAY)];
		const ids = noted(OWN, SCREEN, { shown: [...waiting, late, early] }).shown.map(({ noticeId }) => noticeId);
		expect(ids).toEqual([early.noticeId, late.noticeId, OWN, "sms", "call"]);
	});

	test("is one of the last sixteen that are remembered", () => {
		const sixteen = Array.from({ length: 16 }, (_, day) => seen((day + 1) * 3600, { kind: INFORMATION }));
		const ids = noted(OWN, SCREEN, { shown: sixteen }).shown.map(({ noticeId }) => noticeId);
		expect(ids).toEqual([...sixteen.slice(1).map(({ noticeId }) => noticeId), OWN]);
	});
});

describe("a notice of the lender's", () => {
	const waiting = { pending: [pending("a", LOCK_WARNING), pending("b")], seenIds: ["z"] };

	test("that was on the screen waits no longer, and its id is remembered", () => {
		const { shown, pending: left, seenIds } = noted("a", SCREEN, waiting);
		expect(shown).toEqual([seen(PAST_DUE, { noticeId: "a", kind: LOCK_WARNING, channels: channels("SCREEN") })]);
		expect([left, seenIds]).toEqual([[pending("b")], ["z", "a"]]);
	});

	test("that only a text message carried still waits for the screen", () => {
		const { shown, pending: left, seenIds } = noted("a", SMS, waiting);
		expect(shown).toMatchObject([{ noticeId: "a", kind: LOCK_WARNING, onScreenAtPoweredOnMs: 0 }]);
		expect([left, seenIds]).toEqual([waiting.pending, ["z"]]);
	});

	test("is put before the borrower once for each id", () => {
		const notices = { ...emptyNotices(), ...waiting };
		expect(addPending(notices, pending("c")).pending.map(({ noticeId }) => noticeId)).toEqual(["a", "b", "c"]);
		expect(addPending(notices, pending("a"))).toEqual(notices);
		expect(addPending(notices, pending("z"))).toEqual(notices);
	});

	test("waits among four at most: the newest", () => {
		const add = (notices: NoticeRecord, id: string) => addPending(notices, pending(id));
		const { pending: left } = ["a", "b", "c", "d", "e"].reduce(add, emptyNotices());
		expect(left.map(({ noticeId }) => noticeId)).toEqual(["b", "c", "d", "e"]);
	});

	test("is remembered by id, the last sixteen, and the agent's own are not among them", () => {
		const seenIds = Array.from({ length: 16 }, (_, index) => `id-${index}`);
		expect(noted("a", SCREEN, { ...waiting, seenIds }).seenIds).toEqual([...seenIds.slice(1), "a"]);
		expect(noted(OWN, SCREEN, { seenIds }).seenIds).toEqual(seenIds);
	});
});

describe("an offline warning", () => {
	const id = (threshold: number) => `offline-0-${threshold}`;

	test("that was on the screen is remembered with its threshold and its time (F5)", () => {
		expect(noted(id(DAY), SCREEN)).toEqual({
			...emptyNotices(),
			offlineWarnedAtRemainingSeconds: DAY,
			offlineWarnedAtPoweredOnMs: PAST_DUE * 1000,
		});
	});

	test("by another channel, of another threshold or of an earlier contact is none (F5)", () => {
		expect(noted(id(DAY), NOTIFICATION)).toEqual(emptyNotices());
		expect(noted(id(2 * DAY), SCREEN)).toEqual(emptyNotices());
		expect(noted(id(DAY), SCREEN, {}, { contact: { lastReplyUnixSeconds: EPOCH } })).toEqual(emptyNotices());
	});

	test("that was shown again ages from the first time", () => {
		const warned = { offlineWarnedAtRemainingSeconds: DAY, offlineWarnedAtPoweredOnMs: 5 };
		expect(noted(id(DAY), SCREEN, warned)).toMatchObject(warned);
		expect(noted(id(DAY), SMS, warned)).toMatchObject(warned);
	});

	test("is forgotten with contact; notices of a debt are not", () => {
		const notices = { ...emptyNotices(), shown: [seen(DAY)], offlineWarnedAtRemainingSeconds: 5, offlineWarnedAtPoweredOnMs: 6 };
		expect(forgetOfflineWarnings(notices)).toEqual({ ...emptyNotices(), shown: [seen(DAY)] });
	});
});

describe("what is told as new", () => {
	const before: NoticeRecord = { ...emptyNotices(), shown: [seen(DAY, { noticeId: "a", channels: channels("SCREEN") })] };
	const changed = (changes: Partial<NoticeRecord>) => ({ ...before, ...changes });

	test("is the kind of a notice that a channel carried for the first time", () => {
		const both = changed({ shown: [seen(DAY, { noticeId: "a" })] });
		expect(carriedAnew(before, both, "a", NOTIFICATION)).toBe(LOCK_WARNING);
		expect(carriedAnew(emptyNotices(), before, "a", SCREEN)).toBe(LOCK_WARNING);
		expect(carriedAnew(before, before, "a", SCREEN)).toBeUndefined();
	});

	test("is the offline warning when it came to the screen, also a shorter one", () => {
		const warned = changed({ offlineWarnedAtRemainingSeconds: 3 * DAY });
		expect(carriedAnew(before, warned, "offline-0-1", SCREEN)).toBe(OFFLINE);
		expect(carriedAnew(warned, changed({ offlineWarnedAtRemainingSeconds: DAY }), "offline-0-1", SCREEN)).toBe(OFFLINE);
		expect(carriedAnew(warned, warned, "offline-0-1", SCREEN)).toBeUndefined();
	});

	test("is nothing for an id nobody asked for", () => {
		expect(carriedAnew(before, before, "b", SCREEN)).toBeUndefined();
		const other = changed({ shown: [...before.shown, seen(2 * DAY, { noticeId: "b", kind: OVERDUE })] });
		expect(carriedAnew(before, other, "b", SCREEN)).toBe(OVERDUE);
	});
});
