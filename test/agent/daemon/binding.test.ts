import { describe, expect, test } from "vitest";

import { decode, encode } from "../../../proto/codec.ts";
import { PayloadType, preAuthenticationEncoding } from "../../../proto/envelope.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { acceptReceipt } from "../../../proto/receipt.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, IMEI1, IMEI2, TestLender, termsOf } from "../test-lender.ts";
import { boundPhone, TestPhone } from "../test-phone.ts";
import { createTestSigner } from "../test-signer.ts";

type BindChanges = NonNullable<Parameters<TestLender["bind"]>[0]>;

function newPhone(): TestPhone {
	const phone = new TestPhone();
	phone.send({ started: {} });
	phone.facts();
	return phone;
}

async function tryBind(lender: TestLender, changes: BindChanges = {}, phone = newPhone()) {
	const reply = phone.cable({ bind: await lender.bind(changes) });
	return { phone, reply, code: reply.refused?.code };
}

describe("binding", () => {
	test("gives a receipt that the new device key signed, over exactly this binding", async () => {
		const lender = await TestLender.create();
		const { phone, reply } = await tryBind(lender);
		const receipt = acceptReceipt(nobleCrypto, reply.bindingAccepted?.receiptEnvelope ?? new Uint8Array());
		expect(receipt).toMatchObject({ deviceId: lender.deviceId, contractId: "C-1001", imeis: [IMEI1, IMEI2], serial: "SERIAL1" });
		expect(receipt.devicePublicKey).toEqual(phone.key.publicKey);
		expect(phone.standing).toBe("UNLOCKED");
	});

	test("the same binding again gives the same receipt, before and after it was confirmed", async () => {
		const lender = await TestLender.create();
		const bind = await lender.bind();
		const phone = newPhone();
		const first = phone.cable({ bind }).bindingAccepted;
		expect(phone.cable({ bind }).bindingAccepted).toEqual(first);
		await phone.checkIn(lender);
		expect(phone.ledger.contract?.receiptEnvelope).toHaveLength(0);
		expect(phone.cable({ bind }).bindingAccepted).toEqual(first);
	});

	test("IMEIs may come in either order", async () => {
		const { reply } = await tryBind(await TestLender.create(), { imei1: IMEI2, imei2: IMEI1 });
		expect(reply.bindingAccepted).toBeTruthy();
	});

	const refusals: [string, BindChanges, string][] = [
		["of another handset", { imei1: "490154203237518" }, "IMEI_MISMATCH"],
		["of one IMEI only", { imei2: "" }, "IMEI_MISMATCH"],
		["naming one IMEI twice", { imei2: IMEI1 }, "IMEI_MISMATCH"],
		["with an IMEI that fails its check digit", { imei1: "866907051234565" }, "BINDING_REFUSED"],
		["of another serial", { serial: "OTHER" }, "SERIAL_MISMATCH"],
		["that is expired on arrival", { expiresAtUnixSeconds: EPOCH }, "BINDING_EXPIRED"],
		["of another lender", { lenderId: "lender-2" }, "BINDING_REFUSED"],
		["for another key set", { keySetVersion: 2 }, "BINDING_REFUSED"],
		["for another epoch", { epoch: 2 }, "BINDING_REFUSED"],
		["naming other terms", { termsSha256: new Uint8Array(32) }, "TERMS_MISMATCH"],
		["of another contract", { contractId: "C-9" }, "TERMS_MISMATCH"],
		["naming another consent", { consentSha256: new Uint8Array(32) }, "CONSENT_MISMATCH"],
		["with a malformed device id", { deviceId: "phone" }, "BINDING_REFUSED"],
		["without a nonce", { nonce: new Uint8Array() }, "BINDING_REFUSED"],
	];
	test.each(refusals)("a binding %s is refused, and nothing is bound", async (_name, changes, code) => {
		const { phone, code: got } = await tryBind(await TestLender.create(), changes);
		expect(got).toBe(code);
		expect(phone.standing).toBe("UNBOUND");
		expect(phone.ledger.pendingBinding).toBeUndefined();
	});

	test.each(["root", "command", "heartbeat", "release"] as const)("the %s role may not sign one", async (role) => {
		const lender = await TestLender.create();
		const { code } = await tryBind(lender, { signers: lender.keys[role].slice(0, 2) });
		expect(code).toBe("BINDING_REFUSED");
	});

	test("a stranger's signature is none", async () => {
		const { code } = await tryBind(await TestLender.create(), { signers: [createTestSigner()] });
		expect(code).toBe("BINDING_REFUSED");
	});

	const consents: [string, Partial<wire.Consent.$Properties>][] = [
		["to other terms (F10)", { termsSha256: new Uint8Array(32) }],
		["in a language the terms do not name (F10)", { language: "hi" }],
		["that does not say how it was given", { method: wire.ConsentMethod.CONSENT_METHOD_UNSPECIFIED }],
	];
	test.each(consents)("a consent %s is refused", async (_name, changes) => {
		const lender = await TestLender.create();
		const { code } = await tryBind(lender, { consent: lender.consent(changes) });
		expect(code).toBe("CONSENT_MISMATCH");
	});

	test("terms below the floor are refused by their F-numbers", async () => {
		const { reply } = await tryBind(await TestLender.create(termsOf({ jurisdiction: "IN" })));
		expect(reply.refused).toMatchObject({ code: "TERMS_BELOW_FLOOR", detail: expect.stringContaining("F4") });
	});

	test("terms that make no sense are refused", async () => {
		expect((await tryBind(await TestLender.create(termsOf({ instalments: [] })))).code).toBe("TERMS_INVALID");
	});

	test("key sets that do not follow from each other are refused", async () => {
		const lender = await TestLender.create();
		const bind = await lender.bind();
		const other = await TestLender.create();
		other.version = 2;
		const phone = newPhone();
		const keySetEnvelopes = [...bind.keySetEnvelopes, await other.keySetEnvelope()];
		expect(phone.cable({ bind: { ...bind, keySetEnvelopes } }).refused?.code).toBe("KEY_SETS_REFUSED");
		expect(phone.cable({ bind: { ...bind, keySetEnvelopes: [] } }).refused?.code).toBe("KEY_SETS_REFUSED");
	});

	test("a chain of key sets is followed", async () => {
		const lender = await TestLender.create();
		await lender.rotate(["command", "root"]);
		await lender.rotate(["enroll"]);
		expect((await tryBind(lender)).reply.bindingAccepted).toBeTruthy();
	});

	test("an agent that is not device owner takes no contract", async () => {
		const phone = new TestPhone();
		phone.deviceOwner = false;
		phone.facts();
		expect((await tryBind(await TestLender.create(), {}, phone)).code).toBe("NOT_DEVICE_OWNER");
	});

	test("a bound phone takes no other binding, of whatever lender", async () => {
		const phone = await boundPhone(await TestLender.create());
		expect((await tryBind(await TestLender.create(), {}, phone)).code).toBe("BOUND_ELSEWHERE");
	});

	test("a receipt that the device key did not sign binds nothing", async () => {
		const lender = await TestLender.create();
		const phone = newPhone();
		const { makeDeviceKey } = phone.once({ cable: { request: encode(wire.CableRequest, { bind: await lender.bind() }) } });
		const challenge = makeDeviceKey?.challenge ?? new Uint8Array();
		const made = phone.once({ deviceKeyMade: { challenge, publicKey: phone.key.publicKey, attestationChain: [] } });
		const { requestId, toSign } = made.sign[0] ?? { requestId: 0, toSign: new Uint8Array() };
		const after = phone.once({ signed: { requestId, signature: createTestSigner().signNow(toSign) } });
		expect(decode(wire.CableReply, after.cableReply).refused?.code).toBe("DEVICE_KEY_FAILED");
		expect(phone.standing).toBe("UNBOUND");
	});

	test("a keystore that fails is told to the cable, and nothing is bound", async () => {
		const lender = await TestLender.create();
		const phone = newPhone();
		phone.once({ cable: { request: encode(wire.CableRequest, { bind: await lender.bind() }) } });
		const failed = phone.once({ hostFailed: { part: wire.HostPart.HOST_PART_DEVICE_KEY } });
		expect(decode(wire.CableReply, failed.cableReply).refused?.code).toBe("DEVICE_KEY_FAILED");
		expect(phone.ledger.pendingBinding).toBeUndefined();
	});

	test("a boot in the middle of binding leaves the phone unbound, and binding again completes", async () => {
		const lender = await TestLender.create();
		const phone = newPhone();
		const bind = await lender.bind();
		phone.once({ cable: { request: encode(wire.CableRequest, { bind }) } });
		phone.reboot();
		expect(phone.standing).toBe("UNBOUND");
		expect(phone.cable({ bind }).bindingAccepted).toBeTruthy();
	});

	test("an unconfirmed binding restricts no use and cannot be sealed, and frees the phone after its time", async () => {
		const lender = await TestLender.create();
		const { phone } = await tryBind(lender);
		expect(phone.cable({ seal: {} }).refused?.code).toBe("NOT_CONFIRMED");
		phone.pass(14 * DAY - 2 * HOUR);
		expect(phone.standing).toBe("UNLOCKED");
		phone.pass(3 * HOUR);
		expect(phone.standing).toBe("RELEASED");
		expect(phone.restricted).toEqual([]);
	});
});

