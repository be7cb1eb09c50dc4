import { beforeEach, describe, expect, test } from "vitest";

import { closeLedger } from "../../../agent/daemon/ledger-file.ts";
import { MAX_BAD_CODES } from "../../../agent/policy/code-entry.ts";
import { decode, encode } from "../../../proto/codec.ts";
import { dammDigit } from "../../../proto/damm.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { releaseDigest as digestOf, writeReleaseCode } from "../../../proto/release-code.ts";
import { readRequestNumber, requestNumber } from "../../../proto/request-number.ts";
import { type TimeCodeKind, timeCodeSecret, writeTimeCode } from "../../../proto/time-code.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../test-lender.ts";
import { boundPhone, TestPhone } from "../test-phone.ts";

const CONTRACT = "C-1001";
const RELEASE_SECRET = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
const LAST_DUE = EPOCH + 90 * DAY;
const MINUTE_SECONDS = 60;

let lender: TestLender;
let phone: TestPhone;

async function enrolled(terms: Partial<wire.Terms.$Properties> = {}): Promise<void> {
	lender = await TestLender.create();
	lender.codeKey = new Uint8Array(32).fill(8);
	const digest = digestOf(nobleCrypto, { deviceId: lender.deviceId, contractId: CONTRACT }, RELEASE_SECRET);
	lender.terms = encode(wire.Terms, termsOf({ releaseDigest: digest, ...terms }));
	phone = await boundPhone(lender);
}

beforeEach(() => enrolled());

/** What the lender's call centre gives for the number on this phone's screen. */
function codeFor(kind: TimeCodeKind, value: number, at: { counter?: number; nonce?: number } = {}): string {
	const read = readRequestNumber(phone.effects.screen?.requestNumber ?? "");
	const counter = at.counter ?? read?.counterDigits ?? 0;
	const nonce = kind === "automatic" ? undefined : (at.nonce ?? read?.nonce ?? 0);
	const secret = timeCodeSecret(nobleCrypto, lender.codeKey, phone.key.publicKey);
	return writeTimeCode(nobleCrypto, secret, { deviceId: lender.deviceId, contractId: CONTRACT }, { kind, value, counter, nonce });
}

/** Types a code; gives "accepted", or why not. */
function enter(code: string): string {
	const { answer } = phone.send({ codeEntered: { code } });
	return answer?.accepted ? "accepted" : (answer?.code ?? "no answer");
}

/** A code that reads well and is none: another MAC under a right check digit. */
function wrongCode(number = 0): string {
	const right = codeFor("set", 30);
	const mac = String((Number(right.slice(4, 12)) + 1 + number) % 100_000_000).padStart(8, "0");
	const digits = right.slice(0, 4) + mac;
	return digits + dammDigit(digits);
}

const paidUntilDay = () => ((phone.ledger.contract?.paidUntilUnixSeconds ?? 0) - EPOCH) / DAY;
const decisions = () =>
	phone.decisions.map(({ kind, detail }) => `${wire.DecisionKind[kind].replace("DECISION_KIND_", "")} ${detail}`.trim());

async function lockForDebt(): Promise<void> {
	for (let day = 0; day < 40 && !phone.standing.startsWith("LOCKED"); day += 1) {
		phone.pass(DAY);
		await phone.checkIn(lender);
	}
	expect(phone.standing).toMatch(/^LOCKED/);
}

