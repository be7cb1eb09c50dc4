import { beforeEach, describe, expect, test } from "vitest";

import { wire } from "../../../proto/wire.ts";
import { DAY, HOUR, TestLender, termsOf } from "../test-lender.ts";
import { boundPhone, type TestPhone } from "../test-phone.ts";

const { RESTRICTION_LEVEL_NONE: NONE, RESTRICTION_LEVEL_LIMITED: LIMITED } = wire.RestrictionLevel;
const A = new Uint8Array(32).fill(0xaa);
const B = new Uint8Array(32).fill(0xbb);

let lender: TestLender;
let phone: TestPhone;

async function begin(observations?: wire.ObservationTerms.$Properties): Promise<void> {
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: LIMITED };
	lender = await TestLender.create(termsOf({ offline, ...(observations ? { observations } : {}) }));
	phone = await boundPhone(lender);
	phone.facts({ simDigest: A, attestationDigest: A });
}

const status = () => phone.cable({ hello: { challenge: new Uint8Array(16) } }).identity?.status;
const decisions = () => phone.decisions.map(({ kind, detail }) => `${wire.DecisionKind[kind]} ${detail}`);

/** Three lock warnings of the lender, a day apart, seen. */
async function warn(): Promise<void> {
	const { NOTICE_KIND_LOCK_WARNING: kind } = wire.NoticeKind;
	for (const noticeId of ["w1", "w2", "w3"]) {
		await phone.deliver(lender, { notice: { noticeId, kind, texts: [{ language: "es", text: "Aviso" }] } });
		phone.send({ tick: {} });
		phone.jump(DAY);
	}
}

describe("another SIM", () => {
	beforeEach(() => begin());

	test("is reported, written down, and otherwise nothing", async () => {
		phone.facts({ simDigest: B, attestationDigest: A });
		expect(status()).toMatchObject({ simChanged: true, attestationChanged: false });
		expect(decisions()).toContain("DECISION_KIND_SIM_CHANGED changed");
		await warn();
		phone.jump(30 * DAY - 4 * DAY - HOUR);
		expect(phone.standing).toBe("UNLOCKED");
	});

	test("put back is reported too; a SIM that is out has not changed", () => {
		phone.facts({ attestationDigest: A });
		expect(status()?.simChanged).toBe(false);
		phone.facts({ simDigest: B, attestationDigest: A });
		phone.facts({ simDigest: A, attestationDigest: A });
		expect(status()?.simChanged).toBe(false);
		expect(decisions()).toContain("DECISION_KIND_SIM_CHANGED as before");
	});

	test("the same reading again writes nothing more", () => {
		phone.facts({ simDigest: B, attestationDigest: A });
		const { length } = phone.ledger.log;
		phone.facts({ simDigest: B, attestationDigest: A });
		expect(phone.ledger.log.length).toBe(length);
	});

	test("no digest of it leaves the phone (F9)", async () => {
		phone.facts({ simDigest: B, attestationDigest: A });
		expect(Buffer.from(phone.startCheckIn()).includes(Buffer.from(B))).toBe(false);
	});
});

describe("where the terms say that another SIM restricts", () => {
	beforeEach(() => begin({ onSimChange: LIMITED, onAttestationChange: NONE }));

	test("it does, at LIMITED, but only after the lender's warnings were seen and have aged (F3)", async () => {
		phone.facts({ simDigest: B, attestationDigest: A });
		phone.jump(5 * DAY);
		expect(phone.standing).toBe("UNLOCKED");
		await warn();
		phone.jump(HOUR);
		expect([phone.standing, phone.causes]).toEqual(["LOCKED_LIMITED", ["OBSERVED"]]);
	});

	test.each([
		["the first SIM is back", async () => phone.facts({ simDigest: A, attestationDigest: A })],
		["the lender restores", async () => void (await phone.deliver(lender, { restore: {} }))],
	])("it ends when %s, in the same event", async (_, open) => {
		phone.facts({ simDigest: B, attestationDigest: A });
		await warn();
		phone.jump(HOUR);
		expect(phone.standing).toBe("LOCKED_LIMITED");
		await open();
		expect([phone.standing, phone.causes]).toEqual(["UNLOCKED", []]);
	});

	test("another attestation still is a report", async () => {
		phone.facts({ simDigest: A, attestationDigest: B });
		await warn();
		phone.jump(HOUR);
		expect([phone.standing, status()?.attestationChanged]).toEqual(["UNLOCKED", true]);
	});
});

test("what was observed before the contract is what later readings are compared with", async () => {
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: LIMITED };
	lender = await TestLender.create(termsOf({ offline }));
	const { TestPhone } = await import("../test-phone.ts");
	phone = new TestPhone();
	phone.send({ started: {} });
	phone.facts({ simDigest: A });
	phone.facts({ simDigest: B });
	phone.cable({ bind: await lender.bind() });
	expect(status()?.simChanged).toBe(false);
	phone.facts({ simDigest: A });
	expect(status()?.simChanged).toBe(true);
});

describe("what this phone needs", () => {
	const role = wire.EssentialRole.ESSENTIAL_ROLE_DIALER;

	test("stays open at every level, with what the terms name (F1, F2)", async () => {
		await begin();
		const essentialPackages = [
			{ role, packageName: "com.android.dialer" },
			{ role: wire.EssentialRole.ESSENTIAL_ROLE_CELL_BROADCAST, packageName: "com.android.cellbroadcastreceiver" },
		];
		phone.facts({ essentialPackages });
		expect(phone.send({ tick: {} }).posture?.openPackages).toEqual([
			"com.android.dialer",
			"com.android.cellbroadcastreceiver",
			"example.lender.pay",
		]);
	});

	test("a platform's list is taken as far as it names packages, and no further", async () => {
		await begin();
		const many = Array.from({ length: 100 }, (_, index) => ({ role, packageName: `com.example.app${index}` }));
		phone.facts({
			essentialPackages: [{ role, packageName: "not a package" }, { role, packageName: "a".repeat(5000) }, ...many],
		});
		expect(phone.send({ tick: {} }).posture?.openPackages).toHaveLength(25);
	});
});
