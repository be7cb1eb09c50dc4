import { beforeEach, describe, expect, test } from "vitest";

import { encode } from "../../../proto/codec.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, IMEI1, type OrderChanges, readCheckIn, TestLender, termsOf } from "../test-lender.ts";
import { boundPhone, type TestPhone } from "../test-phone.ts";
import { createTestSigner } from "../test-signer.ts";

const {
	ORDER_RESULT_ACCEPTED: ACCEPTED,
	ORDER_RESULT_REFUSED: REFUSED,
	ORDER_RESULT_BELOW_FLOOR: BELOW_FLOOR,
} = wire.OrderResult;
const extend = (days: number) => ({ extend: { paidUntilUnixSeconds: EPOCH + days * DAY } });
const release = { release: { certificateId: "P-1" } };
const notice = {
	notice: { noticeId: "n", kind: wire.NoticeKind.NOTICE_KIND_INFORMATION, texts: [{ language: "en", text: "Hello" }] },
};

let lender: TestLender;
let phone: TestPhone;
beforeEach(async () => {
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED };
	lender = await TestLender.create(termsOf({ offline }));
	phone = await boundPhone(lender);
});

const paidUntilDay = () => ((phone.ledger.contract?.paidUntilUnixSeconds ?? 0) - EPOCH) / DAY;

describe("an order is not accepted", () => {
	const cases: [string, OrderChanges, string][] = [
		["for another device (F15)", { ...extend(60), deviceId: "0".repeat(32) }, "WRONG_ADDRESSEE"],
		["for another contract (F15)", { ...extend(60), contractId: "C-2" }, "WRONG_ADDRESSEE"],
		["of another lender (F15)", { ...extend(60), lenderId: "lender-2" }, "WRONG_ADDRESSEE"],
		["of a later epoch", { ...extend(60), epoch: 2 }, "WRONG_EPOCH"],
		["of an earlier epoch", { ...extend(60), epoch: 0 }, "WRONG_EPOCH"],
		["with sequence 0", { ...extend(60), sequence: 0 }, "REPLAYED"],
		["that asks for nothing", {}, "UNTRUSTED"],
		["that extends beyond the last due date and 400 days", extend(491), "OUT_OF_BOUNDS"],
		["that tightens after its expiry", { ...notice, expiresAtUnixSeconds: EPOCH }, "EXPIRED"],
		["that tightens and never expires", { ...notice, expiresAtUnixSeconds: 0 }, "EXPIRED"],
		["that tightens, from the future", { ...notice, issuedAtUnixSeconds: EPOCH + DAY }, "FROM_THE_FUTURE"],
		["that restricts to no level", { restrict: { level: wire.RestrictionLevel.RESTRICTION_LEVEL_NONE } }, "OUT_OF_BOUNDS"],
		[
			"with an unknown hold",
			{ hold: { kind: wire.HoldKind.HOLD_KIND_UNSPECIFIED, untilUnixSeconds: EPOCH + DAY } },
			"OUT_OF_BOUNDS",
		],
		[
			"with a service window longer than a day",
			{ serviceWindow: { opensAtUnixSeconds: EPOCH, closesAtUnixSeconds: EPOCH + DAY + 1 } },
			"OUT_OF_BOUNDS",
		],
		[
			"with a service window that closes before it opens",
			{ serviceWindow: { opensAtUnixSeconds: 2, closesAtUnixSeconds: 1 } },
			"OUT_OF_BOUNDS",
		],
		["with an unnamed notice", { notice: { ...notice.notice, noticeId: "" } }, "OUT_OF_BOUNDS"],
		[
			"with a notice nobody can read",
			{ notice: { ...notice.notice, texts: [{ language: "en", text: "x".repeat(501) }] } },
			"OUT_OF_BOUNDS",
		],
	];
	test.each(cases)("%s", async (_name, order, rule) => {
		const before = { ...phone.ledger.contract, lastSequence: 0 };
		const [outcome] = await phone.deliver(lender, order);
		expect(outcome).toMatchObject({ result: REFUSED, rule });
		expect({ ...phone.ledger.contract, lastSequence: 0 }).toEqual(before);
		expect(phone.standing).toBe("UNLOCKED");
	});

	test.each(["root", "heartbeat", "enroll"] as const)("signed by the %s role", async (role) => {
		const [outcome] = await phone.deliver(lender, { ...extend(60), signers: lender.keys[role].slice(0, 2) });
		expect(outcome?.result).toBe(REFUSED);
		expect(paidUntilDay()).toBe(30);
	});

	test("signed by a stranger, or by nobody in the key set", async () => {
		const [outcome] = await phone.deliver(lender, { ...extend(60), signers: [createTestSigner()] });
		expect(outcome).toMatchObject({ result: REFUSED, rule: "UNTRUSTED", sequence: 0 });
	});

	const onlyLoosens: [string, OrderChanges][] = [
		["restrict", { restrict: { level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED } }],
		["send a notice", notice],
	];
	test.each(onlyLoosens)("when the release role tries to %s", async (_name, order) => {
		const [outcome] = await phone.deliver(lender, { ...order, signers: lender.keys.release });
		expect(outcome).toMatchObject({ rule: "WRONG_ROLE" });
	});

	test("a second time, nor an older one after a newer one", async () => {
		const first = await lender.order(extend(40));
		const second = await lender.order(extend(50));
		expect(phone.deliverEnvelopes(second)).toMatchObject([{ result: ACCEPTED }]);
		expect(phone.deliverEnvelopes(second, first)).toMatchObject([{ rule: "REPLAYED" }, { rule: "REPLAYED" }]);
		expect(paidUntilDay()).toBe(50);
	});

	test("garbage, and the good order beside it still is", async () => {
		const outcomes = phone.deliverEnvelopes(new Uint8Array([1, 2, 3]), new Uint8Array(), await lender.order(extend(60)));
		expect(outcomes.map(({ result }) => result)).toEqual([REFUSED, REFUSED, ACCEPTED]);
	});

	test("by an expired command key, if it tightens; if it loosens it is", async () => {
		phone.jump(29 * DAY);
		await phone.checkIn(lender, { serverTimeUnixSeconds: EPOCH + 85 * DAY });
		expect((await phone.deliver(lender, notice))[0]).toMatchObject({ rule: "ROLE_EXPIRED" });
		expect((await phone.deliver(lender, extend(120)))[0]).toMatchObject({ result: ACCEPTED });
		expect(paidUntilDay()).toBe(120);
	});
});