describe("binding", () => {
	test("with a secret shows a request number, and reports what it says", async () => {
		const shown = phone.effects.screen?.requestNumber ?? "";
		expect(shown).toMatch(/^0001\d{4}$/);
		const { codeCounter: counter = 0, codeNonce: nonce = 0 } =
			phone.cable({ hello: { challenge: new Uint8Array(16) } }).identity?.status ?? {};
		expect(requestNumber({ counter, nonce })).toBe(shown);
	});

	test("without one takes no time codes and shows no number", async () => {
		lender = await TestLender.create();
		phone = await boundPhone(lender);
		expect(phone.effects.screen?.requestNumber).toBe("");
		expect(enter("1030-7688-8062-5")).toBe("NOT_AVAILABLE");
	});

	test.each([
		["another secret than was signed for", new Uint8Array(32).fill(9)],
		["no secret where one was signed for", new Uint8Array()],
		["half a secret", new Uint8Array(16).fill(8)],
	])("with %s is refused", async (_, codeKey) => {
		const other = new TestPhone();
		other.send({ started: {} });
		other.facts();
		expect(other.cable({ bind: { ...(await lender.bind()), codeKey } }).refused?.code).toBe("CODE_KEY_MISMATCH");
	});

	test("with a secret that nobody signed for is refused", async () => {
		const plain = await TestLender.create();
		const other = new TestPhone();
		other.send({ started: {} });
		other.facts();
		expect(other.cable({ bind: { ...(await plain.bind()), codeKey: lender.codeKey } }).refused?.code).toBe("CODE_KEY_MISMATCH");
	});
});

