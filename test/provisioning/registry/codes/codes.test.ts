import { createHash } from "node:crypto";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { decode } from "../../../../proto/codec.ts";
import { PayloadType, readEnvelope } from "../../../../proto/envelope.ts";
import { readReleaseCode, releaseDigest } from "../../../../proto/release-code.ts";
import { requestNumber } from "../../../../proto/request-number.ts";
import { showTimeCode, timeCodeSecret, writeTimeCode } from "../../../../proto/time-code.ts";
import { wire } from "../../../../proto/wire.ts";
import type { EnrollmentOffer } from "../../../../provisioning/procedure/registry-port.ts";
import { joinShares } from "../../../../provisioning/registry/codes/escrow-share.ts";
import { crypto, evidence, TestPhone } from "../test-phone.ts";
import { contractRequest, expectFault, startTestRegistry, type TestRegistry } from "../test-registry.ts";

let registry: TestRegistry;
beforeAll(async () => {
	registry = await startTestRegistry();
});
afterAll(() => registry.close());

/** A phone under a contract, whose receipt is stored. */
async function enrolled(contractId: string): Promise<{ phone: TestPhone; offer: EnrollmentOffer }> {
	await registry.admin.createContract(contractRequest(contractId));
	const phone = new TestPhone();
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	return { phone, offer };
}

/** What the phone itself would take for a question. */
function expected(
	{ phone, offer }: { phone: TestPhone; offer: EnrollmentOffer },
	code: Parameters<typeof writeTimeCode>[3],
): string {
	const secret = timeCodeSecret(crypto, offer.codeKey, phone.device.publicKey);
	return showTimeCode(writeTimeCode(crypto, secret, offer, code));
}

/** The phone says over the network which counter it shows. */
async function reports(phone: TestPhone, codeCounter: number): Promise<void> {
	await registry.port.relayCheckIn(await phone.checkIn({ status: { standing: wire.Standing.STANDING_UNLOCKED, codeCounter } }));
}

describe("an offer", () => {
	test("brings a code key that the binding was signed for, the same one when it is asked for again", async () => {
		await registry.admin.createContract(contractRequest("K-1"));
		const phone = new TestPhone();
		const offer = await registry.port.offerEnrollment("K-1", phone.identity);
		const binding = decode(wire.Binding, readEnvelope(offer.bindingEnvelope, PayloadType.binding).payload);
		expect(offer.codeKey).toHaveLength(32);
		expect(Buffer.from(binding.codeKeySha256)).toEqual(createHash("sha256").update(offer.codeKey).digest());
		expect((await registry.port.offerEnrollment("K-1", phone.identity)).codeKey).toEqual(offer.codeKey);
	});

	test("leaves nothing in the database by which a code could be made", async () => {
		const { offer } = await enrolled("K-2");
		const shares = await registry.admin.splitReleaseSecret("K-2");
		const { pool } = registry.database;
		const dump: string[] = [];
		for (const table of ["contracts", "bindings", "codes", "audit_log", "enrollments", "devices"])
			dump.push(JSON.stringify((await pool.query(`SELECT * FROM ${table}`)).rows));
		const key = JSON.stringify(Buffer.from(offer.codeKey));
		for (const rows of dump) {
			expect(rows).not.toContain(key.slice(key.indexOf("["), -1));
			for (const share of shares.shares) expect(rows).not.toContain(share);
		}
	});
});