describe("an order is accepted", () => {
	test("extend never moves paid-until back, and needs no expiry", async () => {
		await phone.deliver(lender, { ...extend(60), expiresAtUnixSeconds: 0 });
		expect((await phone.deliver(lender, extend(45)))[0]?.result).toBe(ACCEPTED);
		expect(paidUntilDay()).toBe(60);
	});

	test("the release role may extend, restore, hold and open a service window", async () => {
		const signers = lender.keys.release;
		const orders: OrderChanges[] = [
			extend(60),
			{ restore: {} },
			{ hold: { kind: wire.HoldKind.HOLD_KIND_DISPUTE, untilUnixSeconds: EPOCH + DAY } },
			{ serviceWindow: { opensAtUnixSeconds: EPOCH, closesAtUnixSeconds: EPOCH + DAY } },
		];
		for (const order of orders) expect((await phone.deliver(lender, { ...order, signers }))[0]?.result).toBe(ACCEPTED);
	});

	test("outcomes are reported until the lender has them, and each once", async () => {
		await phone.deliver(lender, extend(60));
		await phone.deliver(lender, { restrict: { level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED } });
		const both = [
			{ sequence: 1, epoch: 1, result: ACCEPTED, rule: "" },
			{ sequence: 2, epoch: 1, result: BELOW_FLOOR, rule: "F3" },
		];
		const checkIn = phone.startCheckIn();
		expect(readCheckIn(checkIn)).toMatchObject({ lastSequence: 2, outcomes: both });
		expect(readCheckIn(phone.startCheckIn()).outcomes).toEqual(both);
		phone.cable({ finishCheckIn: { replyEnvelope: await lender.reply(phone.startCheckIn(), EPOCH + 60) } });
		expect(readCheckIn(phone.startCheckIn()).outcomes).toEqual([]);
	});
});