describe("a time code", () => {
	test("SET opens a phone that is locked for a debt, offline, for so many days from now", async () => {
		await lockForDebt();
		const now = paidUntilOf(30);
		expect(enter(codeFor("set", 30))).toBe("accepted");
		expect(phone.standing).toBe("UNLOCKED");
		expect(paidUntilDay()).toBeCloseTo(now, 3);
		expect(decisions().join()).toContain("CODE_ACCEPTED set 30");
	});

	/** Days after EPOCH that so many days from now are. */
	const paidUntilOf = (days: number) => (phone.unixSeconds - EPOCH) / DAY + days;

	test("SET never moves paid-until back, and ADD adds to it", () => {
		expect(enter(codeFor("set", 1))).toBe("accepted");
		expect(paidUntilDay()).toBe(30);
		expect(enter(codeFor("add", 7))).toBe("accepted");
		expect(paidUntilDay()).toBe(37);
		expect(enter(codeFor("automatic", 30))).toBe("accepted");
		expect(paidUntilDay()).toBe(67);
	});

	test("extends no further than an Extend may: 400 days past the last due date", () => {
		expect(enter(codeFor("add", 999))).toBe("accepted");
		expect(phone.ledger.contract?.paidUntilUnixSeconds).toBe(LAST_DUE + 400 * DAY);
		expect(enter(codeFor("set", 999))).toBe("accepted");
		expect(phone.ledger.contract?.paidUntilUnixSeconds).toBe(LAST_DUE + 400 * DAY);
	});

	test("CONTACT opens a phone that is locked for lost contact, and extends nothing", async () => {
		// Paid for long, and out of contact.
		await phone.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 80 * DAY } });
		phone.pass(12 * DAY);
		expect([phone.standing, phone.causes]).toEqual(["LOCKED_LIMITED", ["OFFLINE"]]);
		expect(enter(codeFor("contact", 0))).toBe("accepted");
		expect(phone.standing).toBe("UNLOCKED");
		expect(paidUntilDay()).toBe(80);
		phone.pass(9 * DAY);
		expect(phone.standing).toBe("UNLOCKED");
		phone.pass(3 * DAY);
		expect(phone.standing).toBe("LOCKED_LIMITED");
	});

	test("pays the offline budget back once: an answer held back from before pays nothing more", async () => {
		await phone.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 80 * DAY } });
		phone.pass(6 * DAY);
		const question = phone.startCheckIn();
		const held = await lender.reply(question, Math.floor(phone.unixSeconds));
		expect(enter(codeFor("contact", 0))).toBe("accepted");
		phone.pass(6 * DAY);
		phone.cable({ finishCheckIn: { replyEnvelope: held } });
		expect(phone.ledger.contact.chargedMs / 1000 / DAY).toBeGreaterThan(5.9);
	});

	test("SERVICE opens debugging for so many hours, and never shortens a window that is open", async () => {
		phone.cable({ seal: {} });
		expect(phone.restricted).toContain("debugging");
		expect(enter(codeFor("service", 2))).toBe("accepted");
		expect(phone.restricted).not.toContain("debugging");
		expect(enter(codeFor("service", 1))).toBe("accepted");
		phone.pass(HOUR + 600);
		expect(phone.restricted).not.toContain("debugging");
		phone.pass(HOUR);
		expect(phone.restricted).toContain("debugging");
	});

	test("is taken once: again it is used, and that is not counted", () => {
		const code = codeFor("add", 30);
		expect([enter(code), enter(code), enter(code)]).toEqual(["accepted", "USED", "USED"]);
		expect(paidUntilDay()).toBe(60);
		expect(phone.ledger.codes.badCodes).toBe(0);
	});

	test("that was not typed in its turn is worthless once another one was", () => {
		const old = codeFor("set", 300);
		const sameQuestion = codeFor("contact", 0);
		expect(enter(sameQuestion)).toBe("accepted");
		expect(enter(old)).toBe("USED");
		expect(enter(codeFor("contact", 0))).toBe("accepted");
		expect(enter(old)).toBe("WRONG_CODE");
		expect(paidUntilDay()).toBe(30);
	});

	test("cannot send the counter back: there is no code that says so, and the number only grows", () => {
		// The attack that broke a widespread scheme: go back to count 3, then use the codes after it again.
		const first = [1, 2, 3].map(() => {
			const code = codeFor("add", 30);
			expect(enter(code)).toBe("accepted");
			return code;
		});
		const counter = phone.ledger.codes.counter;
		for (const kind of [0, 6, 7, 8, 9]) {
			const digits = `${kind}003${"0".repeat(8)}`;
			expect(enter(digits + dammDigit(digits))).toBe("MISTYPED");
		}
		for (const code of first) expect(enter(code)).not.toBe("accepted");
		expect(phone.ledger.codes.counter).toBe(counter);
		expect(paidUntilDay()).toBe(120);
	});

	test("sent by text message is taken in any order, each once, up to eight ahead", () => {
		const sms = (counter: number) => codeFor("automatic", 30, { counter });
		const all = [3, 1, 8, 2].map(sms);
		expect(all.map(enter)).toEqual(["accepted", "accepted", "accepted", "accepted"]);
		expect(all.map(enter)).toEqual(["USED", "USED", "USED", "USED"]);
		expect(enter(sms(12))).toBe("WRONG_CODE");
		expect(paidUntilDay()).toBe(150);
		expect(phone.ledger.codes).toMatchObject({ counter: 4, usedAhead: 1 << 4 });
	});

	test("of another phone's key is wrong: enrolled again, a phone takes no code of its earlier life", async () => {
		const sms = codeFor("automatic", 30);
		phone = await boundPhone(lender);
		expect(enter(sms)).toBe("WRONG_CODE");
	});

	test("moves no clock", async () => {
		const before = phone.ledger.time;
		enter(codeFor("set", 999));
		expect(phone.ledger.time).toEqual(before);
	});

	test("is neither in the log, nor in a fault, nor in a check-in", async () => {
		const code = codeFor("set", 30);
		enter(code);
		const said = JSON.stringify([phone.faults, decisions(), Buffer.from(phone.startCheckIn()).toString("latin1")]);
		expect(said).not.toContain(code);
		expect(Buffer.from(phone.startCheckIn()).includes(Buffer.from(lender.codeKey))).toBe(false);
	});
});

