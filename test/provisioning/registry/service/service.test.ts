import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { decode } from "../../../../proto/codec.ts";
import { PayloadType, readEnvelope } from "../../../../proto/envelope.ts";
import { requestNumber } from "../../../../proto/request-number.ts";
import { wire } from "../../../../proto/wire.ts";
import { createAttestationStore } from "../../../../provisioning/registry/attestation/store.ts";
import { findAuditBreak } from "../../../../provisioning/registry/audit-log.ts";
import { createCheckInStore } from "../../../../provisioning/registry/check-in/check-in-store.ts";
import { createTechnicianClient, type TechnicianClient } from "../../../../provisioning/registry/clients/technician-client.ts";
import { createFleetWatch } from "../../../../provisioning/registry/fleet/fleet-watch.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import type { RegistryContext } from "../../../../provisioning/registry/registry-context.ts";
import { approveCase, askCase, refuseCase } from "../../../../provisioning/registry/service/cases.ts";
import { openServiceWindow } from "../../../../provisioning/registry/service/window.ts";
import { crypto, evidence, TestPhone } from "../test-phone.ts";
import {
	ADMIN_TOKEN,
	contractRequest,
	DAY,
	expectFault,
	nextImei,
	startTestRegistry,
	type TestRegistry,
} from "../test-registry.ts";

let registry: TestRegistry;
let client: TechnicianClient;
let technician: RegistryContext;
let agent: RegistryContext;
beforeAll(async () => {
	registry = await startTestRegistry();
	client = createTechnicianClient({ url: registry.url, adminToken: ADMIN_TOKEN });
	const keys = await openRoleSigners(registry.keysFolder, { insecureDev: true });
	const clock = { nowMs: () => registry.now * 1000 };
	const context = {
		database: registry.database,
		keys,
		clock,
		monotonicMs: registry.monotonicMs,
		fleet: createFleetWatch(registry.database, clock),
		checkIns: createCheckInStore(registry.database),
		attestation: createAttestationStore(registry.database, keys, crypto, clock),
		crypto,
		publicUrl: () => registry.url,
		isPaymentFeedStale: async () => false,
	};
	technician = { ...context, actor: `person/${"1".repeat(20)}` };
	agent = { ...context, actor: `person/${"2".repeat(20)}` };
}, 60_000);
afterAll(() => registry.close());

/** A phone that has taken its contract and reported so. */
async function enrolled(contractId: string, named = false): Promise<TestPhone> {
	const phone = new TestPhone();
	const { imei1, imei2 = "" } = phone.identity;
	await registry.admin.createContract(contractRequest(contractId, named ? { imeis: [imei1, imei2] } : {}));
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
	return phone;
}

/** The same phone after a repair. */
function changed(phone: TestPhone) {
	const imei1 = nextImei();
	const imei2 = nextImei();
	const { serial, model } = phone.identity;
	const handset = { imei1, imei2, serial, model };
	return { handset, oldImei: phone.identity.imei1, labelImeis: [imei2, imei1], reason: "IMEIs rewritten by the service centre" };
}

const actions = async (contractId: string) =>
	(
		await registry.database.kysely
			.selectFrom("audit_log")
			.select(["action", "actor"])
			.where("subject", "=", contractId)
			.orderBy("entry")
			.execute()
	).map(({ action, actor }) => `${action} by ${actor}`);

