import { beforeEach, describe, expect, test } from "vitest";

import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../test-lender.ts";
import { boundPhone, type TestPhone } from "../test-phone.ts";

const { REASON_CODE_FRAUD: FRAUD, REASON_CODE_PAYMENT: PAYMENT, REASON_CODE_LENDER_ERROR: LENDER_ERROR } = wire.ReasonCode;
const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;

let lender: TestLender;
let phone: TestPhone;

async function begin(terms: Partial<wire.Terms.$Properties> = {}) {
	// No offline lock, so that time may jump: that lock has its own tests.
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: LIMITED };
	lender = await TestLender.create(termsOf({ offline, ...terms }));
	phone = await boundPhone(lender);
}

beforeEach(() => begin());

/** Each step is called once, at its end, as after a night; notices are looked at then. */
function live(days: number, stepHours = 12): void {
	for (let hours = 0; hours < days * 24; hours += stepHours) phone.jump(stepHours * HOUR);
}

describe("overdue", () => {
	test("nothing happens while payment runs", () => {
		live(29.5);
		expect([phone.standing, phone.effects.notices]).toEqual(["UNLOCKED", []]);
	});

	test("grace begins with paid-until, and restricts nothing", () => {
		live(30.5);
		expect(phone.standing).toBe("GRACE");
		expect(phone.restricted).not.toContain("cameraAndGallery");
		expect(phone.effects.screen?.warnings[0]?.kind).toBe(wire.WarningKind.WARNING_KIND_OVERDUE_LOCK);
	});

	test("locks after grace and three aged notices, goes to full after the dwell, and every step takes its time (F3, F4)", () => {
		live(30);
		const standings: string[] = [];
		for (let halfDay = 0; halfDay < 12; halfDay += 1) {
			standings.push(phone.standing);
			live(0.5);
		}
		const grace = standings.filter((standing) => standing === "GRACE").length;
		expect(standings.slice(grace, grace + 2)).toEqual(["LOCKED_LIMITED", "LOCKED_LIMITED"]);
		expect(grace * 12).toBeGreaterThanOrEqual(72);
		expect(standings.at(-1)).toBe("LOCKED_FULL");
	});

	test("locks no earlier than the last notice has aged, to the second (F3)", () => {
		live(30);
		while (phone.ledger.notices.shown.length < 3) live(0.5);
		const last = phone.ledger.notices.shown[2]?.onScreenAtPoweredOnMs ?? 0;
		const lockAt = last + DAY * 1000;
		phone.jump((lockAt - phone.ledger.time.poweredOnMs) / 1000 - 1);
		expect(phone.standing).toBe("GRACE");
		phone.jump(1);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});

	test("does not lock while nobody has seen the notices, however late it is (F3)", () => {
		phone.looksAtNotices = false;
		live(80);
		expect(phone.standing).toBe("GRACE");
		expect(phone.effects.notices).toHaveLength(1);
	});

	test("a notification alone is not a notice on the screen (F3)", () => {
		phone.looksAtNotices = false;
		for (let day = 0; day < 60; day += 1) {
			live(1);
			for (const { noticeId } of phone.effects.notices) {
				phone.once({ noticeShown: { noticeId, channel: wire.NoticeChannel.NOTICE_CHANNEL_NOTIFICATION } });
			}
		}
		expect(phone.standing).toBe("GRACE");
	});

	test("one channel is not two (F3)", () => {
		phone.looksAtNotices = false;
		for (let day = 0; day < 60; day += 1) {
			live(1);
			for (const { noticeId } of phone.effects.notices) {
				phone.once({ noticeShown: { noticeId, channel: wire.NoticeChannel.NOTICE_CHANNEL_SCREEN } });
			}
		}
		expect(phone.ledger.notices.shown).toHaveLength(3);
		expect(phone.standing).toBe("GRACE");
	});

	test("a signed time far ahead does not age the notices: they age powered-on (F3)", async () => {
		live(31);
		await phone.checkIn(lender, { serverTimeUnixSeconds: EPOCH + 300 * DAY });
		expect(phone.standing).toBe("GRACE");
		live(1);
		expect(phone.standing).toBe("GRACE");
	});

	test("a jump of powered-on time past everything still shows the notices first", () => {
		phone.jump(100 * DAY);
		expect(phone.standing).toBe("GRACE");
		phone.jump(50 * DAY);
		phone.jump(50 * DAY);
		expect(phone.standing).toBe("GRACE");
		phone.jump(DAY);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});

	test("the screen says who, why, how much, since when, how to pay and to dispute (F11)", () => {
		live(33.5);
		expect(phone.effects.screen).toMatchObject({
			kind: wire.ScreenKind.SCREEN_KIND_LIMITED,
			lenderName: "Banco de Prueba",
			accountShown: "00-1001",
			causes: [wire.LockCause.LOCK_CAUSE_OVERDUE],
			currency: "MXN",
			amountDueMinor: 50_000,
			dueAtUnixSeconds: EPOCH + 30 * DAY,
			contact: {
				supportPhone: "+525512345678",
				payUrl: "https://lender.example/pay",
				disputeUrl: "https://lender.example/dispute",
			},
			passesLeft: 2,
		});
	});

	test("an extension unlocks in one step from full (F4, F6)", async () => {
		live(40);
		expect(phone.standing).toBe("LOCKED_FULL");
		const [outcome] = await phone.deliver(lender, { reason: PAYMENT, extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
		expect(outcome?.result).toBe(wire.OrderResult.ORDER_RESULT_ACCEPTED);
		expect([phone.standing, phone.causes]).toEqual(["UNLOCKED", []]);
	});

	test("the next period starts its own notices", async () => {
		live(40);
		await phone.deliver(lender, { reason: PAYMENT, extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
		live(22.5);
		expect(phone.standing).toBe("GRACE");
	});

	test("a stale payment feed pauses new locks and warnings, and undoes none (F5)", async () => {
		live(31);
		await phone.checkIn(lender, { paymentFeedStale: true });
		live(20);
		expect([phone.standing, phone.effects.notices]).toEqual(["GRACE", []]);
		await phone.checkIn(lender, { paymentFeedStale: false });
		live(4);
		expect(phone.standing).toBe("LOCKED_FULL");
		await phone.checkIn(lender, { paymentFeedStale: true });
		expect(phone.standing).toBe("LOCKED_FULL");
	});

	test("in India it stays LIMITED, and comes no sooner than 90 days (F3, F4)", async () => {
		const ladder = { graceSeconds: 90 * DAY, limitedDwellSeconds: DAY, maxLevel: LIMITED };
		await begin({ jurisdiction: "IN", ladder, notices: { count: 3, minSpacingSeconds: 10 * DAY, minChannels: 2 } });
		live(30 + 89);
		expect(phone.standing).toBe("GRACE");
		live(40);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});
});

describe("what holds a lock off", () => {
	test("an emergency call (F14)", () => {
		live(32.5);
		phone.send({ emergencyCall: { active: true } });
		live(2);
		expect(phone.standing).toBe("GRACE");
		phone.send({ emergencyCall: { active: false } });
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});

	test("quiet hours, and then it comes when they end (F14)", async () => {
		await begin({ quietHours: { startMinute: 0, endMinute: 23 * 60, utcOffsetMinutes: 0 } });
		live(34, 24);
		expect(phone.standing).toBe("GRACE");
		phone.pass(11 * HOUR - 60);
		expect(phone.standing).toBe("GRACE");
		phone.pass(120);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});

	test.each([
		["promise to pay (F13)", wire.HoldKind.HOLD_KIND_PROMISE_TO_PAY],
		["disaster (F14)", wire.HoldKind.HOLD_KIND_DISASTER],
		["a payment on its way", wire.HoldKind.HOLD_KIND_CLEARING],
	])("a hold for %s, as long as it lasts", async (_name, kind) => {
		live(32);
		await phone.deliver(lender, { hold: { kind, untilUnixSeconds: EPOCH + 37 * DAY } });
		live(4);
		expect(phone.standing).toBe("GRACE");
		live(4);
		expect(phone.standing).toMatch(/^LOCKED/);
	});

	test("a hold is no longer than its kind may be, so that a stolen key gives no phone away", async () => {
		await phone.deliver(lender, { hold: { kind: wire.HoldKind.HOLD_KIND_CLEARING, untilUnixSeconds: EPOCH + 900 * DAY } });
		expect(phone.ledger.lock.holds[0]?.untilUnixSeconds).toBe(EPOCH + 7 * DAY);
	});

	test("the borrower's dispute: full goes down to limited and stays there, once a period (F13)", () => {
		live(40);
		expect(phone.standing).toBe("LOCKED_FULL");
		expect(phone.send({ disputeOpened: {} }).answer?.accepted).toBe(true);
		expect(phone.standing).toBe("LOCKED_LIMITED");
		live(10);
		expect(phone.standing).toBe("LOCKED_LIMITED");
		expect(phone.send({ disputeOpened: {} }).answer).toMatchObject({ accepted: false, code: "ONCE_A_PERIOD" });
		live(6);
		expect(phone.standing).toBe("LOCKED_FULL");
	});

	test("an emergency pass: everything works for a day, twice a year, with no server (F13)", () => {
		live(40);
		for (const use of [1, 2]) {
			expect(phone.send({ passTaken: {} }).answer?.accepted).toBe(true);
			expect(phone.standing).toBe("GRACE");
			expect(phone.effects.screen?.passesLeft).toBe(2 - use);
			phone.jump(DAY - 1);
			expect(phone.standing).toBe("GRACE");
			phone.jump(1);
			expect(phone.standing).toBe("LOCKED_LIMITED");
		}
		expect(phone.send({ passTaken: {} }).answer).toMatchObject({ accepted: false, code: "NONE_LEFT" });
	});

	test("a pass in use is not taken again, and none is wasted on an open phone", () => {
		expect(phone.send({ passTaken: {} }).answer?.code).toBe("NOT_LOCKED");
		live(40);
		phone.send({ passTaken: {} });
		expect(phone.send({ passTaken: {} }).answer?.code).toBe("ALREADY_IN_USE");
	});

	test("codes are said not to be read, and change nothing", () => {
		const before = phone.ledger.codes;
		expect(phone.send({ codeEntered: { code: "1234-5678-9012-3" } }).answer).toMatchObject({
			accepted: false,
			code: "NOT_AVAILABLE",
		});
		expect(phone.ledger.codes).toEqual(before);
	});
});

describe("offline", () => {
	const offline = { budgetSeconds: 10 * DAY, warnAtRemainingSeconds: [3 * DAY, DAY], level: LIMITED };
	beforeEach(() => begin({ offline }));

	test("warns at its thresholds and locks when the budget is spent, to the tick (F5)", () => {
		phone.pass(7 * DAY - HOUR);
		expect(phone.effects.screen?.warnings).toEqual([]);
		phone.pass(HOUR + 300);
		expect(phone.effects.screen?.warnings[0]?.kind).toBe(wire.WarningKind.WARNING_KIND_OFFLINE_LOCK);
		phone.pass(3 * DAY - 900);
		expect(phone.standing).toBe("UNLOCKED");
		phone.pass(600);
		expect([phone.standing, phone.causes]).toEqual(["LOCKED_LIMITED", ["OFFLINE"]]);
	});

	test("a valid answer unlocks at once and gives the whole budget back (F6)", async () => {
		phone.pass(10 * DAY + HOUR);
		expect(phone.standing).toBe("LOCKED_LIMITED");
		await phone.checkIn(lender);
		expect(phone.standing).toBe("UNLOCKED");
		phone.pass(10 * DAY - HOUR);
		expect(phone.standing).toBe("UNLOCKED");
	});

	test("time switched off is not counted", () => {
		phone.pass(9 * DAY);
		phone.reboot(300 * DAY);
		phone.pass(20 * HOUR);
		expect(phone.standing).toBe("UNLOCKED");
	});

	test("an answer held back for days gives back no more than was spent before its question", async () => {
		phone.pass(DAY);
		const replyEnvelope = await lender.reply(phone.startCheckIn(), EPOCH + DAY);
		phone.pass(9 * DAY - HOUR);
		phone.cable({ finishCheckIn: { replyEnvelope } });
		phone.pass(HOUR + 600);
		expect(phone.standing).toBe("UNLOCKED");
		phone.pass(DAY);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});

	test("a phone from the drawer is warned for an hour before it locks (F5)", () => {
		phone.looksAtNotices = false;
		phone.pass(20 * DAY);
		expect(phone.standing).toBe("UNLOCKED");
		phone.looksAtNotices = true;
		phone.pass(1);
		phone.pass(HOUR - 10);
		expect(phone.standing).toBe("UNLOCKED");
		phone.pass(20);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});

	test("rebooting again and again gains nothing (prepaid ticks)", () => {
		for (let boot = 0; boot < 10 * 24 * 12 + 5; boot += 1) phone.reboot();
		phone.pass(HOUR);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});
});

describe("ordered", () => {
	const restrict = (level = LIMITED, reason = FRAUD) => ({ reason, restrict: { level } });
	const texts = [{ language: "es", text: "Su contrato está en revisión" }];

	async function warn(): Promise<void> {
		for (const noticeId of ["w1", "w2", "w3"]) {
			await phone.deliver(lender, { notice: { noticeId, kind: wire.NoticeKind.NOTICE_KIND_LOCK_WARNING, texts } });
			phone.jump(DAY);
		}
	}

	test("is refused before three lock warnings were seen and aged (F3)", async () => {
		const [outcome] = await phone.deliver(lender, restrict());
		expect(outcome).toMatchObject({ result: wire.OrderResult.ORDER_RESULT_BELOW_FLOOR, rule: "F3" });
		expect(phone.standing).toBe("UNLOCKED");
	});

	test("restricts after them, one level at a time, and a restore lifts it at once (F4)", async () => {
		await warn();
		expect(await phone.deliver(lender, restrict(FULL))).toMatchObject([{ rule: "" }]);
		expect([phone.standing, phone.causes]).toEqual(["LOCKED_LIMITED", ["ORDERED"]]);
		expect(phone.effects.screen?.reason).toBe(FRAUD);
		phone.jump(DAY);
		expect(phone.standing).toBe("LOCKED_FULL");
		await phone.deliver(lender, { reason: wire.ReasonCode.REASON_CODE_GOODWILL, restore: {} });
		expect(phone.standing).toBe("UNLOCKED");
		expect(phone.ledger.lock.wrongfulLockMinutes).toBe(0);
	});

	test("minutes of a lock that was the lender's error are counted, once (F6)", async () => {
		await warn();
		await phone.deliver(lender, restrict());
		phone.jump(90 * 60);
		await phone.deliver(lender, { reason: LENDER_ERROR, restore: {} });
		expect(phone.ledger.lock.wrongfulLockMinutes).toBe(90);
		await phone.deliver(lender, { reason: LENDER_ERROR, restore: {} });
		expect(phone.ledger.lock.wrongfulLockMinutes).toBe(90);
	});

	test.each([
		PAYMENT,
		wire.ReasonCode.REASON_CODE_GOODWILL,
		wire.ReasonCode.REASON_CODE_UNSPECIFIED,
		wire.ReasonCode.REASON_CODE_DISPUTE,
	])("reason %s is none to restrict for", async (reason) => {
		await warn();
		expect((await phone.deliver(lender, restrict(LIMITED, reason)))[0]).toMatchObject({ rule: "F3" });
	});

	test("an order for a debt that is not there is refused, whatever was warned of", async () => {
		await warn();
		const [outcome] = await phone.deliver(lender, restrict(LIMITED, wire.ReasonCode.REASON_CODE_OVERDUE));
		expect(outcome).toMatchObject({ result: wire.OrderResult.ORDER_RESULT_BELOW_FLOOR, rule: "F3" });
	});

	test.each([
		[wire.HoldKind.HOLD_KIND_DISPUTE, "F13"],
		[wire.HoldKind.HOLD_KIND_DISASTER, "F14"],
	])("is refused while hold %s stands (%s)", async (kind, rule) => {
		await warn();
		await phone.deliver(lender, { hold: { kind, untilUnixSeconds: EPOCH + 10 * DAY } });
		expect((await phone.deliver(lender, restrict()))[0]).toMatchObject({ rule });
	});

	test("is obeyed only as far as the terms go (F4)", async () => {
		await begin({ ladder: { graceSeconds: 3 * DAY, limitedDwellSeconds: DAY, maxLevel: LIMITED } });
		await warn();
		await phone.deliver(lender, restrict(FULL));
		live(5);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});

	test("a warning that was never looked at warned nobody", async () => {
		phone.looksAtNotices = false;
		await warn();
		expect((await phone.deliver(lender, restrict()))[0]).toMatchObject({ rule: "F3" });
	});

	test("the same notice is shown once, in the borrower's language", async () => {
		phone.looksAtNotices = false;
		const kind = wire.NoticeKind.NOTICE_KIND_INFORMATION;
		const both = [
			{ language: "en", text: "Hello" },
			{ language: "es", text: "Hola" },
		];
		await phone.deliver(lender, { notice: { noticeId: "n", kind, texts: both } });
		expect(phone.effects.notices).toMatchObject([{ noticeId: "n", text: "Hola", language: "es" }]);
		phone.looksAtNotices = true;
		phone.jump(1);
		await phone.deliver(lender, { notice: { noticeId: "n", kind, texts: both } });
		expect(phone.effects.notices).toEqual([]);
	});
});