describe("guessing", () => {
	test("costs nothing twice, then waits longer and longer, by powered-on time alone", () => {
		expect([0, 1, 2].map((each) => enter(wrongCode(each)))).toEqual(["WRONG_CODE", "WRONG_CODE", "WRONG_CODE"]);
		expect(phone.effects.screen?.codesBackOffSeconds).toBe(MINUTE_SECONDS);
		const right = codeFor("set", 30);
		expect(enter(right)).toBe("BACKING_OFF");
		expect(phone.ledger.codes.badCodes).toBe(3);
		// Off for a week: not a second of it counts.
		phone.reboot(7 * DAY);
		expect(enter(right)).toBe("BACKING_OFF");
		phone.pass(MINUTE_SECONDS);
		expect(phone.effects.screen?.codesBackOffSeconds).toBe(0);
		expect(enter(right)).toBe("accepted");
		expect(phone.ledger.codes.badCodes).toBe(0);
	});

	test("is not made easier by putting an earlier ledger back, or losing it", () => {
		const early = phone.stored;
		for (let bad = 0; bad < 5; bad += 1) {
			enter(wrongCode(bad));
			phone.pass(600);
		}
		enter(wrongCode(9));
		for (const stored of [early, new Uint8Array()]) {
			phone.stored = stored;
			expect(enter(codeFor("set", 30))).toBe("BACKING_OFF");
			expect(phone.ledger.codes.badCodes).toBe(6);
		}
	});

	test("a typing error is none: no waiting, however often", () => {
		const right = codeFor("set", 30);
		const mistyped = `${right.slice(0, 5)}${(Number(right[5]) + 1) % 10}${right.slice(6)}`;
		for (let time = 0; time < 200; time += 1) expect(enter(mistyped)).toBe("MISTYPED");
		for (const text of ["", "123", "hello", "9".repeat(33), "１２３４５６７８９０１２３", "\u0000"])
			expect(enter(text)).toBe("MISTYPED");
		expect(phone.ledger.codes.badCodes).toBe(0);
		expect(enter(right)).toBe("accepted");
	});

	test("a hundred wrong ones in a row: time codes are read no more, until the lender signs an extension", async () => {
		for (let bad = 0; bad < MAX_BAD_CODES; bad += 1) {
			expect(enter(wrongCode(bad))).toBe("WRONG_CODE");
			phone.jump(512 * MINUTE_SECONDS);
		}
		expect(enter(codeFor("set", 30, { counter: 1, nonce: phone.ledger.codes.nonce }))).toBe("SIGNED_ONLY");
		expect(phone.effects.screen).toMatchObject({ signedOnly: true, requestNumber: "" });
		await phone.deliver(lender, { notice: { noticeId: "n", kind: 5, texts: [{ language: "es", text: "hola" }] } });
		expect(phone.effects.screen?.signedOnly).toBe(true);
		await phone.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
		expect(phone.effects.screen?.signedOnly).toBe(false);
		expect(enter(codeFor("set", 30))).toBe("accepted");
	}, 60_000);
});

describe("a release code", () => {
	const release = () => writeReleaseCode(RELEASE_SECRET);

	test("frees the phone for ever, typed as people type", async () => {
		await lockForDebt();
		expect(enter(release().toLowerCase().replaceAll("-", " ").replaceAll("0", "o"))).toBe("accepted");
		expect([phone.standing, phone.restricted]).toEqual(["RELEASED", []]);
		expect(phone.ledger.contract).toMatchObject({ releasedBy: wire.ReleaseCause.RELEASE_CAUSE_CODE, ownershipReturned: true });
		expect(phone.ledger.contract?.codeKey).toHaveLength(0);
		expect(enter(release())).toBe("NOT_BOUND");
	});

	test("is read while the phone backs off, and after too many wrong codes", async () => {
		for (let bad = 0; bad < MAX_BAD_CODES; bad += 1) {
			enter(wrongCode(bad));
			if (bad === 2) expect(enter(writeReleaseCode(new Uint8Array(10)))).toBe("WRONG_CODE");
			phone.jump(512 * MINUTE_SECONDS);
		}
		expect(phone.effects.screen?.signedOnly).toBe(true);
		expect(enter(release())).toBe("accepted");
		expect(phone.standing).toBe("RELEASED");
	}, 60_000);

	test("that is wrong is not counted, and one that is mistyped says so", () => {
		for (let time = 0; time < 50; time += 1)
			expect(enter(writeReleaseCode(new Uint8Array(10).fill(time + 100)))).toBe("WRONG_CODE");
		expect(enter(`${release().slice(0, -1)}${release().endsWith("0") ? "1" : "0"}`)).toBe("MISTYPED");
		expect(phone.ledger.codes).toMatchObject({ badCodes: 0, backingOffUntilPoweredOnMs: 0 });
	});

	test("of another contract or phone is wrong", async () => {
		const mine = phone;
		await enrolled();
		expect(mine.send({ codeEntered: { code: release() } }).answer?.code).toBe("");
		await enrolled({
			releaseDigest: digestOf(nobleCrypto, { deviceId: "ff".repeat(16), contractId: CONTRACT }, RELEASE_SECRET),
		});
		expect(enter(release())).toBe("WRONG_CODE");
	});

	test("frees a phone whose terms this agent does not know in everything else", async () => {
		await lockForDebt();
		const { contract } = phone.ledger;
		if (!contract) throw new Error("not bound");
		const { releaseDigest } = decode(wire.Terms, contract.terms);
		const terms = encode(wire.Terms, termsOf({ releaseDigest, jurisdiction: "ZZ" }));
		phone.stored = closeLedger({ ...phone.ledger, contract: { ...contract, terms } });
		expect(enter(codeFor("set", 30))).toBe("NOT_AVAILABLE");
		expect(phone.faults.join()).toContain("TERMS_UNKNOWN");
		expect(enter(release())).toBe("accepted");
		expect([phone.standing, phone.restricted]).toEqual(["RELEASED", []]);
	});

	test("is not available where the terms name none", async () => {
		await enrolled({ releaseDigest: new Uint8Array() });
		expect(enter(release())).toBe("NOT_AVAILABLE");
	});
});