describe("a rebind", () => {
	test("moves the contract only when the phone itself, with the key that is known, says that it took it", async () => {
		const phone = await enrolled("R-1", true);
		const request = changed(phone);
		const asked = await askCase(technician, "R-1", { kind: "rebind", ...request });
		expect(await askCase(technician, "R-1", { kind: "rebind", ...request })).toEqual(asked);
		expect((await client.waitingCases()).map(({ caseId }) => caseId)).toContain(asked.caseId);
		await expect(approveCase(technician, asked.caseId)).rejects.toMatchObject({ code: "FORBIDDEN" });

		expect(await approveCase(agent, asked.caseId, "label seen")).toMatchObject({ state: "approved", decidedBy: agent.actor });
		// Until then nothing has moved, and both IMEIs are held.
		expect((await registry.admin.getContract("R-1")).enrollment).toMatchObject({ imei1: phone.identity.imei1 });
		for (const imei of [phone.identity.imei1, request.handset.imei1])
			expect(await registry.admin.imeiStatus(imei)).toEqual({ status: "financed" });

		const { orders } = phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		const envelope = orders.find(({ action }) => action === "rebind")?.rebind?.bindingEnvelope ?? new Uint8Array();
		const binding = decode(wire.Binding, readEnvelope(envelope, PayloadType.binding).payload);
		expect(binding).toMatchObject({ imei1: request.handset.imei1, imei2: request.handset.imei2, contractId: "R-1" });
		// Somebody else's key proves nothing.
		const stranger = new TestPhone().device;
		await expectFault(phone.checkIn({}, stranger).then(registry.port.relayCheckIn), "REGISTRY_REFUSED");

		await registry.port.relayCheckIn(await phone.checkIn());
		const contract = await registry.admin.getContract("R-1");
		expect(contract.enrollment).toMatchObject({ imei1: request.handset.imei1, imei2: request.handset.imei2 });
		expect(contract.imeis.toSorted()).toEqual(request.labelImeis.toSorted());
		expect(await registry.admin.imeiStatus(phone.identity.imei1)).toEqual({ status: "clear" });
		expect((await client.casesOf("R-1"))[0]).toMatchObject({ state: "done", caseId: asked.caseId });
		expect((await client.contractsOfImei(request.handset.imei1)).map(({ contractId }) => contractId)).toEqual(["R-1"]);
		expect(await actions("R-1")).toEqual(
			expect.arrayContaining([
				`service.rebind_asked by ${technician.actor}`,
				`service.rebind_approved by ${agent.actor}`,
				"enrollment.rebound by device",
			]),
		);
		expect(await findAuditBreak(registry.database.kysely, "R-1")).toBeUndefined();
	});

	test("takes codes under the new binding as under the old", async () => {
		const phone = await enrolled("R-2");
		const ask = (requestId: string) =>
			client.openServiceWindow("R-2", { hours: 2, requestNumber: requestNumber({ counter: 1, nonce: 123 }), requestId });
		const before = await ask("before");
		const { caseId } = await askCase(technician, "R-2", { kind: "rebind", ...changed(phone) });
		await approveCase(agent, caseId);
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		await registry.port.relayCheckIn(await phone.checkIn());
		expect((await client.casesOf("R-2"))[0]).toMatchObject({ state: "done" });
		expect((await ask("after")).code?.code).toBe(before.code?.code);
	});

	test("that the phone refuses leaves everything as it was", async () => {
		const phone = await enrolled("R-3");
		const request = changed(phone);
		const { caseId } = await askCase(technician, "R-3", { kind: "rebind", ...request });
		await approveCase(agent, caseId);
		const { orders } = phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		const order = orders.find(({ action }) => action === "rebind");
		const refused = {
			sequence: order?.sequence ?? 0,
			epoch: 1,
			result: wire.OrderResult.ORDER_RESULT_REFUSED,
			rule: "UNTRUSTED",
		};
		await registry.port.relayCheckIn(await phone.checkIn({ outcomes: [refused] }));
		expect((await client.casesOf("R-3"))[0]).toMatchObject({ state: "failed", rule: "UNTRUSTED" });
		expect((await registry.admin.getContract("R-3")).enrollment).toMatchObject({ imei1: phone.identity.imei1 });
		expect(await registry.admin.imeiStatus(request.handset.imei1)).toEqual({ status: "clear" });
		expect(await registry.admin.imeiStatus(phone.identity.imei1)).toEqual({ status: "financed" });
	});

	test("is refused for one scan that does not fit, and for a phone that another contract holds", async () => {
		const phone = await enrolled("R-4");
		const other = await enrolled("R-5");
		const request = changed(phone);
		const ask = (changes: object) => client.askRebind("R-4", { ...request, ...changes });
		await expectFault(ask({ oldImei: nextImei() }), "IMEI_MISMATCH");
		await expectFault(ask({ labelImeis: [request.handset.imei1] }), "IMEI_MISMATCH");
		await expectFault(ask({ labelImeis: [nextImei(), request.handset.imei1] }), "IMEI_MISMATCH");
		await expectFault(ask({ handset: { ...request.handset, imei1: "123456789012345" } }), "IMEI_INVALID");
		const { imei1, imei2 = "", serial, model } = phone.identity;
		await expectFault(ask({ handset: { imei1, imei2, serial, model }, labelImeis: [imei1, imei2] }), "REGISTRY_REFUSED");
		const taken = [other.identity.imei1, other.identity.imei2 ?? ""];
		const { caseId } = await ask({ handset: { ...request.handset, imei1: taken[0], imei2: taken[1] }, labelImeis: taken });
		await expectFault(client.approveCase(caseId), "IMEI_ON_OTHER_CONTRACT");
		expect((await client.casesOf("R-4"))[0]).toMatchObject({ state: "asked" });
		expect(await refuseCase(technician, caseId)).toMatchObject({ state: "refused" });
		await expectFault(client.approveCase(caseId), "REGISTRY_REFUSED");
	});

	test("that nobody finished in two weeks is over, and lets go of what it held", async () => {
		const phone = await enrolled("R-6");
		const request = changed(phone);
		const { caseId } = await askCase(technician, "R-6", { kind: "rebind", ...request });
		await approveCase(agent, caseId);
		registry.now += 15 * DAY;
		const again = await askCase(technician, "R-6", { kind: "rebind", ...changed(phone) });
		expect((await client.casesOf("R-6")).map(({ state }) => state)).toEqual(["asked", "expired"]);
		expect(await registry.admin.imeiStatus(request.handset.imei1)).toEqual({ status: "clear" });
		await refuseCase(technician, again.caseId);
	});
});

