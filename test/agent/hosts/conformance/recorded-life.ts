import { closeLedger, frameState } from "../../../../agent/daemon/ledger-file.ts";
import { encode } from "../../../../proto/codec.ts";
import { nobleCrypto } from "../../../../proto/noble-crypto.ts";
import { releaseDigest, writeReleaseCode } from "../../../../proto/release-code.ts";
import { readRequestNumber } from "../../../../proto/request-number.ts";
import { type TimeCodeKind, timeCodeSecret, writeTimeCode } from "../../../../proto/time-code.ts";
import { wire } from "../../../../proto/wire.ts";
import { seededRandom } from "../../../e2e/seeded-random.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../../test-lender.ts";
import { boundPhone, TestPhone } from "../../test-phone.ts";
import { Recorder } from "./vectors.ts";

const CONTRACT = "C-1001";
const RELEASE_SECRET = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
const SHUFFLED_CALLS = 150;
const DAMAGED_CALLS = 80;

/**
 * A few hundred calls of the real daemon: everything that may happen to a phone from before its binding to after its release, and then
 * what should not, ledgers and events that do not belong together, and damaged ones. The story is the same each time; keys, and so
 * signatures, are new.
 */
export async function recordedLife(): Promise<Recorder> {
	const recorder = new Recorder();
	unbound(recorder);
	await aContract(recorder);
	await lateAndOffline(recorder);
	await releasedByCode(recorder);
	const lived = [...recorder.calls];
	const random = seededRandom(20_260_601);
	const pick = () => lived[Math.floor(random() * lived.length)] ?? lived[0];
	for (let count = 0; count < SHUFFLED_CALLS; count += 1) {
		recorder.daemon.handle(pick()?.ledger ?? new Uint8Array(), pick()?.event ?? new Uint8Array());
	}
	for (let count = 0; count < DAMAGED_CALLS; count += 1) {
		const { ledger, event } = pick() ?? { ledger: new Uint8Array(), event: new Uint8Array() };
		const hurt = count % 2 === 0;
		recorder.daemon.handle(hurt ? damaged(ledger, random) : ledger, hurt ? event : damaged(event, random));
	}
	return recorder;
}

/** A byte changed, bytes left out at the end, or a few too many. */
function damaged(bytes: Uint8Array, random: () => number): Uint8Array {
	const at = Math.floor(random() * bytes.length);
	const way = random();
	if (way < 0.2) return bytes.slice(0, at);
	if (way < 0.3) return Uint8Array.from([...bytes, 8, 1]);
	return bytes.map((byte, index) => (index === at ? byte ^ (1 << Math.floor(random() * 8)) : byte));
}

function unbound({ daemon }: Recorder): void {
	for (let length = 0; length < 20; length += 1) {
		const bytes = Uint8Array.from({ length }, (_, index) => (index * 151 + length * 37) & 255);
		daemon.handle(bytes, bytes);
		daemon.handle(new Uint8Array(), bytes);
	}
	const phone = new TestPhone(daemon);
	phone.send({ started: {} });
	phone.send({ tick: {} });
	phone.facts();
	phone.send({ passTaken: {} });
	phone.send({ codeEntered: { code: "1234567890123" } });
	phone.cable({ hello: { challenge: new Uint8Array(16).fill(3) } });
	phone.cable({ startCheckIn: {} });
	phone.cable({ seal: {} });
	phone.send({ cable: { request: Uint8Array.of(255, 255) } });
	phone.send({ recordWanted: {} });
}

