import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { equalBytes } from "../../../../proto/codec.ts";
import type { wire } from "../../../../proto/wire.ts";
import { makeKey } from "../../../../provisioning/registry/keys/key-file.ts";
import { crypto, evidence, TestPhone } from "../test-phone.ts";
import { contractRequest, DAY, expectFault, nextImei, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

async function enrolled(contractId: string, phone = new TestPhone()) {
	await registry.admin.createContract(contractRequest(contractId));
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	const receipt = await phone.bind(offer);
	const status = await registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence(contractId));
	return { phone, offer, receipt, status };
}

describe("an offer", () => {
	test("is a binding that the phone accepts, with the terms and consent it names", async () => {
		await registry.admin.createContract(contractRequest("O-1"));
		const phone = new TestPhone();
		const offer = await registry.port.offerEnrollment("O-1", phone.identity);
		await phone.bind(offer);
		expect(offer.state).toBe("offered");
		expect((await registry.admin.getContract("O-1")).deviceId).toBe(offer.deviceId);
	});

	test("is the same, byte for byte, when the same handset asks again, whichever SIM comes first", async () => {
		await registry.admin.createContract(contractRequest("O-2"));
		const phone = new TestPhone();
		const { imei1, imei2 = imei1, ...rest } = phone.identity;
		const first = await registry.port.offerEnrollment("O-2", phone.identity);
		const again = await registry.port.offerEnrollment("O-2", { ...rest, imei1: imei2, imei2: imei1 });
		expect(again).toEqual(first);
	});

	test("is made anew when it expired before any receipt came, and a receipt for the old one still counts", async () => {
		await registry.admin.createContract(contractRequest("O-3"));
		const phone = new TestPhone();
		const first = await registry.port.offerEnrollment("O-3", phone.identity);
		registry.now += 8 * DAY;
		const second = await registry.port.offerEnrollment("O-3", phone.identity);
		registry.now = START;
		expect(second.enrollmentId).toBe(first.enrollmentId);
		expect(equalBytes(second.bindingEnvelope, first.bindingEnvelope)).toBe(false);
		const status = await registry.port.confirmEnrollment(first.enrollmentId, await phone.bind(first), evidence("O-3"));
		expect(status.state).toBe("confirmed");
		expect((await registry.port.offerEnrollment("O-3", phone.identity)).bindingEnvelope).toEqual(first.bindingEnvelope);
	});

	test("stays the same for ever once it was confirmed", async () => {
		const { phone, offer } = await enrolled("O-4");
		registry.now += 300 * DAY;
		const later = await registry.port.offerEnrollment("O-4", phone.identity);
		registry.now = START;
		expect(later).toEqual({ ...offer, state: "confirmed" });
	});

	test("is refused for an unknown, a closed and a foreign contract, each by its name", async () => {
		await expectFault(registry.port.offerEnrollment("none", new TestPhone().identity), "CONTRACT_UNKNOWN");
		await registry.admin.createContract(contractRequest("O-5"));
		await registry.admin.payOff("O-5", { reference: "paid-in-shop" });
		await expectFault(registry.port.offerEnrollment("O-5", new TestPhone().identity), "CONTRACT_CLOSED");
		await enrolled("O-6");
		await expectFault(registry.port.offerEnrollment("O-6", new TestPhone().identity), "CONTRACT_BOUND_ELSEWHERE", {
			state: "confirmed",
		});
	});

	test("is refused for a handset that is on another running contract, and given once that one is paid off", async () => {
		const { phone } = await enrolled("O-7");
		await registry.admin.createContract(contractRequest("O-8"));
		await expectFault(registry.port.offerEnrollment("O-8", phone.identity), "IMEI_ON_OTHER_CONTRACT");
		await registry.admin.payOff("O-7", { reference: "r" });
		await expect(registry.port.offerEnrollment("O-8", phone.identity)).resolves.toMatchObject({ contractId: "O-8" });
	});

	test("goes only to the phone that the contract names, by either IMEI", async () => {
		const [a, b] = [nextImei(), nextImei()];
		await registry.admin.createContract(contractRequest("O-9", { imeis: [b] }));
		await expectFault(registry.port.offerEnrollment("O-9", new TestPhone().identity), "IMEI_MISMATCH");
		await expect(registry.port.offerEnrollment("O-9", new TestPhone([a, b]).identity)).resolves.toBeDefined();
		const [c, d] = [nextImei(), nextImei()];
		await registry.admin.createContract(contractRequest("O-10", { imeis: [c, d] }));
		await expectFault(registry.port.offerEnrollment("O-10", new TestPhone([c, nextImei()]).identity), "IMEI_MISMATCH");
		await expect(registry.port.offerEnrollment("O-10", new TestPhone([d, c]).identity)).resolves.toBeDefined();
	});

	test("is refused for an IMEI with a wrong check digit", async () => {
		await registry.admin.createContract(contractRequest("O-11"));
		const imei = nextImei();
		const wrong = imei.slice(0, 14) + ((Number(imei[14]) + 1) % 10);
		await expectFault(registry.port.offerEnrollment("O-11", new TestPhone([wrong]).identity), "IMEI_INVALID");
	});

	test("can be withdrawn while unconfirmed, and then goes to another handset", async () => {
		await registry.admin.createContract(contractRequest("O-12"));
		const [first, second] = [new TestPhone(), new TestPhone()];
		const offer = await registry.port.offerEnrollment("O-12", first.identity);
		await expectFault(registry.port.offerEnrollment("O-12", second.identity), "CONTRACT_BOUND_ELSEWHERE", {
			enrollmentId: offer.enrollmentId,
		});
		await registry.admin.withdrawEnrollment(offer.enrollmentId);
		expect(await registry.admin.imeiStatus(first.identity.imei1)).toEqual({ status: "clear" });
		const next = await registry.port.offerEnrollment("O-12", second.identity);
		expect(next.enrollmentId).not.toBe(offer.enrollmentId);
		const late = registry.port.confirmEnrollment(offer.enrollmentId, await first.bind(offer), evidence("O-12"));
		await expectFault(late, "REGISTRY_REFUSED", { reason: "NOT_FOUND" });
		const confirmed = await enrolled("O-13");
		await expectFault(registry.admin.withdrawEnrollment(confirmed.offer.enrollmentId), "REGISTRY_REFUSED", {
			reason: "CONFLICT",
		});
	});
});