describe("a record that was put back", () => {
	test("asks another question: the code that was used after it does not work again", () => {
		const early = phone.stored;
		const code = codeFor("add", 30);
		const sms = codeFor("automatic", 30, { counter: 3 });
		expect([enter(code), enter(sms)]).toEqual(["accepted", "accepted"]);
		phone.stored = early;
		expect(enter(code)).not.toBe("accepted");
		expect(enter(sms)).not.toBe("accepted");
		expect(paidUntilDay()).toBe(90);
	});

	test("a code used just before the anchor could follow does not work twice", () => {
		const anchor = phone.anchor;
		const [code, sms] = [codeFor("add", 30), codeFor("automatic", 30, { counter: 5 })];
		expect([enter(code), enter(sms)]).toEqual(["accepted", "accepted"]);
		phone.stored = new Uint8Array();
		phone.anchor = anchor;
		expect(enter(code)).not.toBe("accepted");
		expect(enter(sms)).not.toBe("accepted");
		// The lender asked for the new number gives a new code.
		expect(enter(codeFor("add", 30))).toBe("accepted");
	});

	test("is heard of by the lender through an answer to the number, but a text message is no such answer", () => {
		phone.stored = new Uint8Array();
		phone.reboot();
		expect(phone.effects.screen?.contactRequired).toBe(true);
		expect(enter(codeFor("automatic", 30))).toBe("accepted");
		expect(phone.effects.screen?.contactRequired).toBe(true);
		expect(enter(codeFor("contact", 0))).toBe("accepted");
		expect(phone.effects.screen?.contactRequired).toBe(false);
	});

	test("stays protected from a lock that the code itself would bring: a code only loosens", async () => {
		// Overdue, warned, and an hour from the lock.
		let anchor = phone.anchor;
		for (let hour = 0; hour < 40 * 24 && phone.standing !== "LOCKED_LIMITED"; hour += 1) {
			anchor = phone.anchor;
			phone.pass(HOUR);
			if (hour % 24 === 0) await phone.checkIn(lender);
		}
		expect(phone.standing).toBe("LOCKED_LIMITED");
		phone.stored = new Uint8Array();
		phone.anchor = anchor;
		phone.send({ tick: {} });
		expect(phone.standing).toBe("GRACE");
		expect(enter(codeFor("contact", 0))).toBe("accepted");
		expect([phone.standing, phone.effects.screen?.contactRequired]).toEqual(["GRACE", true]);
		// A code that pays ends the protection, for then there is nothing to be protected from.
		expect(enter(codeFor("set", 30))).toBe("accepted");
		expect([phone.standing, phone.effects.screen?.contactRequired]).toEqual(["UNLOCKED", false]);
	});
});