describe("release (F7)", () => {
	test("is obeyed whatever its sequence, epoch and expiry, and again", async () => {
		await phone.deliver(lender, extend(60));
		const envelope = await lender.order({ ...release, sequence: 1, epoch: 7, expiresAtUnixSeconds: 1 });
		expect(phone.deliverEnvelopes(envelope)).toMatchObject([{ result: ACCEPTED }]);
		expect(phone.deliverEnvelopes(envelope)).toMatchObject([{ result: ACCEPTED }]);
		expect([phone.standing, phone.restricted, phone.deviceOwner]).toEqual(["RELEASED", [], false]);
		expect(phone.ledger.contract?.lastSequence).toBe(1);
	});

	test.each(["command", "root", "heartbeat", "enroll"] as const)("the %s role cannot", async (role) => {
		await phone.deliver(lender, { ...release, signers: lender.keys[role].slice(0, 2) });
		expect(phone.standing).toBe("UNLOCKED");
	});

	test("nothing binds, locks or seals the phone afterwards", async () => {
		await phone.deliver(lender, release);
		expect((await phone.deliver(lender, { restrict: { level: wire.RestrictionLevel.RESTRICTION_LEVEL_FULL } }))[0]).toMatchObject(
			{
				rule: "ENDED",
			},
		);
		expect(phone.cable({ seal: {} }).refused?.code).toBe("RELEASED");
		expect(phone.cable({ bind: await lender.bind() }).refused?.code).toBe("RELEASED");
		phone.jump(300 * DAY);
		phone.reboot();
		expect([phone.standing, phone.restricted]).toEqual(["RELEASED", []]);
	});

	test("its end is reported until the lender has heard it, and then never again", async () => {
		await phone.deliver(lender, release);
		const said = readCheckIn(phone.startCheckIn());
		expect(said.status).toMatchObject({ standing: wire.Standing.STANDING_RELEASED, ownershipReturned: true });
		await phone.checkIn(lender);
		expect(phone.effects.alarm?.atElapsedMs).toBe(0);
	});

	test("of a lender that is gone comes by itself, long after its last word and the final due date (F16)", async () => {
		phone.jump(90 * DAY);
		await phone.checkIn(lender);
		for (let day = 0; day < 179; day += 1) phone.jump(DAY);
		expect(phone.standing).toMatch(/^LOCKED/);
		phone.jump(DAY);
		phone.jump(DAY);
		expect([phone.standing, phone.restricted]).toEqual(["RELEASED", []]);
	});

	test("does not come early by a signed far future, which a stolen heartbeat key could make (F16)", async () => {
		await phone.checkIn(lender, { serverTimeUnixSeconds: EPOCH + 700 * DAY });
		phone.jump(60);
		expect(phone.standing).not.toBe("RELEASED");
	});
});

