import { beforeEach, describe, expect, test } from "vitest";

import { encode } from "../../../proto/codec.ts";
import { releaseDigest, writeReleaseCode } from "../../../proto/release-code.ts";
import { readRequestNumber } from "../../../proto/request-number.ts";
import { type TimeCodeKind, timeCodeSecret, writeTimeCode } from "../../../proto/time-code.ts";
import { wire } from "../../../proto/wire.ts";
import { auditRecord } from "../../../provisioning/audit/audit-record.ts";
import type { AuditReport } from "../../../provisioning/audit/report.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../../agent/test-lender.ts";
import { boundPhone, type TestPhone } from "../../agent/test-phone.ts";

const crypto = createNodeCrypto();
const audit = (file: Uint8Array) => auditRecord({ crypto }, file);
const { RESTRICTION_LEVEL_LIMITED: LIMITED, RESTRICTION_LEVEL_FULL: FULL } = wire.RestrictionLevel;

let lender: TestLender;
let phone: TestPhone;

async function begin(terms: Partial<wire.Terms.$Properties> = {}) {
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: LIMITED };
	lender = await TestLender.create(termsOf({ offline, ...terms }));
	phone = await boundPhone(lender);
}

beforeEach(() => begin());

function live(days: number, stepHours = 12): void {
	for (let hours = 0; hours < days * 24; hours += stepHours) phone.jump(stepHours * HOUR);
}

/** What an audit says of a readable record. */
function judged(file = phone.takeRecord()) {
	const report = audit(file);
	if (!("totals" in report)) throw new Error(`${report.verdict}: ${report.problem}`);
	return report;
}

function findingsOf(report: AuditReport): string[] {
	if (!("totals" in report)) return [];
	const all = [...report.findings, ...report.decisions.flatMap(({ findings }) => findings)];
	return all.map(({ severity, rule, what }) => `${severity} ${rule} ${what}`);
}

/** Nothing at all is found. */
function expectOk(report = judged()) {
	expect(findingsOf(report)).toEqual([]);
	expect(report.verdict).toBe("ok");
	return report;
}