/** Paid late each time, and every question and answer on the way. */
async function aContract({ daemon }: Recorder): Promise<void> {
	const lender = await TestLender.create();
	lender.codeKey = new Uint8Array(32).fill(8);
	const phone = await boundPhone(lender, daemon);
	phone.cable({ hello: { challenge: new Uint8Array(16).fill(4) } });
	phone.cable({ bind: await lender.bind() });
	phone.cable({ seal: {} });
	phone.pass(20 * DAY, { calls: 10 });
	await phone.checkIn(lender);
	phone.send({ checkNow: {} });
	phone.send({ checkInFailed: { counter: 3 } });
	phone.jump(16 * DAY);
	phone.reboot(HOUR);
	for (let day = 0; day < 8; day += 1) {
		phone.jump(DAY);
		if (day === 4) phone.send({ emergencyCall: { active: true } });
		if (day === 5) phone.send({ emergencyCall: { active: false } });
	}
	phone.send({ hostFailed: { part: 1 } });
	phone.facts({ deviceOwner: false });
	phone.facts();
	phone.send({ passTaken: {} });
	phone.jump(2 * DAY);
	phone.send({ disputeOpened: {} });
	phone.jump(HOUR);
	await codes(lender, phone);
	await phone.deliver(lender, { hold: { kind: wire.HoldKind.HOLD_KIND_DISASTER, untilUnixSeconds: EPOCH + 60 * DAY } });
	const hello = { kind: wire.NoticeKind.NOTICE_KIND_INFORMATION, texts: [{ language: "hi", text: "नमस्ते ₹ 12 😀" }] };
	await phone.checkIn(lender, { orderEnvelopes: [await lender.order({ notice: { noticeId: "n-1", ...hello } })] });
	await phone.deliver(lender, { newKeys: { keySetEnvelopes: [await lender.rotate(["command", "root"])] } });
	const extend = { paidUntilUnixSeconds: EPOCH + 80 * DAY, paymentReference: "₹ 12 · एक" };
	const payment = await lender.order({ reason: wire.ReasonCode.REASON_CODE_PAYMENT, extend });
	phone.deliverEnvelopes(payment.map((byte, index) => (index === 40 ? byte ^ 1 : byte)));
	phone.deliverEnvelopes(payment);
	phone.deliverEnvelopes(payment);
	phone.send({ orders: { orderEnvelopes: [payment, Uint8Array.of(1, 2, 3)] } });
	await phone.checkIn(lender);
	phone.drift = ["camera"];
	phone.reboot(DAY);
	phone.takeRecord();
	const { ledger, stored } = phone;
	newerLedger(phone, stored);
	phone.stored = new Uint8Array(); // lost: the anchor takes its place
	phone.send({ tick: {} });
	phone.stored = closeLedger({ ...ledger, generation: 1 }); // put back to an earlier one
	phone.send({ tick: {} });
	phone.anchor = new Uint8Array();
	phone.stored = stored.map((byte, index) => (index > 20 ? byte ^ 255 : byte)); // damaged, and nothing to take its place
	phone.send({ started: {} });
	phone.jump(31 * DAY);
	phone.stored = stored;
	await phone.deliver(lender, { reason: wire.ReasonCode.REASON_CODE_PAID_OFF, release: { certificateId: "P-1" } });
	phone.send({ tick: {} });
	phone.send({ started: {} });
}

/** What a later version of the agent would have written. */
function newerLedger(phone: TestPhone, stored: Uint8Array): void {
	phone.stored = frameState(2, Uint8Array.of(1, 2, 3));
	phone.send({ tick: {} });
	phone.cable({ startCheckIn: {} });
	phone.stored = stored;
}

async function codes(lender: TestLender, phone: TestPhone): Promise<void> {
	const secret = timeCodeSecret(nobleCrypto, lender.codeKey, phone.key.publicKey);
	const codeFor = (kind: TimeCodeKind, value: number) => {
		const read = readRequestNumber(phone.effects.screen?.requestNumber ?? "");
		const nonce = kind === "automatic" ? undefined : (read?.nonce ?? 0);
		const question = { kind, value, counter: read?.counterDigits ?? 0, nonce };
		return writeTimeCode(nobleCrypto, secret, { deviceId: lender.deviceId, contractId: CONTRACT }, question);
	};
	for (const code of [
		"",
		"12",
		"1234567890123",
		codeFor("set", 45).replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
	]) {
		phone.send({ codeEntered: { code } });
	}
	const right = codeFor("set", 45);
	phone.send({ codeEntered: { code: right } });
	phone.send({ codeEntered: { code: right } });
	phone.jump(HOUR);
	phone.send({ codeEntered: { code: codeFor("add", 2) } });
	phone.jump(HOUR);
	phone.send({ codeEntered: { code: codeFor("automatic", 1) } });
}

/** No word from the lender, until the phone frees itself. */
async function lateAndOffline({ daemon }: Recorder): Promise<void> {
	const lender = await TestLender.create(termsOf({ ladder: { graceSeconds: 3 * DAY, limitedDwellSeconds: DAY, maxLevel: 1 } }));
	const phone = await boundPhone(lender, daemon);
	phone.looksAtNotices = false;
	for (let day = 0; day < 20; day += 1) phone.jump(DAY);
	phone.looksAtNotices = true;
	for (let day = 0; day < 12; day += 1) phone.jump(DAY);
	const answer = await lender.reply(phone.startCheckIn(), Math.floor(phone.unixSeconds));
	phone.send({ reply: { replyEnvelope: answer } });
	for (let month = 0; month < 8; month += 1) phone.jump(30 * DAY);
}

/** The code on the payoff's receipt. */
async function releasedByCode({ daemon }: Recorder): Promise<void> {
	const lender = await TestLender.create();
	const address = { deviceId: lender.deviceId, contractId: CONTRACT };
	lender.terms = encode(wire.Terms, termsOf({ releaseDigest: releaseDigest(nobleCrypto, address, RELEASE_SECRET) }));
	const phone = await boundPhone(lender, daemon);
	phone.jump(100 * DAY);
	phone.send({ codeEntered: { code: writeReleaseCode(RELEASE_SECRET) } });
	phone.send({ tick: {} });
}