describe("new keys", () => {
	const newKeys = (...keySetEnvelopes: Uint8Array[]) => ({ newKeys: { keySetEnvelopes } });

	test("replace the old ones, whose orders are then nothing", async () => {
		const old = lender.keys.command;
		const envelope = await lender.rotate(["command"]);
		expect((await phone.deliver(lender, newKeys(envelope)))[0]?.result).toBe(ACCEPTED);
		expect((await phone.deliver(lender, { ...extend(60), signers: old }))[0]?.rule).toBe("UNTRUSTED");
		expect((await phone.deliver(lender, extend(60)))[0]?.result).toBe(ACCEPTED);
	});

	test("prove themselves: whoever lost every online key can still send them", async () => {
		const envelope = await lender.rotate(["command", "heartbeat", "release", "enroll"]);
		await phone.deliver(lender, { ...newKeys(envelope), signers: [createTestSigner()] });
		expect(phone.ledger.contract?.lastSequence).toBe(0);
		expect((await phone.deliver(lender, extend(60)))[0]?.result).toBe(ACCEPTED);
	});

	test("are taken from an answer that only they make readable", async () => {
		const envelope = await lender.rotate(["heartbeat", "command"]);
		const order = await lender.order(newKeys(envelope));
		const reply = await phone.checkIn(lender, { orderEnvelopes: [order, await lender.order(extend(60))] });
		expect(reply.outcome?.orders.map(({ result }) => result)).toEqual([ACCEPTED, ACCEPTED]);
		expect(paidUntilDay()).toBe(60);
	});

	test("of a new epoch start sequences anew, and end a fast-forward attack", async () => {
		await phone.deliver(lender, { ...extend(31), sequence: 4_000_000_000 });
		expect((await phone.deliver(lender, { ...extend(60), sequence: 5 }))[0]?.rule).toBe("REPLAYED");
		const envelope = await lender.rotate(["command"], { epoch: 2 });
		await phone.deliver(lender, newKeys(envelope));
		expect((await phone.deliver(lender, extend(60)))[0]?.result).toBe(ACCEPTED);
		expect(phone.ledger.contract?.lastSequence).toBeLessThan(10);
	});

	test("that do not follow are refused: a gap, another root, a lower version", async () => {
		const v2 = await lender.rotate(["command"]);
		const v3 = await lender.rotate(["command"]);
		expect((await phone.deliver(lender, newKeys(v3)))[0]?.result).toBe(REFUSED);
		const thief = await TestLender.create();
		thief.version = 2;
		expect((await phone.deliver(lender, newKeys(await thief.keySetEnvelope())))[0]?.result).toBe(REFUSED);
		expect((await phone.deliver(lender, newKeys(v2, v3)))[0]?.result).toBe(ACCEPTED);
		expect((await phone.deliver(lender, newKeys(v2)))[0]?.result).toBe(ACCEPTED);
		expect(readCheckIn(phone.startCheckIn()).keySetVersion).toBe(3);
	});

	test("for another phone are not taken", async () => {
		const envelope = await lender.rotate(["command"]);
		await phone.deliver(lender, { ...newKeys(envelope), deviceId: "0".repeat(32), signers: [createTestSigner()] });
		expect(readCheckIn(phone.startCheckIn()).keySetVersion).toBe(1);
	});
});

