import { beforeEach, describe, expect, test } from "vitest";

import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../test-lender.ts";
import { boundPhone, type TestPhone } from "../test-phone.ts";

const { REASON_CODE_PAYMENT: PAYMENT, REASON_CODE_LENDER_ERROR: LENDER_ERROR } = wire.ReasonCode;
const PAID = EPOCH + 60 * DAY;

let lender: TestLender;
let phone: TestPhone;

beforeEach(async () => {
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED };
	lender = await TestLender.create(termsOf({ offline }));
	phone = await boundPhone(lender);
	for (let hours = 0; hours < 40 * 24 && !phone.standing.startsWith("LOCKED"); hours += 12) phone.jump(12 * HOUR);
	expect(phone.standing).toBe("LOCKED_LIMITED");
});

const minutes = () => phone.ledger.lock.wrongfulLockMinutes;
const trusted = () => Math.floor(phone.unixSeconds);

describe("minutes of a lock after the payment had reached the lender (F6)", () => {
	test.each([
		["within the hour", HOUR, 0],
		["a minute over it", HOUR + 60, 1],
		["after a day", DAY, 23 * 60],
	])("%s", async (_, late, expected) => {
		const receivedAtUnixSeconds = trusted();
		phone.jump(late);
		await phone.deliver(lender, { extend: { paidUntilUnixSeconds: PAID, receivedAtUnixSeconds }, reason: PAYMENT });
		expect([phone.standing, minutes()]).toEqual(["UNLOCKED", expected]);
	});

	test("are never more than the lock was long", async () => {
		const [before, since] = [trusted(), lockedSince()];
		await phone.deliver(lender, {
			extend: { paidUntilUnixSeconds: PAID, receivedAtUnixSeconds: before - 30 * DAY },
			reason: PAYMENT,
		});
		expect(minutes()).toBe(Math.ceil((before - since) / 60));
	});

	test("are none without a lock, and none twice", async () => {
		const received = trusted();
		phone.jump(2 * HOUR);
		const extend = { paidUntilUnixSeconds: EPOCH + 30 * DAY + HOUR, receivedAtUnixSeconds: received };
		await phone.deliver(lender, { extend, reason: PAYMENT });
		expect([phone.standing, minutes()]).toEqual(["LOCKED_LIMITED", 60]);
		await phone.deliver(lender, { extend: { ...extend, paidUntilUnixSeconds: PAID }, reason: PAYMENT });
		expect([phone.standing, minutes()]).toEqual(["UNLOCKED", 60]);
		phone.jump(5 * HOUR);
		await phone.deliver(lender, {
			extend: { paidUntilUnixSeconds: PAID + DAY, receivedAtUnixSeconds: received },
			reason: PAYMENT,
		});
		expect(minutes()).toBe(60);
	});

	test("are written down, with the order that brought them out (F12)", async () => {
		const receivedAtUnixSeconds = trusted();
		phone.jump(3 * HOUR);
		await phone.deliver(lender, { extend: { paidUntilUnixSeconds: PAID, receivedAtUnixSeconds }, reason: PAYMENT });
		const written = phone.decisions.map(({ kind, detail }) => `${wire.DecisionKind[kind]} ${detail}`);
		expect(written).toContain("DECISION_KIND_WRONGFUL_MINUTES 120");
	});
});

test("a lock that the lender calls its mistake is wrongful from its first minute", async () => {
	phone.jump(10 * HOUR);
	const since = lockedSince();
	await phone.deliver(lender, { extend: { paidUntilUnixSeconds: PAID }, reason: LENDER_ERROR });
	expect(minutes()).toBe(Math.ceil((trusted() - since) / 60));
});

test("while locked the phone asks every half hour, however seldom its lender wishes (F6)", async () => {
	await phone.checkIn(lender, { nextCheckInSeconds: 7 * DAY });
	const { contact, time } = phone.ledger;
	expect(contact.nextAtPoweredOnMs - time.poweredOnMs).toBeLessThanOrEqual(30 * 60 * 1000);
});

/** When the lock began, seconds since 1970, by the phone's own count. */
function lockedSince(): number {
	const { lock, time } = phone.ledger;
	return trusted() - (time.poweredOnMs - lock.lockedSincePoweredOnMs) / 1000;
}