describe("an exchange", () => {
	test("takes the contract to a new phone with what is paid, and hears the old one no more", async () => {
		const old = await enrolled("X-1", true);
		await registry.admin.recordPayment("X-1", { reference: "P-1", amountMinor: 1000 });
		const { paidUntilUnixSeconds } = await registry.admin.getContract("X-1");
		const fresh = new TestPhone();
		const { imei1, imei2 = "", serial, model } = fresh.identity;
		const request = {
			handset: { imei1, imei2, serial, model },
			oldImei: old.identity.imei1,
			labelImeis: [imei1, imei2],
			reason: "new board",
		};
		await expectFault(registry.port.offerEnrollment("X-1", fresh.identity), "IMEI_MISMATCH");
		const { caseId } = await askCase(technician, "X-1", { kind: "exchange", oldPhone: "board_replaced", ...request });
		expect(await approveCase(agent, caseId)).toMatchObject({ state: "done" });

		expect(await registry.admin.imeiStatus(old.identity.imei1)).toEqual({ status: "clear" });
		expect(await registry.admin.imeiStatus(imei1)).toEqual({ status: "financed" });
		await expectFault(old.checkIn().then(registry.port.relayCheckIn), "REGISTRY_REFUSED");
		await expectFault(registry.port.offerEnrollment("X-1", old.identity), "IMEI_MISMATCH");

		const offer = await registry.port.offerEnrollment("X-1", fresh.identity);
		await registry.port.confirmEnrollment(offer.enrollmentId, await fresh.bind(offer), evidence("X-1"));
		const { orders } = fresh.takeReply(await registry.port.relayCheckIn(await fresh.checkIn()));
		expect(orders.at(-1)?.extend).toMatchObject({ paidUntilUnixSeconds });
		expect((await registry.admin.getContract("X-1")).enrollment).toMatchObject({ imei1, state: "sealed" });
	});
});

describe("a return", () => {
	test("ends the contract when somebody else has seen it, and frees the phone", async () => {
		const phone = await enrolled("B-1");
		const tail = phone.identity.imei1.slice(-4);
		await expectFault(
			client.askReturn("B-1", { imeiTail: tail === "0000" ? "1111" : "0000", reference: "B-1", reason: "back" }),
			"IMEI_MISMATCH",
		);
		const { caseId } = await askCase(technician, "B-1", {
			kind: "return",
			imeiTail: tail,
			reference: "RMA-1",
			reason: "came back",
		});
		await expectFault(registry.port.grantRelease("B-1"), "PAYOFF_NOT_PROVEN");
		await approveCase(agent, caseId);
		expect(await registry.admin.getContract("B-1")).toMatchObject({ state: "returned", payoffReference: "RMA-1" });
		const { certificateId } = await registry.port.grantRelease("B-1");
		expect(await client.certificate(certificateId)).toMatchObject({ contractEndedAs: "returned", phone: "not_reported" });
	});
});

test("a service window comes as an order on a running or an ended contract, until the phone is free", async () => {
	const phone = await enrolled("W-1");
	const opened = await openServiceWindow(technician, "W-1", { hours: 4 });
	expect(opened.order).toMatchObject({ action: "service_window", state: "pending" });
	expect(opened.lastCheckInUnixSeconds).toBe(registry.now);
	await registry.admin.payOff("W-1", { reference: "done" });
	expect((await client.openServiceWindow("W-1", { hours: 1 })).order?.state).toBe("pending");
	expect(await actions("W-1")).toContain(`order.issued by ${technician.actor}`);
	await expectFault(client.openServiceWindow("W-1", { hours: 1, requestNumber: "0000-0001" }), "REGISTRY_REFUSED", {
		reason: "CODE_REFUSED",
	});
	void phone;
});

test("help with a forgotten screen lock is written down, and changes nothing", async () => {
	await enrolled("L-1");
	const before = await registry.admin.getContract("L-1");
	const help = await client.logScreenLockHelp("L-1", { identityBy: "id_document", note: "will erase the phone" });
	expect(help).toMatchObject({ contractId: "L-1", paidUntilUnixSeconds: before.paidUntilUnixSeconds });
	expect(await registry.admin.getContract("L-1")).toEqual(before);
	expect(await actions("L-1")).toContain("service.screen_lock_help by admin");
	await expectFault(client.logScreenLockHelp("L-0", { identityBy: "id_document", note: "?" }), "CONTRACT_UNKNOWN");
});

test("what a release was seen to change is kept in the audit log, for a contract that has ended alone", async () => {
	await enrolled("S-1");
	const report = { health: [{ name: "battery", verdict: "moves" }], sheet: [{ name: "owner", verdict: "good", detail: "none" }] };
	await expectFault(client.keepReleaseReport("S-1", report), "PAYOFF_NOT_PROVEN");
	await registry.admin.payOff("S-1", { reference: "done" });
	await client.keepReleaseReport("S-1", report);
	expect(await actions("S-1")).toContain("release.seen by admin");
});
