import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { wire } from "../../../../proto/wire.ts";
import type { Finding } from "../../../../provisioning/registry/contracts/console-request.ts";
import { finding } from "../../../../provisioning/registry/support/support-words.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { contractRequest, DAY, expectFault, nextImei, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const HOUR = 3600;
const { STANDING_LOCKED_LIMITED, STANDING_UNLOCKED } = wire.Standing;

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

async function enrolled(contractId: string): Promise<TestPhone> {
	const phone = new TestPhone();
	await registry.admin.createContract(contractRequest(contractId));
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	return phone;
}

async function contact(phone: TestPhone, status: wire.DeviceStatus.$Properties = {}) {
	const full = { standing: STANDING_UNLOCKED, contact: wire.ContactState.CONTACT_STATE_FRESH, sealed: true, ...status };
	return phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn({ status: full })));
}

const codes = (findings: readonly Finding[]) => findings.map(({ code }) => code);
const actions = async (id: string) => (await registry.admin.listOrders(id)).map(({ action, reason }) => `${action} ${reason}`);

describe("paid but locked", () => {
	test("says that the phone has not heard of the payment, and sends nothing twice while the unlock waits", async () => {
		const phone = await enrolled("L-1");
		await contact(phone, { paidUntilUnixSeconds: START + 30 * DAY });
		registry.now = START + 40 * DAY;
		await contact(phone, {
			standing: STANDING_LOCKED_LIMITED,
			causes: [1],
			paidUntilUnixSeconds: START + 30 * DAY,
			wrongfulLockMinutes: 12,
		});
		await registry.admin.recordPayment("L-1", { reference: "L-1-p", amountMinor: 1000 });
		registry.now += 14 * HOUR;
		const result = await registry.console.paidButLocked("L-1", { requestId: "call-1" });
		expect(codes(result.findings)).toEqual([
			...["books-paid", "last-payment", "phone-heard", "phone-silent", "phone-locked", "phone-behind", "wrongful-minutes"],
			"orders-waiting",
		]);
		expect(codes(result.done)).toEqual(["did-wait"]);
		expect(codes(result.tell)).toEqual(["tell-connect", "tell-within", "tell-ask-number"]);
		expect(result.wrongfulLockMinutes).toBe(12);
		expect(await actions("L-1")).toEqual(["extend payment"]);
	});

	test("sends the unlock again when the phone took it and still believes otherwise, once for each call", async () => {
		const phone = new TestPhone();
		await registry.admin.createContract(contractRequest("L-2"));
		const offer = await registry.port.offerEnrollment("L-2", phone.identity);
		await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence("L-2"));
		await registry.admin.recordPayment("L-2", {
			reference: "L-2-p",
			amountMinor: 1000,
			receivedAtUnixSeconds: registry.now - HOUR,
		});
		await contact(phone);
		await contact(phone, { standing: STANDING_LOCKED_LIMITED, causes: [1], paidUntilUnixSeconds: START });
		const result = await registry.console.paidButLocked("L-2", { requestId: "call-2" });
		expect(codes(result.done)).toEqual(["did-extend"]);
		const again = await registry.console.paidButLocked("L-2", { requestId: "call-2" });
		expect(again).toMatchObject({ repeated: true, done: result.done, findings: result.findings });
		expect(await actions("L-2")).toEqual(["extend payment", "extend payment"]);
		const [order] = (await contact(phone)).orders;
		expect(order?.extend).toMatchObject({ paymentReference: "L-2-p", receivedAtUnixSeconds: registry.now - HOUR });
		await expectFault(registry.console.paidButLocked("L-2", { requestId: "call-2", note: "another call" }), "REGISTRY_REFUSED", {
			reason: "CONFLICT",
		});
	});

	test("makes a code for the number on the screen, the same one again, and keeps its digits nowhere", async () => {
		await registry.admin.recordPayment("L-2", { reference: "L-2-q", amountMinor: 1000 });
		const misheard = await registry.console.paidButLocked("L-2", { requestId: "call-3", requestNumber: "0000 0001" });
		expect(codes(misheard.findings)).toContain("code-refused");
		expect(misheard.code).toBeUndefined();
		let made = 0;
		for (let last = 0; last < 10; last += 1) {
			const requestNumber = `0001000${last}`;
			const result = await registry.console.paidButLocked("L-2", { requestId: `call-4-${last}`, requestNumber });
			if (!result.code) continue;
			made += 1;
			expect(codes(result.tell)[0]).toBe("tell-code");
			expect(codes(result.done)).toContain("did-code");
			const again = await registry.console.paidButLocked("L-2", { requestId: `call-4-${last}`, requestNumber });
			expect(again.code?.code).toBe(result.code.code);
			const { rows } = await registry.database.pool.query("SELECT answer FROM support_acts");
			expect(JSON.stringify(rows)).not.toContain(result.code.code);
		}
		expect(made).toBe(1); // of ten check digits one is right
	});

	test("without a payment says what is due and what still works, and unlocks nothing", async () => {
		await registry.admin.createContract(contractRequest("L-3"));
		const result = await registry.console.paidButLocked("L-3", { requestId: "call-5" });
		expect(codes(result.findings)).toEqual(["books-due", "no-payment", "phone-none"]);
		expect(codes(result.done)).toEqual(["did-nothing"]);
		expect(codes(result.tell)).toEqual(["tell-pay", "tell-emergency"]);
		expect(await actions("L-3")).toEqual([]);
	});
});

