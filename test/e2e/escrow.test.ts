import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { createAdminClient } from "../../provisioning/registry/clients/admin-client.ts";
import { createRegistryClient } from "../../provisioning/registry/clients/registry-client.ts";
import { TestPhone as AgentPhone } from "../agent/test-phone.ts";
import { evidence } from "../provisioning/registry/test-phone.ts";
import { contractRequest, nextImei } from "../provisioning/registry/test-registry.ts";
import { holdfastJson, type RunningCommand, startHoldfast } from "./holdfast-process.ts";

let folder: string;
let serve: RunningCommand | undefined;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-escrow-"));
});
afterAll(async () => {
	serve?.kill("SIGKILL");
	await serve?.ended;
	await rm(folder, { recursive: true, force: true });
}, 60_000);

const env = () => ({ NO_COLOR: "1", HOLDFAST_DATA: join(folder, "data") });
const run = async (...args: string[]) => (await holdfastJson(args, { env: env() })).document;
const refused = async (...args: string[]) => (await startHoldfast([...args, "--no-input"], { env: env() }).ended).stderr;

test("a lender fails: three of five holders free all of its phones from the last deposit, with no server and no key of the lender", async () => {
	const keys = join(folder, "keys");
	await run("keys", "init", "--lender", "lender-1", "--folder", keys, "--insecure-dev");
	const pages = join(folder, "pages");
	const escrow = await run("keys", "escrow", "new", "--holders", "5", "--needed", "3", "--folder", pages);
	const fingerprint = String(escrow.fingerprint);
	const publicFile = String(escrow.publicFile);
	const swapped = await refused("keys", "escrow", "use", publicFile, "--folder", keys, "--fingerprint", "0000-0000-0000-0000");
	expect(swapped).toContain("FINGERPRINT_DIFFERS");
	await run("keys", "escrow", "use", publicFile, "--folder", keys, "--fingerprint", fingerprint);

	serve = startHoldfast(["serve", "--keys", keys, "--port", "0", "--insecure-dev", "--json"], {
		env: env(),
		deadlineMs: 600_000,
	});
	const ready: { url: string; adminTokenFile: string } = JSON.parse(await serve.firstLine);
	const address = { url: ready.url, adminToken: (await readFile(ready.adminTokenFile, "utf8")).trim() };
	const admin = createAdminClient(address);
	const port = createRegistryClient(address);
	const phones: Record<string, AgentPhone> = {};
	for (const contractId of ["ESC-1", "ESC-2", "ESC-3"]) {
		const phone = new AgentPhone();
		phone.imeis = [nextImei(), nextImei()];
		phone.serial = contractId;
		phone.unixSeconds = Math.floor(Date.now() / 1000);
		await admin.createContract(contractRequest(contractId));
		const [imei1, imei2] = phone.imeis;
		const offer = await port.offerEnrollment(contractId, { imei1, imei2, serial: phone.serial, model: "X" } as never); // valid numbers
		phone.send({ started: {} });
		phone.facts();
		const bound = phone.cable({ bind: { ...offer, keySetEnvelopes: [...offer.keySetEnvelopes] } }).bindingAccepted;
		await port.confirmEnrollment(offer.enrollmentId, bound?.receiptEnvelope ?? new Uint8Array(), evidence(contractId));
		phones[contractId] = phone;
	}
	await admin.createContract(contractRequest("NOT-ENROLLED"));

	const deposit = join(folder, "deposit.jsonl");
	expect(await run("code", "deposit", "--out", deposit, "--registry", ready.url)).toMatchObject({ phones: 4, key: fingerprint });
	const text = await readFile(deposit, "utf8");
	expect(text).not.toContain("ESC-1");
	const over = await refused("code", "deposit", "--out", deposit, "--registry", ready.url);
	expect(over).toContain("is there already");

	// Nothing is left of the lender.
	serve.kill("SIGKILL");
	await serve.ended;
	await rm(keys, { recursive: true });
	await rm(join(folder, "data"), { recursive: true, force: true });

	const files = (await readdir(pages)).filter((name) => name.endsWith(".txt")).sort();
	const share = (...numbers: number[]) => numbers.flatMap((number) => ["--share", join(pages, files[number - 1] ?? "")]);
	const codes = join(folder, "codes.csv");
	expect(await refused("code", "recover", deposit, ...share(1, 4), "--out", codes)).toContain("2 of 3 different shares are here");
	expect(await refused("code", "recover", deposit, ...share(1, 4, 4), "--out", codes)).toContain(
		"2 of 3 different shares are here",
	);
	const mistyped = join(folder, "mistyped.txt");
	const page = await readFile(join(pages, files[0] ?? ""), "utf8");
	await writeFile(
		mistyped,
		page.replace(/(SHARE {8})(\w)/, (_, head, sign) => `${head}${sign === "0" ? "1" : "0"}`),
	);
	expect(await refused("code", "recover", deposit, "--share", mistyped, ...share(2, 3), "--out", codes)).toContain(
		"SHARE is missing or mistyped",
	);
	const stranger = await run("keys", "escrow", "new", "--folder", join(folder, "stranger"));
	const strange = (stranger.files as string[]).flatMap((file) => ["--share", file]); // what our own command printed
	expect(await refused("code", "recover", deposit, ...strange, "--out", codes)).toContain(
		`This deposit is sealed with ${fingerprint}`,
	);

	expect(await run("code", "recover", deposit, ...share(5, 2, 4), "--out", codes)).toMatchObject({ phones: 4, isWhole: true });
	const one = await run("code", "recover", deposit, ...share(1, 2, 3), "--contract", "ESC-2");
	const rows = (await readFile(codes, "utf8"))
		.split("\r\n")
		.map((row) => row.split('","').map((cell) => cell.replaceAll('"', "")));
	for (const [contractId, phone] of Object.entries(phones)) {
		const row = rows.find(([id]) => id === contractId);
		expect(row?.slice(1, 3)).toEqual(phone.imeis);
		phone.send({ codeEntered: { code: row?.[4] ?? "" } });
		expect(phone.standing).toBe("RELEASED");
	}
	expect(one.releaseCode).toBe(rows.find(([id]) => id === "ESC-2")?.[4]);

	const short = join(folder, "short.jsonl");
	await writeFile(short, `${text.split("\n")[0]}\n`);
	expect(await run("code", "recover", short, ...share(1, 2, 3), "--out", join(folder, "short.csv"))).toMatchObject({
		isWhole: false,
	});
}, 300_000);
