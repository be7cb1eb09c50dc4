import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, expect, test } from "vitest";

import { createConsoleClient } from "../../provisioning/registry/clients/console-client.ts";
import {
	AGENT_CERTIFICATE,
	type Claim,
	healthyClaim,
	makeAttestationCa,
	rootOfTrust,
	Tag,
	withTag,
} from "../lab/attestation-ca.ts";
import type { LabHandset } from "../lab/lab.ts";
import { startHoldfast } from "./holdfast-process.ts";
import { worldOfThisFile } from "./test-world.ts";

// Virtual phones that present a chain of a certificate authority in software: what the lender's side makes of it, not what a phone sends.

const here = worldOfThisFile("attestation", "in-process");
let ca: ReturnType<typeof makeAttestationCa>;
let roots: string;
let status: string;
/** The phone of contract A-1. */
let proven: LabHandset | undefined;

beforeAll(async () => {
	ca = makeAttestationCa(Math.floor(here.world.clock.nowMs() / 1000));
	const [, , , root = new Uint8Array()] = ca.attest(new Uint8Array(65).fill(4), healthyClaim(new Uint8Array(32)));
	roots = join(here.folder, "roots.json");
	status = join(here.folder, "status.json");
	await writeFile(roots, JSON.stringify([new X509Certificate(root).toString()]));
	await writeFile(status, JSON.stringify({ entries: { "5eed": { status: "REVOKED", reason: "KEY_COMPROMISE" } } }));
}, 120_000);

const keysFlags = () => ["--keys", join(here.folder, "keys"), "--insecure-dev"];
const update = (...args: string[]) => here.world.holdfast("attestation", "update", ...args, ...keysFlags());

/** A phone that attests its key with such a claim, or not at all. */
async function phone(contractId: string, claim?: (healthy: Claim) => Claim): Promise<LabHandset> {
	const { world } = here;
	const handset = await world.lab.add({
		...(claim ? { attest: (challenge, publicKey) => ca.attest(publicKey, claim(healthyClaim(challenge))) } : {}),
	});
	await world.enterContract(contractId, handset);
	return handset;
}

const enroll = (contractId: string, handset: LabHandset) =>
	here.world.holdfast("enroll", contractId, "-s", handset.adbSerial, "--no-seal");
async function story(contractId: string) {
	const { registryUrl, adminToken } = here.world;
	return (await createConsoleClient({ url: registryUrl, adminToken }).story(contractId)).attestation;
}

test("before the lender has signed any list, a chain is recorded with what is wrong with it, and refuses nobody", async () => {
	const handset = await phone("A-0", (healthy) => healthy);
	expect((await enroll("A-0", handset)).code).toBe(0);
	expect(await story("A-0")).toMatchObject({
		atEnrollment: { result: "failed", policy: "recorded", trustVersion: 0 },
		needsAttention: false,
	});
});

test("a root that nobody has heard of is not taken over without a word, and what changes is said", async () => {
	const args = ["attestation", "update", roots, status, ...keysFlags()];
	const refused = await startHoldfast(args, { env: here.world.env }).ended;
	expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining(`--accept-root ${ca.rootSha256}`)]);
	const taken = await update(roots, status, "--accept-root", ca.rootSha256);
	expect([taken.code, taken.document]).toMatchObject([
		0,
		{
			trust: { version: 1, revoked: 1, isExpired: false },
			changes: { roots: { added: [ca.rootSha256] }, revoked: { added: ["5eed"] } },
		},
	]);
});

test("where it is required, a phone that proves its key is enrolled, and verify says so", async () => {
	const { world } = here;
	const policy = await world.holdfast(
		...["attestation", "policy", "--enrollment", "required", "--check-in", "required"],
		...["--agent-certificate", AGENT_CERTIFICATE.toString("hex"), "--os-patch", "202601"],
	);
	expect(policy.document).toMatchObject({
		ok: true,
		settings: { enrollment: "required", checkIn: "required", osPatchFloor: 202601 },
	});
	const handset = await phone("A-1", (healthy) => healthy);
	proven = handset;
	const { code, stderr } = await enroll("A-1", handset);
	expect(code, stderr).toBe(0);
	expect(await story("A-1")).toMatchObject({
		atEnrollment: {
			result: "passed",
			policy: "required",
			findings: [],
			facts: { securityLevel: "trusted_environment", root: ca.rootName },
		},
		atCheckIn: { result: "passed" },
		needsAttention: false,
	});
	const verified = await world.holdfast("verify", "A-1", "-s", handset.adbSerial);
	expect(verified.document).toMatchObject({ ok: true, attestation: { result: "passed", findings: [] } });
});

test.each([
	["A-2", "sends no chain", undefined, { result: "absent" }],
	[
		"A-3",
		"is unlocked",
		(healthy: Claim) => ({ ...healthy, hardware: withTag(healthy.hardware, Tag.rootOfTrust, rootOfTrust({ locked: false })) }),
		{ result: "failed", findings: "BOOTLOADER_UNLOCKED" },
	],
	[
		"A-4",
		"keeps its key in software",
		(healthy: Claim) => ({ ...healthy, attestationLevel: 0, keyMintLevel: 0 }),
		{ result: "failed", findings: "ATTESTED_BY_SOFTWARE KEY_IN_SOFTWARE" },
	],
])("and one (%s) that %s is refused, and stays unconfirmed", async (contractId, _, claim, details) => {
	const { world } = here;
	const handset = await phone(contractId, claim);
	const { code, document } = await enroll(contractId, handset);
	expect([code, document.fault]).toMatchObject([5, { code: "ATTESTATION_REFUSED", details }]);
	expect(await world.admin.listEnrollments(contractId)).toMatchObject([{ state: "offered" }]);
	expect(await story(contractId)).toBeUndefined();
	// It is not locked by that, and frees itself later as every phone that is never confirmed.
	expect(handset.screen()).toMatchObject({ standing: "unlocked" });
});

test("a certificate that is revoked later is reported with the next day's check-in, which is answered as ever", async () => {
	const { world } = here;
	const handset = proven;
	await writeFile(status, JSON.stringify({ entries: { a1b2c3d: { status: "REVOKED" } } }));
	expect((await update(status)).document).toMatchObject({
		trust: { version: 2 },
		changes: { roots: { added: [], removed: [] }, revoked: { added: ["a1b2c3d"], removed: ["5eed"] } },
	});
	world.clock.advance(26 * 3600 * 1000);
	await handset?.agent?.checkInNow();
	expect(await story("A-1")).toMatchObject({
		atEnrollment: { result: "passed", trustVersion: 1 },
		atCheckIn: { result: "failed", trustVersion: 2, findings: [{ code: "CERTIFICATE_REVOKED", next: expect.any(String) }] },
		needsAttention: true,
	});
	expect(handset?.screen()).toMatchObject({ standing: "unlocked" });
});
