import { expect, test } from "vitest";

import { createDaemon } from "../../../agent/daemon/daemon.ts";
import { wire } from "../../../proto/wire.ts";
import { auditRecord } from "../../../provisioning/audit/audit-record.ts";
import { createNodeCrypto } from "../../../provisioning/registry/node-crypto.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../test-lender.ts";
import { TestPhone } from "../test-phone.ts";

const { ReasonCode, NoticeKind, HoldKind } = wire;
const MOST_LEDGER_BYTES = 4096;

test("a year of daily use: the ledger stays within 4 KiB, and the record tells all of it", async () => {
	const instalments = Array.from({ length: 12 }, (_, month) => ({
		dueAtUnixSeconds: EPOCH + (month + 1) * 30 * DAY,
		amountMinor: 50_000,
	}));
	const lender = await TestLender.create(termsOf({ instalments }));
	// The same answers as the portable primitives, faster.
	const phone = new TestPhone(createDaemon({ crypto: createNodeCrypto() }));
	phone.send({ started: {} });
	phone.facts({ simDigest: Uint8Array.of(1) });
	expect(phone.cable({ bind: await lender.bind() }).bindingAccepted).toBeTruthy();
	let largest = 0;
	let paidUntil = EPOCH + 30 * DAY;
	/** Days late with each month's payment: never twice the same, and long enough for locks. */
	const lateBy = (month: number) => [0, 2, 5, 1, 9, 0, 4, 12, 3, 0, 7, 6][month % 12] ?? 0;

	for (let day = 0; day < 365; day += 1) {
		for (let quarter = 0; quarter < 4; quarter += 1) {
			phone.jump(6 * HOUR);
			await phone.checkIn(lender);
			largest = Math.max(largest, phone.stored.length);
		}
		const now = Math.floor(phone.unixSeconds);
		const month = Math.round((paidUntil - EPOCH) / (30 * DAY)) - 1;
		if (now >= paidUntil + lateBy(month) * DAY) {
			paidUntil += 30 * DAY;
			const receivedAtUnixSeconds = now - 3 * HOUR;
			await phone.deliver(lender, {
				reason: ReasonCode.REASON_CODE_PAYMENT,
				extend: { paidUntilUnixSeconds: paidUntil, paymentReference: `PAY-${month}`, receivedAtUnixSeconds },
			});
		}
		if (day % 30 === 27) {
			const texts = ["es", "en"].map((language) => ({ language, text: "Su pago vence pronto. ".repeat(8) }));
			await phone.deliver(lender, { notice: { noticeId: `due-${day}`, kind: NoticeKind.NOTICE_KIND_DUE_SOON, texts } });
		}
		if (phone.standing.startsWith("LOCKED") && day % 3 === 0) phone.send({ passTaken: {} });
		if (phone.standing.startsWith("LOCKED") && day % 4 === 0) phone.send({ disputeOpened: {} });
		if (day % 91 === 90) {
			const until = Math.floor(phone.unixSeconds) + 3 * DAY;
			await phone.deliver(lender, { hold: { kind: HoldKind.HOLD_KIND_PROMISE_TO_PAY, untilUnixSeconds: until } });
		}
		if (day % 40 === 39) {
			await phone.deliver(lender, { newKeys: { keySetEnvelopes: [await lender.rotate(["command"])] } });
			phone.facts({ simDigest: Uint8Array.of(day) });
		}
		if (day % 2 === 0) phone.reboot(HOUR);
		largest = Math.max(largest, phone.stored.length);
	}

	const file = phone.takeRecord();
	const report = auditRecord({ crypto: createNodeCrypto() }, file);
	if (!("totals" in report)) throw new Error(report.problem);
	expect([...report.findings, ...report.decisions.filter(({ findings }) => findings.length > 0)]).toEqual([]);
	expect(report.totals.locks).toBeGreaterThan(3);
	expect(report.totals.passes).toBeGreaterThan(0);
	expect(report.totals.disputes).toBeGreaterThan(0);
	expect(report.totals.wrongfulMinutesRecomputed).toBe(report.totals.wrongfulMinutesRecorded);
	expect(largest).toBeLessThanOrEqual(MOST_LEDGER_BYTES);
	// The chain in the ledger is its head and the last dozen.
	expect(phone.decisions).toHaveLength(12);
	expect(phone.ledger.log.length).toBe(report.totals.decisions);
	expect(file.length).toBeLessThan(512 * 1024);
}, 120_000);
