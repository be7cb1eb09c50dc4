import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { trustedKeySet } from "../../agent/daemon/key-sets.ts";
import { grantOf } from "../../proto/roles.ts";
import { wire } from "../../proto/wire.ts";
import { type AdminClient, createAdminClient } from "../../provisioning/registry/clients/admin-client.ts";
import { createRegistryClient } from "../../provisioning/registry/clients/registry-client.ts";
import { readKeySetChain } from "../../provisioning/registry/keys/key-folder.ts";
import { CKA } from "../../provisioning/registry/keys/pkcs11/cryptoki.ts";
import { loadCryptoki } from "../../provisioning/registry/keys/pkcs11/koffi-cryptoki.ts";
import { createTokens, openTokenKey } from "../../provisioning/registry/keys/pkcs11/token-keys.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";
import { TestPhone as AgentPhone } from "../agent/test-phone.ts";
import { makeSoftToken, NO_SOFT_HSM, SOFT_HSM, type SoftToken } from "../provisioning/registry/keys/soft-token.ts";
import { evidence } from "../provisioning/registry/test-phone.ts";
import { contractRequest } from "../provisioning/registry/test-registry.ts";
import { holdfastJson, type RunningCommand, startHoldfast } from "./holdfast-process.ts";

if (!SOFT_HSM) console.warn(NO_SOFT_HSM);