describe("a payment in clearing", () => {
	test("holds new locks for the hours asked, once, and says what a hold does not do", async () => {
		const phone = await enrolled("C-1");
		await contact(phone, { standing: STANDING_LOCKED_LIMITED, causes: [1] });
		const request = { requestId: "clear-1", hours: 48, note: "transfer from the bank" };
		const result = await registry.console.inClearing("C-1", request);
		registry.now += 5;
		await registry.console.inClearing("C-1", request);
		expect(await actions("C-1")).toEqual(["hold payment"]);
		expect(codes(result.tell)).toContain("tell-hold-lifts-nothing");
		expect((await registry.console.story("C-1")).holds).toMatchObject([
			{ kind: "clearing", untilUnixSeconds: registry.now - 5 + 48 * HOUR },
		]);
		await expectFault(registry.console.inClearing("C-1", { requestId: "clear-2", hours: 73 }), "REGISTRY_REFUSED", {
			reason: "BAD_REQUEST",
		});
	});
});

describe("locked in error", () => {
	test("opens an appeal, lifts the lock by order, says sorry on the screen, and lets no order lock meanwhile", async () => {
		const phone = await enrolled("E-1");
		const imei = phone.identity.imei1;
		await registry.admin.issueOrder("E-1", { action: "restrict", level: "limited", reason: "fraud", note: "seemed so" });
		await contact(phone);
		await contact(phone, { standing: STANDING_LOCKED_LIMITED, causes: [3], level: 1 });
		const result = await registry.console.lockedInError("E-1", {
			requestId: "appeal-1",
			imei,
			proofReference: "receipt <b>77</b>",
		});
		expect(codes(result.findings)).toContain("cause-ordered");
		expect(codes(result.done)).toEqual(["did-appeal", "did-hold", "did-restore", "did-apologise"]);
		const { orders } = await contact(phone);
		expect(orders.map((order) => Object.keys(order).find((key) => ["hold", "restore", "notice"].includes(key)))).toEqual([
			"hold",
			"restore",
			"notice",
		]);
		expect(orders[2]?.notice?.texts.map(({ language }) => language)).toEqual(["es", "en"]);
		await expectFault(
			registry.admin.issueOrder("E-1", { action: "restrict", level: "limited", reason: "fraud", note: "once more" }),
			"REGISTRY_REFUSED",
			{ reason: "ORDER_REFUSED", rule: "F13" },
		);
		const story = await registry.console.story("E-1");
		expect(story.appeals).toMatchObject([{ imei, proofReference: "receipt <b>77</b>" }]);
		expect(JSON.stringify(story.audit)).not.toContain(imei);
	});

	test("is decided once: upheld, the lender calls it its own mistake", async () => {
		const request = { requestId: "decide-1", outcome: "upheld", note: "the receipt is right" } as const;
		expect(codes((await registry.console.decideAppeal("E-1", request)).done)).toEqual(["did-close-appeal", "did-restore"]);
		expect(await registry.console.decideAppeal("E-1", request)).toMatchObject({ repeated: true });
		expect(await actions("E-1")).toContain("restore lender_error");
		await expectFault(registry.console.decideAppeal("E-1", { ...request, requestId: "decide-2" }), "REGISTRY_REFUSED", {
			reason: "CONFLICT",
		});
		await registry.admin.issueOrder("E-1", { action: "restrict", level: "limited", reason: "fraud", note: "new facts" });
	});

	test("is not opened for a phone that the contract does not hold", async () => {
		await registry.admin.createContract(contractRequest("E-2"));
		await expectFault(
			registry.console.lockedInError("E-2", { requestId: "a", imei: nextImei(), proofReference: "r" }),
			"IMEI_MISMATCH",
		);
		await expectFault(
			registry.console.lockedInError("E-2", { requestId: "a", imei: "350000000000000", proofReference: "r" }),
			"IMEI_INVALID",
		);
		expect(await actions("E-2")).toEqual([]);
	});
});

describe("a return", () => {
	test("needs the phone in hand, ends the contract, and says what to do next", async () => {
		const phone = await enrolled("R-1");
		const tail = phone.identity.imei1.slice(-4);
		const request = { requestId: "ret-1", reference: "slip-9", note: "screen is broken", imeiTail: tail };
		await expectFault(
			registry.console.returned("R-1", { ...request, imeiTail: tail === "0000" ? "1111" : "0000" }),
			"IMEI_MISMATCH",
		);
		const result = await registry.console.returned("R-1", request);
		expect(result.contract).toMatchObject({ state: "returned", payoffReference: "slip-9" });
		expect(codes(result.tell)).toEqual(["tell-return-keep", "tell-return-free", "tell-return-certificate"]);
		expect(await registry.console.returned("R-1", request)).toMatchObject({ repeated: true });
		expect(await actions("R-1")).toEqual(["release returned"]);
		const { audit } = await registry.console.story("R-1");
		expect(audit[0]).toMatchObject({ action: "support.return", details: { note: "screen is broken" } });
	});
});

test("a finding's words hold every value that they name", () => {
	expect(finding("did-extend", { until: START }).text).toBe("The unlock was sent again: paid until 2026-06-01 12:00 UTC.");
});