describe("new terms (F10)", () => {
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED };
	const bytes = (changes: Partial<wire.Terms.$Properties>) => encode(wire.Terms, termsOf({ offline, ...changes }));
	const easier = bytes({ ladder: { ...termsOf().ladder, graceSeconds: 20 * DAY } });
	const harder = bytes({ offline: { ...offline, budgetSeconds: 20 * DAY, warnAtRemainingSeconds: [DAY] } });

	test("that loosen need a command key and no consent", async () => {
		const [outcome] = await phone.deliver(lender, { newTerms: { terms: easier, consent: new Uint8Array() } });
		expect(outcome?.result).toBe(ACCEPTED);
		expect(phone.ledger.contract?.terms).toEqual(easier);
	});

	test("that tighten need the root's threshold and the borrower's consent to exactly them", async () => {
		const consent = lender.consent({}, harder);
		const order = { newTerms: { terms: harder, consent } };
		expect((await phone.deliver(lender, order))[0]).toMatchObject({ rule: "CONSENT_MISSING" });
		const root = lender.keys.root.slice(0, 2);
		expect((await phone.deliver(lender, { ...order, signers: lender.keys.root.slice(0, 1) }))[0]).toMatchObject({
			rule: "UNTRUSTED",
		});
		const wrong = { newTerms: { terms: harder, consent: lender.consent() } };
		expect((await phone.deliver(lender, { ...wrong, signers: root }))[0]).toMatchObject({ rule: "CONSENT_MISSING" });
		expect((await phone.deliver(lender, { ...order, signers: root }))[0]?.result).toBe(ACCEPTED);
		expect(phone.ledger.contract?.terms).toEqual(harder);
	});

	test.each<[string, Partial<wire.Terms.$Properties>]>([
		["checks in elsewhere", { checkInUrl: "https://thief.example/" }],
		["pays elsewhere", { contact: { ...termsOf().contact, payUrl: "https://thief.example/pay" } }],
		["calls elsewhere", { contact: { ...termsOf().contact, supportPhone: "+10000000000" } }],
		["pays another account", { accountShown: "00-6666" }],
	])("by which the borrower %s need the root's threshold: a stolen command key is not enough", async (_, changes) => {
		const order = { newTerms: { terms: bytes(changes), consent: new Uint8Array() } };
		expect((await phone.deliver(lender, order))[0]).toMatchObject({ rule: "CONSENT_MISSING" });
		expect((await phone.deliver(lender, { ...order, signers: lender.keys.root.slice(0, 2) }))[0]?.result).toBe(ACCEPTED);
	});

	const refused: [string, Partial<wire.Terms.$Properties>, object][] = [
		["below the floor", { passes: { perYear: 0, durationSeconds: DAY } }, { result: BELOW_FLOOR, rule: "F13" }],
		["of another contract", { contractId: "C-2" }, { rule: "OUT_OF_BOUNDS" }],
		["with another release digest", { releaseDigest: new Uint8Array(32) }, { rule: "OUT_OF_BOUNDS" }],
		["that make no sense", { instalments: [] }, { rule: "OUT_OF_BOUNDS" }],
	];
	test.each(refused)("%s are refused, whoever signs and consents", async (_name, changes, outcome) => {
		const terms = bytes(changes);
		const order = { newTerms: { terms, consent: lender.consent({}, terms) }, signers: lender.keys.root.slice(0, 2) };
		expect((await phone.deliver(lender, order))[0]).toMatchObject(outcome);
	});
});

describe("a changed handset", () => {
	test("is rebound without learning a time: a stolen enroll key carries no phone into a far future", async () => {
		phone.imeis = ["490154203237518", IMEI1];
		phone.facts();
		const before = phone.ledger.time.signedUnixSeconds;
		const far = EPOCH + 3000 * DAY;
		const bindingEnvelope = await lender.bindingEnvelope({
			imei1: "490154203237518",
			imei2: IMEI1,
			issuedAtUnixSeconds: EPOCH + 700 * DAY,
			expiresAtUnixSeconds: far,
		});
		expect((await phone.deliver(lender, { rebind: { bindingEnvelope } }))[0]?.result).toBe(ACCEPTED);
		expect([phone.ledger.time.signedUnixSeconds, phone.standing]).toEqual([before, "UNLOCKED"]);
	});

	const newImei = "490154203237518";

	test("is reported, never locked for", () => {
		phone.imeis = [newImei, IMEI1];
		phone.facts();
		expect(phone.standing).toBe("UNLOCKED");
		expect(phone.decisions.at(-1)?.kind).toBe(wire.DecisionKind.DECISION_KIND_IDENTITY_CHANGED);
	});

	test("is rebound by an order with a new binding to what the phone itself reads", async () => {
		phone.imeis = [newImei, IMEI1];
		phone.facts();
		const old = await lender.bindingEnvelope();
		expect((await phone.deliver(lender, { rebind: { bindingEnvelope: old } }))[0]?.result).toBe(REFUSED);
		const bindingEnvelope = await lender.bindingEnvelope({ imei1: newImei, imei2: IMEI1 });
		expect((await phone.deliver(lender, { rebind: { bindingEnvelope } }))[0]?.result).toBe(ACCEPTED);
		const bind = { ...(await lender.bind()), bindingEnvelope };
		expect(phone.cable({ bind }).bindingAccepted).toBeTruthy();
		expect(phone.cable({ bind }).bindingAccepted).toBeTruthy();
	});
});