/** Command, enroll and release keys in SoftHSM, heartbeat in a file: made by the ceremony's commands, used by a served registry. */
describe.skipIf(!SOFT_HSM)("a registry whose keys are in a PKCS#11 token", () => {
	let folder: string;
	let token: SoftToken;
	let serve: RunningCommand;
	let admin: AdminClient;
	let url: string;
	let adminToken: string;
	const phone = new AgentPhone();
	const keys = () => join(folder, "keys");
	const env = () => ({ ...token.env, NO_COLOR: "1", HOLDFAST_DATA: join(folder, "data") });
	const run = async (...args: string[]) => (await holdfastJson(["keys", ...args], { env: env() })).document;
	const inToken = () => [
		...["--provider", "pkcs11", "--module", token.module, "--token-label", token.label, "--pin-file", token.pinFile],
		...["--folder", keys(), "--insecure-dev"],
	];

	async function ceremony(proposed: Promise<Record<string, unknown>>, roots: readonly string[]): Promise<void> {
		const { proposal, fingerprint } = await proposed;
		const signatures: string[] = [];
		for (const key of roots) {
			const args = ["sign", String(proposal), "--key", key, "--fingerprint", String(fingerprint), "--insecure-dev"];
			signatures.push(String((await run(...args)).file));
		}
		const { keySet } = await run("combine", String(proposal), ...signatures);
		await run("install", String(keySet), "--folder", keys());
	}

	let roots: string[];
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "holdfast-token-"));
		token = await makeSoftToken(folder);
		const made: Record<string, unknown>[] = [];
		for (const name of ["a", "b", "c"]) made.push(await run("root", "new", "--folder", join(folder, name), "--insecure-dev"));
		roots = made.slice(0, 2).map(({ keyFile }) => String(keyFile));
		const parts = made.map(({ publicFile }) => String(publicFile));
		await ceremony(run("propose", "--lender", "lender-1", "--root", ...parts, ...inToken()), roots);
		const args = ["serve", "--data", join(folder, "data"), "--keys", keys(), "--port", "0", "--insecure-dev", "--json"];
		serve = startHoldfast(args, { env: env(), deadlineMs: 600_000 });
		const ready: { url: string; adminTokenFile: string } = JSON.parse(await serve.firstLine);
		url = ready.url;
		adminToken = (await readFile(ready.adminTokenFile, "utf8")).trim();
		admin = createAdminClient({ url, adminToken });
		phone.unixSeconds = Math.floor(Date.now() / 1000);
	}, 240_000);
	afterAll(async () => {
		serve?.kill("SIGTERM");
		await serve?.ended;
		await rm(folder, { recursive: true, force: true });
	}, 60_000);

	const port = () => createRegistryClient({ url, adminToken });
	const ready = async () => {
		const answer = await fetch(`${url}/readyz`);
		return { status: answer.status, body: (await answer.json()) as unknown };
	};
	async function checkIn() {
		const replyEnvelope = await port().relayCheckIn(phone.startCheckIn());
		return (phone.cable({ finishCheckIn: { replyEnvelope } }).outcome?.orders ?? []).map(
			({ result }) => wire.OrderResult[result],
		);
	}
	const restore = () => admin.issueOrder("T-1", { action: "restore", reason: "goodwill" });

	test("holds no file of a key that orders, binds or frees; the heartbeat's is in one", async () => {
		const { current } = await readKeySetChain(createNodeCrypto(), keys());
		const online = await readdir(join(keys(), "online"));
		expect(online.filter((name) => name.endsWith(".pem")).sort()).toEqual([
			"codes.pem",
			`heartbeat-${grantOf(current, wire.Role.ROLE_HEARTBEAT).keys[0]?.keyid}.pem`,
		]);
		const files = online.filter((name) => name.endsWith(".pkcs11.json"));
		expect(files).toHaveLength(3);
		for (const name of files) expect(await readFile(join(keys(), "online", name), "utf8")).not.toContain("87654321");
	});

	test("enrols a phone, whose agent believes it and obeys its orders", async () => {
		await admin.createContract({
			...contractRequest("T-1"),
			consent: { ...contractRequest("T-1").consent, givenAtUnixSeconds: phone.unixSeconds - 600 },
		});
		const [imei1, imei2] = phone.imeis;
		const offer = await port().offerEnrollment("T-1", { imei1, imei2, serial: phone.serial, model: "X" } as never); // valid numbers
		phone.send({ started: {} });
		phone.facts();
		const bound = phone.cable({ bind: { ...offer, keySetEnvelopes: [...offer.keySetEnvelopes] } });
		await port().confirmEnrollment(
			offer.enrollmentId,
			bound.bindingAccepted?.receiptEnvelope ?? new Uint8Array(),
			evidence("T-1"),
		);
		await checkIn();
		await restore();
		expect(await checkIn()).toEqual(["ORDER_RESULT_ACCEPTED"]);
	});

	test("goes on answering phones when the token is taken out, refuses what it would have to sign, and recovers by itself", async () => {
		const away = `${token.tokens}-away`;
		await rename(token.tokens, away);
		await expect(restore()).rejects.toMatchObject({ fault: { code: "REGISTRY_UNREACHABLE" } });
		expect(await ready()).toMatchObject({ status: 200, body: { withoutKeys: ["command", "enroll", "release"] } });
		expect(await checkIn()).toEqual([]);
		expect((await admin.getContract("T-1")).pendingOrders).toBe(0);
		await rename(away, token.tokens);
		await expect.poll(async () => (await ready()).body, { timeout: 20_000 }).toEqual({ status: "ok" });
		await restore();
		expect(await checkIn()).toEqual(["ORDER_RESULT_ACCEPTED"]);
	});

	test("takes up a rotation inside the token on SIGHUP, and the phone follows", async () => {
		await ceremony(run("propose", "--renew", "command", "--new-epoch", ...inToken()), roots);
		process.kill(serve.pid, "SIGHUP");
		const versions = async () =>
			((await (await fetch(`${url}/v1/key-sets`)).json()) as { keySetEnvelopes: string[] }).keySetEnvelopes.length;
		await expect.poll(versions, { timeout: 20_000 }).toBe(2);
		await checkIn();
		await restore();
		expect([...(await checkIn()), ...(await checkIn())]).toContain("ORDER_RESULT_ACCEPTED");
		expect(trustedKeySet(phone.ledger.contract ?? { keySet: new Uint8Array() })).toMatchObject({ version: 2, epoch: 2 });
	});

	async function makeWeakKey(label: string): Promise<void> {
		const module = loadCryptoki(token.module);
		await module.initialize();
		const [slot = 0] = await module.slotsOf(token.label);
		const session = await module.openSession(slot, true);
		await module.login(session, "87654321");
		const named = [
			[CKA.LABEL, Buffer.from(label)],
			[CKA.TOKEN, true],
		] as const;
		const curve = Buffer.from("06082a8648ce3d030107", "hex");
		const weak = [
			[CKA.SENSITIVE, true],
			[CKA.EXTRACTABLE, true],
			[CKA.SIGN, true],
			[CKA.DERIVE, false],
			[CKA.UNWRAP, false],
		] as const;
		await module.generateP256(session, [...named, [CKA.EC_PARAMS, curve]], [...named, ...weak, [CKA.DECRYPT, false]]);
		await module.closeSession(session);
		await module.finalize();
	}

	test("does not start with a key that can be copied, or with another than the key set grants", async () => {
		const { keySets } = await readKeySetChain(createNodeCrypto(), keys());
		const [granted] = keySets.flatMap((keySet) => grantOf(keySet, wire.Role.ROLE_RELEASE).keys);
		if (!granted) throw new Error("no release key");
		const weak = join(folder, "weak.pkcs11.json");
		const place = { module: token.module, token: token.label, pinFile: token.pinFile };
		process.env.SOFTHSM2_CONF = token.env.SOFTHSM2_CONF; // this process opens the token as well
		await makeWeakKey("weak");
		const open = async (settings: object) => {
			await writeFile(weak, JSON.stringify({ ...place, ...settings }));
			return openTokenKey(createNodeCrypto(), createTokens(), weak, granted);
		};
		await expect(open({ key: "weak" })).rejects.toThrow("it can be taken out of the token");
		await expect(open({ key: "weak", allowExtractable: true })).rejects.toThrow("is not the one that the key set grants");
		await expect(open({ key: "none" })).rejects.toThrow("holds no private key");
		expect((await open({ key: "holdfast-release-1" })).keyid).toBe(granted.keyid);
	});
});
