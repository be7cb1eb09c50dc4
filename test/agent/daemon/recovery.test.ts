import { beforeEach, describe, expect, test } from "vitest";

import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../test-lender.ts";
import { boundPhone, type TestPhone } from "../test-phone.ts";

const BUDGET_DAYS = 40;

let lender: TestLender;
let phone: TestPhone;

beforeEach(async () => {
	const { RESTRICTION_LEVEL_LIMITED: level } = wire.RestrictionLevel;
	const offline = { budgetSeconds: BUDGET_DAYS * DAY, warnAtRemainingSeconds: [3 * DAY, DAY], level };
	lender = await TestLender.create(termsOf({ offline }));
	phone = await boundPhone(lender);
});

const decisions = () => phone.decisions.map(({ kind }) => wire.DecisionKind[kind].replace("DECISION_KIND_", ""));
const daysLeft = () => BUDGET_DAYS - phone.ledger.contact.chargedMs / 1000 / DAY;

/** Locks for the debt, with everybody looking and the lender always answering. */
async function lockForDebt(): Promise<void> {
	for (let day = 0; day < 40 && !phone.standing.startsWith("LOCKED"); day += 1) {
		phone.pass(DAY);
		await phone.checkIn(lender);
	}
	expect(phone.standing).toMatch(/^LOCKED/);
}

describe("the ledger is lost, but not the anchor", () => {
	test.each([
		["no bytes", () => new Uint8Array()],
		["torn bytes", () => phone.stored.slice(0, 300)],
		["rubbish", () => new Uint8Array(500).fill(0xa5)],
	])("%s: the contract stands, the lender's word is required, and the budget is a grace of a week", (_, lost) => {
		phone.stored = lost();
		phone.reboot();
		expect([phone.standing, phone.ledger.contact.required]).toEqual(["UNLOCKED", true]);
		expect(phone.faults.join()).toContain("LEDGER_FROM_ANCHOR");
		expect(decisions()).toContain("RECORD_LOST");
		expect(daysLeft()).toBeCloseTo(7, 1);
		expect(phone.effects.screen?.contactRequired).toBe(true);
	});

	test("what was locked stays locked, and the way out is the same", async () => {
		await lockForDebt();
		phone.stored = new Uint8Array();
		phone.reboot();
		expect(phone.standing).toMatch(/^LOCKED/);
		expect(await phone.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } })).toMatchObject([{ rule: "" }]);
		expect(phone.standing).toBe("UNLOCKED");
	});

	test("what was released stays released (F7)", async () => {
		await lockForDebt();
		const locked = phone.stored;
		await phone.deliver(lender, { release: { certificateId: "P-1" } });
		for (const stored of [new Uint8Array(), locked]) {
			phone.stored = stored;
			phone.reboot();
			expect([phone.standing, phone.restricted]).toEqual(["RELEASED", []]);
		}
	});

	test("an answer of the lender ends it: the whole budget is back, and the record says so", async () => {
		phone.stored = new Uint8Array();
		phone.reboot();
		await phone.checkIn(lender);
		expect(phone.ledger.contact.required).toBe(false);
		expect(phone.ledger.recovery).toBeUndefined();
		expect(daysLeft()).toBeGreaterThan(BUDGET_DAYS - 0.1);
		expect(decisions()).toContain("CONTACT_RESTORED");
	});

	test("without one it locks after warnings, never within three powered-on days (F5)", () => {
		phone.stored = new Uint8Array();
		phone.reboot();
		phone.pass(3 * DAY - HOUR);
		expect(phone.standing).toBe("UNLOCKED");
		phone.pass(5 * DAY);
		expect([phone.standing, phone.causes]).toEqual(["LOCKED_LIMITED", ["OFFLINE"]]);
	});

	test("a debt that was ripe to lock waits three powered-on days", async () => {
		phone.looksAtNotices = false;
		for (let day = 0; day < 36; day += 1) {
			phone.pass(DAY);
			await phone.checkIn(lender);
		}
		phone.looksAtNotices = true;
		while (phone.ledger.notices.shown.length < 3) phone.pass(12 * HOUR);
		expect(phone.standing).toBe("GRACE");
		phone.stored = new Uint8Array();
		phone.reboot();
		phone.pass(3 * DAY - HOUR);
		expect(phone.standing).toBe("GRACE");
		phone.pass(2 * HOUR);
		expect(phone.causes).toContain("OVERDUE");
	});
});

describe("an earlier ledger is put back", () => {
	test("it is noticed, and gains no budget, no pass, no sequence and no time", async () => {
		const early = phone.stored;
		await lockForDebt();
		phone.send({ passTaken: {} });
		phone.pass(5 * DAY);
		const before = phone.ledger;
		phone.stored = early;
		phone.send({ tick: {} });
		const after = phone.ledger;
		expect(decisions()).toContain("RECORD_RESTORED");
		expect(after.lock).toEqual(before.lock);
		expect(after.contract).toEqual(before.contract);
		expect(after.contact.chargedMs).toBeGreaterThanOrEqual(before.contact.chargedMs);
		expect(after.time).toEqual(before.time);
		expect(after.log.length).toBe(before.log.length + 1);
	});

	test("again and again: the grace is given once", () => {
		const early = phone.stored;
		for (let again = 0; again < 6; again += 1) {
			phone.stored = early;
			phone.pass(DAY);
		}
		// The first of the six days was before anything was put back.
		expect(daysLeft()).toBeLessThan(2.1);
	});

	test("with its own anchor cannot be told from the truth by the phone alone; no promise to the borrower breaks", async () => {
		const early = { stored: phone.stored, anchor: phone.anchor };
		await lockForDebt();
		phone.stored = early.stored;
		phone.anchor = early.anchor;
		phone.send({ tick: {} });
		expect(phone.standing).toBe("GRACE");
		expect(phone.ledger.contact.required).toBe(false);
	});
});

test("an anchor of rubbish, of another format, or none at all anchors nothing", () => {
	const { ledger } = phone;
	for (const anchor of [new Uint8Array(), new Uint8Array(40).fill(1), phone.stored.slice(0, -1)]) {
		phone.anchor = anchor;
		phone.send({ tick: {} });
		expect(phone.ledger.contract).toEqual(ledger.contract);
	}
});

test("a phone that was never bound loses nothing with its ledger", async () => {
	const { TestPhone } = await import("../test-phone.ts");
	const fresh = new TestPhone();
	fresh.send({ started: {} });
	fresh.facts();
	fresh.stored = new Uint8Array();
	fresh.send({ started: {} });
	expect([fresh.standing, fresh.ledger.contact.required, fresh.restricted]).toEqual(["UNBOUND", false, []]);
});
