import { beforeEach, describe, expect, test } from "vitest";
import { keyidOf } from "../../../proto/crypto.ts";
import { accept, PayloadType } from "../../../proto/envelope.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, readCheckIn, TestLender } from "../test-lender.ts";
import { boundPhone, TestPhone } from "../test-phone.ts";

let lender: TestLender;
let phone: TestPhone;
beforeEach(async () => {
	lender = await TestLender.create();
	phone = await boundPhone(lender);
});

describe("a check-in", () => {
	test("is signed by the device key and says what holds, and nothing personal (F9)", () => {
		const envelope = phone.startCheckIn();
		const key = { keyid: keyidOf(nobleCrypto, phone.key.publicKey), point: phone.key.publicKey };
		const { message } = accept(nobleCrypto, wire.CheckIn, PayloadType.checkIn, envelope, [key]);
		expect(message).toMatchObject({
			deviceId: lender.deviceId,
			contractId: "C-1001",
			epoch: 1,
			keySetVersion: 1,
			agentVersion: "1.0.0",
		});
		expect(message.status).toMatchObject({ standing: wire.Standing.STANDING_UNLOCKED, postureApplied: true, sealed: false });
		expect(message.nonce).toHaveLength(16);
		expect(message.logHead).toHaveLength(32);
	});

	test("counts up, and never uses a nonce twice", () => {
		const some = [1, 2, 3].map(() => readCheckIn(phone.startCheckIn()));
		const counters = some.map(({ counter }) => counter);
		expect(counters).toEqual([...counters].sort((a, b) => a - b));
		expect(new Set(counters).size).toBe(3);
		expect(new Set(some.map(({ nonce }) => String(nonce))).size).toBe(3);
	});

	test("names the controls that did not hold", () => {
		phone.drift = ["factoryReset", "safeMode"];
		phone.reboot();
		expect(readCheckIn(phone.startCheckIn()).status).toMatchObject({
			postureApplied: false,
			postureDrift: ["factoryReset", "safeMode"],
		});
	});

	test("is carried by the host when it is due, once, until it is answered", async () => {
		phone.jump(7 * HOUR);
		const { checkIn } = phone.effects;
		expect(checkIn?.url).toBe("https://lender.example/api/v1/device/check-in");
		phone.jump(60);
		expect(phone.effects.checkIn).toEqual(checkIn);
		const replyEnvelope = await lender.reply(checkIn?.envelope ?? new Uint8Array(), Math.floor(phone.unixSeconds));
		phone.send({ reply: { replyEnvelope } });
		expect(phone.effects.checkIn).toBeNull();
		expect(phone.effects.alarm?.atElapsedMs).toBeGreaterThan(phone.elapsedMs);
	});

	test("that failed is made again after a while that doubles, up to six hours", () => {
		phone.jump(7 * HOUR);
		const waits: number[] = [];
		for (let attempt = 0; attempt < 12; attempt += 1) {
			const counter = phone.effects.checkIn?.counter ?? 0;
			phone.send({ checkInFailed: { counter } });
			const { contact, time } = phone.ledger;
			waits.push((contact.nextAtPoweredOnMs - time.poweredOnMs) / 60_000);
			phone.jump((contact.nextAtPoweredOnMs - time.poweredOnMs) / 1000);
		}
		expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
	});

	test("is made at once when the borrower asks, and not twice at a time", () => {
		const before = phone.ledger.contact.counter;
		phone.send({ checkNow: {} });
		phone.send({ checkNow: {} });
		expect(phone.ledger.contact.counter).toBe(before + 1);
		expect(phone.effects.checkIn?.counter).toBe(before + 1);
	});

	test("under way survives a boot", () => {
		phone.send({ checkNow: {} });
		const { checkIn } = phone.effects;
		phone.reboot();
		expect(phone.effects.checkIn).toEqual(checkIn);
	});

	test("tells of the seal at once, when debugging was read back as off", () => {
		phone.cable({ seal: {} });
		const { checkIn } = phone.effects;
		expect(readCheckIn(checkIn?.envelope ?? new Uint8Array()).status).toMatchObject({ sealed: true, postureApplied: true });
	});

	test("follows a change of standing within about a minute", () => {
		phone.pass(10 * DAY + 600);
		expect(phone.standing).toBe("LOCKED_LIMITED");
		expect(phone.effects.checkIn).toBeTruthy();
	});
});

describe("an answer is not accepted", () => {
	type Reply = NonNullable<Parameters<TestLender["reply"]>[2]>;
	const cases: [string, Reply | (() => Reply)][] = [
		["for another device (F15)", { deviceId: "0".repeat(32) }],
		["for another contract (F15)", { contractId: "C-2" }],
		["with another nonce", { nonce: new Uint8Array(16) }],
		["with another counter", { counter: 999 }],
		["signed by the command role", () => ({ signers: lender.keys.command })],
		["signed by the release role", () => ({ signers: lender.keys.release })],
		["of a time after the heartbeat role's end", { serverTimeUnixSeconds: EPOCH + 800 * DAY }],
	];
	test.each(cases)("%s", async (_name, changes) => {
		const before = phone.ledger;
		const { refused } = await phone.checkIn(lender, typeof changes === "function" ? changes() : changes);
		expect(refused?.code).toBe("REPLY_REFUSED");
		expect(phone.ledger.time.signedUnixSeconds).toBe(before.time.signedUnixSeconds);
		expect(phone.ledger.contact.lastReplyUnixSeconds).toBe(before.contact.lastReplyUnixSeconds);
	});

	test("twice", async () => {
		const replyEnvelope = await lender.reply(phone.startCheckIn(), EPOCH + 60);
		expect(phone.cable({ finishCheckIn: { replyEnvelope } }).outcome).toBeTruthy();
		expect(phone.cable({ finishCheckIn: { replyEnvelope } }).refused?.code).toBe("REPLY_REFUSED");
	});

	test("that is garbage, and then it is the same as none: the host tries again later", () => {
		phone.send({ checkNow: {} });
		phone.send({ reply: { replyEnvelope: new Uint8Array([1, 2, 3]) } });
		expect(phone.faults.at(-1)).toContain("REPLY_REFUSED");
		expect(phone.effects.checkIn).toBeNull();
		expect(phone.ledger.contact.failures).toBe(1);
	});

	test("and its orders are not looked at", async () => {
		const order = await lender.order({ extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
		await phone.checkIn(lender, { nonce: new Uint8Array(16), orderEnvelopes: [order] });
		expect(phone.ledger.contract?.paidUntilUnixSeconds).toBe(EPOCH + 30 * DAY);
	});
});

describe("the first answer", () => {
	test("confirms the binding, and its time is the phone's trusted time", async () => {
		const fresh = new TestPhone();
		fresh.facts();
		fresh.cable({ bind: await lender.bind() });
		expect(fresh.ledger.contract?.confirmed).toBe(false);
		await fresh.checkIn(lender, { serverTimeUnixSeconds: EPOCH + 500 });
		expect(fresh.ledger.contract?.confirmed).toBe(true);
		const identity = fresh.cable({ hello: { challenge: new Uint8Array(16) } }).identity;
		expect(identity?.status?.trustedTimeUnixSeconds).toBe(EPOCH + 500);
	});

	test("a time earlier than the phone's own moves nothing back", async () => {
		phone.jump(2 * DAY);
		await phone.checkIn(lender, { serverTimeUnixSeconds: EPOCH });
		const identity = phone.cable({ hello: { challenge: new Uint8Array(16) } }).identity;
		expect(identity?.status?.trustedTimeUnixSeconds).toBe(EPOCH + 2 * DAY);
	});
});