describe("an honest phone", () => {
	test("that was only bound and confirmed", () => {
		const report = expectOk();
		expect(report.decisions.map(({ words }) => words)).toEqual([
			"the contract was bound to this phone",
			"now unlocked",
			"the lender confirmed the contract",
		]);
		expect(report.owner).toMatchObject({ contractId: "C-1001", lenderName: "Banco de Prueba", jurisdiction: "default" });
	});

	test("that was locked, limited and full, and opened by a payment", async () => {
		live(40);
		expect(phone.standing).toBe("LOCKED_FULL");
		const reason = wire.ReasonCode.REASON_CODE_PAYMENT;
		await phone.deliver(lender, { reason, extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
		const { totals } = expectOk();
		expect(totals).toMatchObject({ locks: 1, ordersAccepted: 1, noticesOnScreen: 3, wrongfulMinutesRecorded: 0 });
		expect(totals.minutesLocked).toBeGreaterThan(5 * 24 * 60);
	});

	test("that was locked by order, by mistake, and whose minutes were counted", async () => {
		for (const id of ["a", "b", "c"]) {
			const kind = wire.NoticeKind.NOTICE_KIND_LOCK_WARNING;
			await phone.deliver(lender, { notice: { noticeId: id, kind, texts: [{ language: "es", text: "Se bloqueará" }] } });
			live(1);
		}
		live(1);
		await phone.deliver(lender, { reason: wire.ReasonCode.REASON_CODE_FRAUD, restrict: { level: FULL } });
		expect(phone.standing).toBe("LOCKED_LIMITED");
		live(2);
		expect(phone.standing).toBe("LOCKED_FULL");
		await phone.deliver(lender, { reason: wire.ReasonCode.REASON_CODE_LENDER_ERROR, restore: {} });
		const { totals } = expectOk();
		expect(totals.wrongfulMinutesRecorded).toBe(2 * 24 * 60);
		expect(totals.wrongfulMinutesRecomputed).toBe(2 * 24 * 60);
	});

	test("whose payment reached it late", async () => {
		live(40);
		await phone.checkIn(lender);
		const receivedAtUnixSeconds = Math.floor(phone.unixSeconds) - 3 * HOUR;
		await phone.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY, receivedAtUnixSeconds } });
		const { totals } = expectOk();
		expect([totals.wrongfulMinutesRecorded, totals.wrongfulMinutesRecomputed]).toEqual([120, 120]);
	});

	test("whose borrower took passes and disputed", () => {
		live(40);
		phone.send({ disputeOpened: {} });
		live(1);
		phone.send({ passTaken: {} });
		live(3);
		expect(expectOk().totals).toMatchObject({ passes: 1, disputes: 1 });
	});

	test("that was offline too long", async () => {
		const offline = { budgetSeconds: 10 * DAY, warnAtRemainingSeconds: [3 * DAY, DAY], level: LIMITED };
		await begin({ offline });
		phone.pass(11 * DAY);
		expect(phone.causes).toEqual(["OFFLINE"]);
		expectOk();
		await phone.checkIn(lender);
		expectOk();
	});

	test("whose lender changed its keys, all of them, and its epoch", async () => {
		const envelope = await lender.rotate(["root", "command", "heartbeat", "enroll", "release"], { epoch: 2 });
		await phone.deliver(lender, { newKeys: { keySetEnvelopes: [envelope] } });
		await phone.deliver(lender, { hold: { kind: wire.HoldKind.HOLD_KIND_DISPUTE, untilUnixSeconds: EPOCH + 5 * DAY } });
		const report = expectOk();
		expect(report.owner.keySetVersion).toBe(2);
		expect(report.totals.ordersAccepted).toBe(2);
	});

	test("that was released, and whose record can still be taken", async () => {
		await phone.deliver(lender, { reason: wire.ReasonCode.REASON_CODE_PAID_OFF, release: { certificateId: "P-1" } });
		const report = expectOk();
		expect(report.decisions.at(-1)?.words).toBe("the agent gave up its control of the phone");
	});

	test("that nobody ever confirmed", async () => {
		phone.record.length = 0;
		const { TestPhone: Phone } = await import("../../agent/test-phone.ts");
		phone = new Phone();
		phone.send({ started: {} });
		phone.facts();
		phone.cable({ bind: await lender.bind() });
		expectOk();
		live(15);
		expect(phone.standing).toBe("RELEASED");
		expectOk();
	});

	test("that was opened by codes, without a network, and freed by its release code", async () => {
		lender = await TestLender.create();
		lender.codeKey = new Uint8Array(32).fill(8);
		const address = { deviceId: lender.deviceId, contractId: "C-1001" };
		const secret = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
		lender.terms = encode(wire.Terms, termsOf({ releaseDigest: releaseDigest(crypto, address, secret) }));
		phone = await boundPhone(lender);
		const enter = (code: string) => phone.send({ codeEntered: { code } }).answer?.accepted;
		const timeCode = (kind: TimeCodeKind, value: number) => {
			const asked = readRequestNumber(phone.effects.screen?.requestNumber ?? "");
			const about = { kind, value, counter: asked?.counterDigits ?? 0, nonce: asked?.nonce ?? 0 };
			return writeTimeCode(crypto, timeCodeSecret(crypto, lender.codeKey, phone.key.publicKey), address, about);
		};
		phone.pass(11 * DAY);
		expect(phone.causes).toEqual(["OFFLINE"]);
		expect(enter(timeCode("contact", 0))).toBe(true);
		expect(phone.standing).toBe("UNLOCKED");
		live(29);
		expect(phone.standing).toMatch(/^LOCKED/);
		expect(enter(timeCode("set", 10))).toBe(true);
		expect(enter(timeCode("add", 20))).toBe(true);
		phone.stored = new Uint8Array();
		live(1);
		expect(enter(timeCode("contact", 0))).toBe(true);
		expectOk();
		expect(enter(writeReleaseCode(secret))).toBe(true);
		const { decisions } = expectOk();
		expect(decisions.map(({ words }) => words)).toContain("free for ever, by the release code");
	});

	test("whose memory was put back to an earlier one", async () => {
		live(1);
		const earlier = phone.stored;
		live(40);
		phone.stored = earlier;
		live(1);
		expectOk();
		await phone.checkIn(lender);
		live(5);
		expectOk();
	});

	test("whose memory was lost", async () => {
		live(32);
		phone.stored = new Uint8Array();
		live(5);
		await phone.checkIn(lender);
		live(2);
		expectOk();
	});
});
