import { afterAll, beforeAll, describe, expect, it, test } from "vitest";

import { PayloadType, readEnvelope } from "../../../../proto/envelope.ts";
import { canonicalJson } from "../../../../provisioning/registry/access/canonical-json.ts";
import type { StatusList, TrustDocument } from "../../../../provisioning/registry/attestation/attestation-request.ts";
import { signTrust } from "../../../../provisioning/registry/attestation/trust.ts";
import { toBase64 } from "../../../../provisioning/registry/base64.ts";
import { type AttestationClient, createAttestationClient } from "../../../../provisioning/registry/clients/attestation-client.ts";
import { makeKey } from "../../../../provisioning/registry/keys/key-file.ts";
import { type LenderKeys, openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { healthyClaim, makeAttestationCa } from "../../../lab/attestation-ca.ts";
import { crypto, evidence, readOrder, TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, DAY, expectFault, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";

const ca = makeAttestationCa(START);
let registry: TestRegistry;
let client: AttestationClient;
let keys: LenderKeys;

beforeAll(async () => {
	registry = await startTestRegistry();
	client = createAttestationClient({ url: registry.url, adminToken: ADMIN_TOKEN });
	keys = await openRoleSigners(registry.keysFolder, { insecureDev: true });
}, 60_000);
afterAll(() => registry.close());

const ROOTS = [{ name: ca.rootName, publicKeySha256: ca.rootSha256 }];

async function lists(
	changes: Partial<TrustDocument> & { version: number },
	status: StatusList | undefined = {},
	signer = keys.signer("enroll"),
) {
	if (!signer) throw new Error("no signer");
	const document = {
		lenderId: "lender-1",
		issuedAtUnixSeconds: registry.now,
		expiresAtUnixSeconds: registry.now + 30 * DAY,
		roots: ROOTS,
		...changes,
	};
	const signed = await signTrust(document, status, signer);
	return { envelope: toBase64(signed.envelope), ...(signed.status ? { status: toBase64(signed.status) } : {}) };
}

/** A phone that is bound, with the receipt for it. */
async function bound(contractId: string, chain: "attested" | "none" | "other binding") {
	const phone = new TestPhone();
	await registry.admin.createContract(contractRequest(contractId));
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	const challenge = crypto.sha256(readEnvelope(offer.bindingEnvelope, PayloadType.binding).payload);
	const claim = healthyClaim(chain === "attested" ? challenge : new Uint8Array(32));
	const attestationChain = chain === "none" ? [] : ca.attest(phone.device.publicKey, claim);
	return { phone, offer, receipt: await phone.bind(offer, { attestationChain }) };
}

const confirmed = async (contractId: string, chain: "attested" | "none" | "other binding") => {
	const { phone, offer, receipt } = await bound(contractId, chain);
	const status = await registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence(contractId));
	return { phone, status };
};
const auditOf = async (subject: string) =>
	registry.database.kysely
		.selectFrom("audit_log")
		.select(["action", "details"])
		.where("subject", "=", subject)
		.orderBy("entry")
		.execute();

describe("the lists", () => {
	test("are the built-in roots, and nothing revoked is known, until the lender signs some", async () => {
		expect((await client.read()).trust).toMatchObject({ version: 0, isExpired: false, roots: [{}, {}] });
		expect((await client.read()).trust.revoked).toBeUndefined();
	});

	it.each([
		["by another role's key", async () => lists({ version: 1 }, {}, keys.signer("command")), "not signed"],
		["by a stranger", async () => lists({ version: 1 }, {}, makeKey(crypto).signer), "not signed"],
		["for another lender", async () => lists({ version: 1, lenderId: "lender-2" }), "another lender"],
		[
			"that have expired",
			async () => lists({ version: 1, issuedAtUnixSeconds: START - 2 * DAY, expiresAtUnixSeconds: START - DAY }),
			"expired",
		],
		["of tomorrow", async () => lists({ version: 1, issuedAtUnixSeconds: START + DAY }), "dated ahead"],
		[
			"with another status list",
			async () => ({ ...(await lists({ version: 1 })), status: btoa(canonicalJson({ a: "REVOKED" })) }),
			"not the one",
		],
		["without their status list", async () => ({ envelope: (await lists({ version: 1 })).envelope }), "not the one"],
		["with no list of roots", async () => lists({ version: 1, roots: [] }), "no list of roots"],
		["that are no envelope", async () => ({ envelope: btoa("rubbish") }), "no signed list"],
	])("are refused %s", async (_, make, why) => {
		await expect(client.install(await make())).rejects.toMatchObject({
			fault: { code: "REGISTRY_REFUSED", raw: expect.stringContaining(why) },
		});
		expect((await client.read()).trust.version).toBe(0);
	});

	test("are taken, written down, and only a newer version takes their place", async () => {
		const first = await lists({ version: 2 }, { a1: "REVOKED" });
		expect((await client.install(first)).trust).toMatchObject({ version: 2, revoked: 1, roots: ROOTS });
		for (const version of [1, 2]) {
			await expect(client.install(await lists({ version }))).rejects.toMatchObject({
				fault: { details: { reason: "CONFLICT" } },
			});
		}
		expect(await client.trust()).toMatchObject({ status: { a1: "REVOKED" }, nextVersion: 3 });
		expect((await auditOf("attestation")).map(({ action }) => action)).toEqual(["attestation.trust"]);
	});

	test("count for nothing once somebody changed them in the database", async () => {
		const { kysely } = registry.database;
		const row = await kysely.selectFrom("attestation_trust").selectAll().where("version", "=", 2).executeTakeFirstOrThrow();
		const forged = { ...row, version: 9, status: Buffer.from("{}") };
		await kysely.insertInto("attestation_trust").values(forged).execute();
		expect((await client.read()).trust).toMatchObject({ version: 0 });
		await kysely.deleteFrom("attestation_trust").where("version", "=", 9).execute();
		expect((await client.read()).trust).toMatchObject({ version: 2 });
	});
});

describe("an enrolment", () => {
	test("is recorded with its verdict, whatever that is", async () => {
		const { status } = await confirmed("AT-1", "attested");
		expect(status.attestation).toEqual({ result: "passed", findings: ["APP_SIGNER_NOT_COMPARED"] });
		expect((await confirmed("AT-2", "none")).status.attestation).toEqual({ result: "absent", findings: [] });
		const other = await confirmed("AT-3", "other binding");
		expect(other.status.attestation).toMatchObject({
			result: "failed",
			findings: expect.arrayContaining(["CHALLENGE_MISMATCH"]),
		});
		expect((await registry.console.story("AT-1")).attestation).toMatchObject({
			atEnrollment: {
				result: "passed",
				policy: "recorded",
				trustVersion: 2,
				facts: { provisioning: "factory", osPatchLevel: 202605 },
			},
			needsAttention: false,
		});
		expect((await auditOf("AT-1")).at(-1)?.details).toContain('"attestation":"passed"');
	});

	test("is refused where a proof is required, says so in the audit log, and leaves nothing else behind", async () => {
		await client.changeSettings({ enrollment: "required" });
		const { offer, receipt } = await bound("AT-4", "other binding");
		await expectFault(registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence("AT-4")), "ATTESTATION_REFUSED", {
			result: "failed",
			findings: "CHALLENGE_MISMATCH APP_SIGNER_NOT_COMPARED",
		});
		expect((await auditOf("AT-4")).at(-1)).toMatchObject({ action: "attestation.refused" });
		expect((await registry.port.enrollmentOf("AT-4"))?.state).toBe("offered");
		expect((await confirmed("AT-5", "attested")).status).toMatchObject({ state: "confirmed", attestation: { result: "passed" } });
	});

	test("is refused where a proof is required and the lists have expired: a proof that nobody can check is none", async () => {
		registry.now += 31 * DAY;
		const { offer, receipt } = await bound("AT-6", "attested");
		await expectFault(registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence("AT-6")), "ATTESTATION_REFUSED", {
			result: "cannot_verify",
		});
		await client.install(await lists({ version: 3 }));
		expect((await registry.port.confirmEnrollment(offer.enrollmentId, receipt, evidence("AT-6"))).state).toBe("confirmed");
	});

	test("is not judged where nobody asks for it, and every change of that is written down", async () => {
		await client.changeSettings({ enrollment: "off" });
		expect((await confirmed("AT-7", "none")).status.attestation).toBeUndefined();
		expect((await registry.console.story("AT-7")).attestation).toBeUndefined();
		await client.changeSettings({ enrollment: "recorded" });
		const changes = (await auditOf("attestation")).filter(({ action }) => action === "attestation.settings");
		expect(changes.map(({ details }) => JSON.parse(details).enrollment)).toEqual(["required", "off", "recorded"]);
	});
});