describe("a receipt", () => {
	test("confirms, and the same one again changes nothing", async () => {
		const { offer, receipt, status } = await enrolled("R-1");
		expect(status).toMatchObject({ state: "confirmed", contractId: "R-1" });
		expect(await registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence("R-1"))).toEqual(status);
		expect(await registry.port.enrollmentOf("R-1")).toEqual(status);
	});

	test("is refused unless signed by the key it names, for this binding and this handset", async () => {
		await registry.admin.createContract(contractRequest("R-2"));
		const phone = new TestPhone();
		const offer = await registry.port.offerEnrollment("R-2", phone.identity);
		const send = async (changes: wire.BindingReceipt.$Properties, signer = phone.device) =>
			registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer, changes, signer), evidence("R-2"));
		await expectFault(send({}, makeKey(crypto).signer), "RECEIPT_INVALID");
		await expectFault(send({ bindingSha256: new Uint8Array(32) }), "RECEIPT_INVALID");
		await expectFault(send({ deviceId: "0".repeat(32) }), "RECEIPT_INVALID");
		await expectFault(send({ imeis: [phone.identity.imei1] }), "IMEI_MISMATCH");
		await expectFault(send({ serial: "another" }), "IMEI_MISMATCH");
		await expectFault(
			registry.port.confirmEnrollment(offer.enrollmentId, new Uint8Array([1, 2, 3]), evidence("R-2")),
			"RECEIPT_INVALID",
		);
		expect((await registry.port.enrollmentOf("R-2"))?.state).toBe("offered");
	});

	test("of the same handset with a new key, after a factory reset, starts its counters anew and restores paid-until", async () => {
		const { phone, offer } = await enrolled("R-3");
		await registry.admin.recordPayment("R-3", { reference: "p1", amountMinor: 1000 });
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		await registry.port.relayCheckIn(await phone.checkIn());

		const reset = new TestPhone([phone.identity.imei1, phone.identity.imei2 ?? ""]);
		const status = await registry.port.confirmEnrollment(offer.enrollmentId, await reset.bind(offer), evidence("R-3"));
		expect(status.state).toBe("confirmed");
		const { orders } = reset.takeReply(await registry.port.relayCheckIn(await reset.checkIn()));
		expect(orders.map((order) => order.extend?.paidUntilUnixSeconds)).toEqual([START + 60 * DAY]);
		await expectFault(registry.port.relayCheckIn(await phone.checkIn()), "REGISTRY_REFUSED", { reason: "CHECK_IN_REFUSED" });
	});
});

describe("an IMEI's status", () => {
	test("is unknown, financed while a contract runs, and clear after it", async () => {
		const { phone } = await enrolled("I-1");
		const { imei1, imei2 = "" } = phone.identity;
		expect(await registry.admin.imeiStatus(nextImei())).toEqual({ status: "unknown" });
		expect(await registry.admin.imeiStatus(imei2)).toEqual({ status: "financed" });
		await registry.admin.payOff("I-1", { reference: "r" });
		expect(await registry.admin.imeiStatus(imei1)).toEqual({ status: "clear" });
	});
});

describe("of many at the same moment", () => {
	test("exactly one contract gets a handset", async () => {
		const phone = new TestPhone();
		const contracts = Array.from({ length: 12 }, (_, index) => `RACE-A-${index}`);
		for (const contractId of contracts) await registry.admin.createContract(contractRequest(contractId));
		const results = await Promise.allSettled(
			contracts.map((contractId) => registry.port.offerEnrollment(contractId, phone.identity)),
		);
		const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason.fault.code] : []));
		expect(refused).toEqual(Array(11).fill("IMEI_ON_OTHER_CONTRACT"));
	});

	test("exactly one handset gets a contract, and all its askers the same binding", async () => {
		await registry.admin.createContract(contractRequest("RACE-B"));
		const phones = Array.from({ length: 6 }, () => new TestPhone());
		const asks = phones.flatMap((phone) => [phone, phone]);
		const results = await Promise.allSettled(asks.map((phone) => registry.port.offerEnrollment("RACE-B", phone.identity)));
		const given = results.flatMap((result) => (result.status === "fulfilled" ? [String(result.value.bindingEnvelope)] : []));
		expect(given).toHaveLength(2);
		expect(new Set(given).size).toBe(1);
	});

	test("each order has its own sequence, without a gap", async () => {
		await registry.admin.createContract(contractRequest("RACE-C"));
		await Promise.all(
			Array.from({ length: 40 }, () => registry.admin.issueOrder("RACE-C", { action: "restore", reason: "goodwill" })),
		);
		const orders = await registry.admin.listOrders("RACE-C");
		expect(orders.map((order) => order.sequence)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
	});
});