describe("the cable", () => {
	test("Hello of an unbound phone names the handset and signs nothing", () => {
		const identity = newPhone().cable({ hello: { challenge: new Uint8Array(16) } }).identity;
		expect(identity).toMatchObject({
			imeis: [IMEI1, IMEI2],
			serial: "SERIAL1",
			deviceOwner: true,
			deviceId: "",
			confirmed: false,
		});
		expect(identity?.challengeSignature).toHaveLength(0);
	});

	test("Hello of a bound phone proves the device key over the challenge", async () => {
		const phone = await boundPhone(await TestLender.create());
		const challenge = new Uint8Array(16).fill(3);
		const identity = phone.cable({ hello: { challenge } }).identity;
		const signed = preAuthenticationEncoding(PayloadType.hello, challenge);
		expect(nobleCrypto.verifyP256(phone.key.publicKey, signed, identity?.challengeSignature ?? new Uint8Array())).toBe(true);
		expect(identity?.confirmed).toBe(true);
	});

	test("seals once confirmed; a service window opens debugging for its time, and no longer", async () => {
		const lender = await TestLender.create();
		const phone = await boundPhone(lender);
		expect(phone.restricted).not.toContain("debugging");
		expect(phone.cable({ seal: {} }).outcome?.status).toMatchObject({ sealed: true, serviceOpen: false });
		expect(phone.restricted).toContain("debugging");
		const now = Math.floor(phone.unixSeconds);
		const serviceWindow = { opensAtUnixSeconds: now + HOUR, closesAtUnixSeconds: now + 3 * HOUR };
		await phone.deliver(lender, { serviceWindow });
		expect(phone.restricted).toContain("debugging");
		phone.pass(HOUR + 1);
		expect(phone.restricted).not.toContain("debugging");
		phone.pass(2 * HOUR);
		expect(phone.restricted).toContain("debugging");
	});

	test.each([
		["no request", encode(wire.CableRequest, {})],
		["garbage", new Uint8Array([255, 1, 2])],
		["a challenge of the wrong length", encode(wire.CableRequest, { hello: { challenge: new Uint8Array(4) } })],
	])("%s is MALFORMED", (_name, request) => {
		const reply = decode(wire.CableReply, newPhone().send({ cable: { request } }).cableReply);
		expect(reply.refused?.code).toBe("MALFORMED");
	});

	test.each([
		["startCheckIn", { startCheckIn: {} }] as const,
		["seal", { seal: {} }] as const,
		["orders", { deliverOrders: {} }] as const,
	])("%s of an unbound phone is NOT_BOUND", (_name, request) =>
		expect(newPhone().cable(request).refused?.code).toBe("NOT_BOUND"),
	);
});