describe("a check-in", () => {
	test("is answered, and loosens, whatever became of the phone's attestation since", async () => {
		const { phone } = await confirmed("AT-8", "attested");
		await client.changeSettings({ checkIn: "required" });
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		expect((await registry.console.story("AT-8")).attestation).toMatchObject({
			atCheckIn: { result: "passed" },
			needsAttention: false,
		});

		// Another list that does not name its certificates: nothing to judge again.
		registry.now += DAY;
		await client.install(await lists({ version: 4 }, { b0b: "REVOKED" }));
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		expect((await registry.console.story("AT-8")).attestation).toMatchObject({
			atCheckIn: { result: "passed", trustVersion: 3 },
		});

		registry.now += DAY;
		await client.install(await lists({ version: 5 }, { a1b2c3d: "REVOKED" }));
		await registry.admin.recordPayment("AT-8", { reference: "P-1", amountMinor: 1000 });
		const reply = phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		expect(reply.orders.map(({ envelope }) => readOrder(envelope).extend)).toMatchObject([{ paymentReference: "P-1" }]);
		expect((await registry.console.story("AT-8")).attestation).toMatchObject({
			atEnrollment: { result: "passed" },
			atCheckIn: { result: "failed", policy: "required", trustVersion: 5, findings: [{ code: "CERTIFICATE_REVOKED" }, {}] },
			needsAttention: true,
		});
	});

	test("is answered where the lists cannot even be read", async () => {
		const { phone } = await confirmed("AT-9", "attested");
		registry.now += DAY;
		await registry.database.kysely.updateTable("attestation_settings").set({ settings: "{}" }).execute();
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		await expect(client.read()).rejects.toThrow();
	});
});