describe("a time code", () => {
	test("answers the number that was read out, and says the same when it is asked for again", async () => {
		const it = await enrolled("T-1");
		const asked = {
			kind: "set",
			days: 30,
			requestNumber: requestNumber({ counter: 1, nonce: 345 }),
			requestId: "call-1",
		} as const;
		const issued = await registry.admin.issueCode("T-1", asked);
		expect(issued).toMatchObject({ kind: "set", value: 30, counter: 1, rivals: [] });
		expect(issued.code).toBe(expected(it, { kind: "set", value: 30, counter: 1, nonce: 345 }));
		expect(await registry.admin.issueCode("T-1", asked)).toEqual(issued);
		await expectFault(registry.admin.issueCode("T-1", { ...asked, days: 31 }), "REGISTRY_REFUSED", { reason: "CONFLICT" });
	});

	test("is made for the whole counter, as the phone last signed it", async () => {
		const it = await enrolled("T-2");
		await reports(it.phone, 9_998);
		const issued = await registry.admin.issueCode("T-2", {
			kind: "contact",
			requestNumber: requestNumber({ counter: 10_002, nonce: 7 }),
		});
		expect(issued.counter).toBe(10_002);
		expect(issued.code).toBe(expected(it, { kind: "contact", value: 0, counter: 10_002, nonce: 7 }));
	});

	test("is right again after somebody read out another phone's number", async () => {
		const it = await enrolled("T-3");
		await registry.admin.issueCode("T-3", { kind: "set", days: 1, requestNumber: requestNumber({ counter: 7777, nonce: 1 }) });
		const issued = await registry.admin.issueCode("T-3", {
			kind: "service",
			hours: 2,
			requestNumber: requestNumber({ counter: 2, nonce: 5 }),
		});
		expect(issued.code).toBe(expected(it, { kind: "service", value: 2, counter: 2, nonce: 5 }));
		expect((await registry.admin.issueCode("T-3", { kind: "automatic", days: 30 })).counter).toBe(3);
	});

	test("is refused for a number that was misheard, without a phone, and after the end", async () => {
		await enrolled("T-4");
		const good = requestNumber({ counter: 1, nonce: 2 });
		const misheard = good.slice(0, 7) + ((Number(good[7]) + 1) % 10);
		const reason = { reason: "CODE_REFUSED" };
		await expectFault(registry.admin.issueCode("T-4", { kind: "contact", requestNumber: misheard }), "REGISTRY_REFUSED", reason);
		await registry.admin.createContract(contractRequest("T-5"));
		await expectFault(registry.admin.issueCode("T-5", { kind: "automatic", days: 1 }), "REGISTRY_REFUSED", reason);
		await registry.admin.payOff("T-4", { reference: "r" });
		await expectFault(registry.admin.issueCode("T-4", { kind: "contact", requestNumber: good }), "CONTRACT_CLOSED");
	});

	test("says what else was given out for the same turn, of which the phone takes only one", async () => {
		await enrolled("T-6");
		const automatic = await registry.admin.issueCode("T-6", { kind: "automatic", days: 30 });
		expect(automatic).toMatchObject({ counter: 1, rivals: [] });
		const exact = await registry.admin.issueCode("T-6", {
			kind: "set",
			days: 30,
			requestNumber: requestNumber({ counter: 1, nonce: 3 }),
		});
		expect(exact.rivals).toEqual([{ kind: "automatic", value: 30 }]);
	});

	test("is no payment: the contract's books do not move", async () => {
		await enrolled("T-7");
		const before = await registry.admin.getContract("T-7");
		await registry.admin.issueCode("T-7", { kind: "automatic", days: 300 });
		expect(await registry.admin.getContract("T-7")).toEqual(before);
	});
});

describe("an automatic code", () => {
	test("has a counter of its own, eight ahead of what the phone last said, even when many are asked for at once", async () => {
		const it = await enrolled("A-1");
		const many = await Promise.all(
			Array.from({ length: 8 }, () => registry.admin.issueCode("A-1", { kind: "automatic", days: 30 })),
		);
		expect(many.map(({ counter }) => counter).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(new Set(many.map(({ code }) => code)).size).toBe(8);
		await expectFault(registry.admin.issueCode("A-1", { kind: "automatic", days: 30 }), "REGISTRY_REFUSED", {
			reason: "CODE_REFUSED",
		});
		await reports(it.phone, 6);
		expect((await registry.admin.issueCode("A-1", { kind: "automatic", days: 30 })).counter).toBe(9);
	});
});

describe("a release code", () => {
	test("is given once the payoff is proven, and is the preimage of the digest in the terms", async () => {
		const { offer } = await enrolled("R-1");
		await expectFault(registry.admin.releaseCode("R-1"), "PAYOFF_NOT_PROVEN");
		const { certificateId } = await registry.admin.payOff("R-1", { reference: "paid" });
		const given = await registry.admin.releaseCode("R-1");
		expect(given.certificateId).toBe(certificateId);
		const secret = readReleaseCode(given.releaseCode) ?? new Uint8Array();
		expect(releaseDigest(crypto, offer, secret)).toEqual(decode(wire.Terms, offer.terms).releaseDigest);
		expect(await registry.admin.releaseCode("R-1")).toEqual(given);
	});

	test("comes out of any two shares of an escrow, before the payoff and without the registry", async () => {
		const { offer } = await enrolled("R-2");
		const { shares, ...rest } = await registry.admin.splitReleaseSecret("R-2");
		const [first, , third] = shares.map((share, index) => ({ ...rest, share, number: index + 1 }));
		if (!first || !third) throw new Error("three shares");
		const joined = await joinShares(crypto, first, third);
		const secret = "secret" in joined ? joined.secret : new Uint8Array();
		expect(releaseDigest(crypto, offer, secret)).toEqual(decode(wire.Terms, offer.terms).releaseDigest);
	});

	test("is in the audit log as an act, never as a code", async () => {
		await enrolled("R-3");
		const issued = await registry.admin.issueCode("R-3", { kind: "automatic", days: 30 });
		const { shares } = await registry.admin.splitReleaseSecret("R-3");
		await registry.admin.payOff("R-3", { reference: "paid" });
		const { releaseCode } = await registry.admin.releaseCode("R-3");
		const rows = await registry.database.kysely.selectFrom("audit_log").selectAll().where("subject", "=", "R-3").execute();
		const actions = rows.map(({ action }) => action);
		expect(actions).toEqual(expect.arrayContaining(["code.issued", "code.escrow_split", "code.release_given"]));
		const text = JSON.stringify(rows);
		for (const secret of [issued.code, releaseCode, ...shares]) expect(text).not.toContain(secret);
	});
});
