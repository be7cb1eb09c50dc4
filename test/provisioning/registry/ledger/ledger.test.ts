import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAdminClient } from "../../../../provisioning/registry/clients/admin-client.ts";
import { createRegistryClient } from "../../../../provisioning/registry/clients/registry-client.ts";
import { createWebhookClient } from "../../../../provisioning/registry/clients/webhook-client.ts";
import { openDatabase, type RegistryDatabase } from "../../../../provisioning/registry/database/database.ts";
import { createRegistry } from "../../../../provisioning/registry/http/create-registry.ts";
import { initKeys } from "../../../../provisioning/registry/keys/init-keys.ts";
import { type LenderKeys, openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { exportLedger } from "../../../../provisioning/registry/ledger/export-ledger.ts";
import { importLedger } from "../../../../provisioning/registry/ledger/import-ledger.ts";
import { LEDGER_TABLES, LEFT_BEHIND } from "../../../../provisioning/registry/ledger/ledger-tables.ts";
import { readLedger } from "../../../../provisioning/registry/ledger/read-ledger.ts";
import { makeIdentity } from "../../../../provisioning/registry/ledger/transfer-key.ts";
import { writeLedgerFile } from "../../../../provisioning/registry/ledger/write-ledger-file.ts";
import { crypto, evidence, TestPhone } from "../test-phone.ts";
import {
	ADMIN_TOKEN,
	connect,
	contractRequest,
	expectFault,
	START,
	startTestRegistry,
	type TestRegistry,
} from "../test-registry.ts";

let registry: TestRegistry;
let keys: LenderKeys;
let phone: TestPhone;
let recipient: Awaited<ReturnType<typeof makeIdentity>>;
const databases: RegistryDatabase[] = [];
const file = (name: string) => join(registry.folder, name);

beforeAll(async () => {
	registry = await startTestRegistry({ webhookLoopback: true });
	keys = await openRoleSigners(registry.keysFolder, { insecureDev: true });
	recipient = await makeIdentity();
	await createWebhookClient({ url: registry.url, adminToken: ADMIN_TOKEN }).add({ url: "https://loans.example/", name: "loans" });
	phone = new TestPhone();
	for (const id of ["L-1", "L-2", "L-3"]) await registry.admin.createContract(contractRequest(id));
	const offer = await registry.port.offerEnrollment("L-1", phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence("L-1"));
	phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
	await registry.admin.recordPayment("L-1", { reference: "p-1", amountMinor: 1000 });
	await registry.admin.payOff("L-2", { reference: "all" });
});
afterAll(async () => {
	for (const database of databases) await database.close();
	await registry?.close();
});

const write = (name: string, changes: { sealTo?: string; database?: RegistryDatabase } = {}) =>
	writeLedgerFile(file(name), { database: registry.database, keys, crypto, nowUnixSeconds: registry.now, ...changes });

let fresh = 0;
/** Another database on the same server, brought to this version and empty. */
async function emptyDatabase(): Promise<RegistryDatabase> {
	fresh += 1;
	const client = await connect(registry);
	await client.query(`CREATE DATABASE fresh_${fresh}`);
	await client.end();
	const { host = "", port = 0, user = "", password = "" } = registry.database.pool.options;
	const database = await openDatabase({ host, port, user, password, database: `fresh_${fresh}` });
	databases.push(database);
	return database;
}

const take = async (path: string, changes: { identity?: string; database?: RegistryDatabase; keys?: LenderKeys } = {}) =>
	importLedger({
		path,
		database: changes.database ?? (await emptyDatabase()),
		keys,
		crypto,
		nowUnixSeconds: registry.now,
		...changes,
	});

const linesOf = async (path: string) =>
	gunzipSync(await readFile(path))
		.toString("utf8")
		.split("\n")
		.slice(0, -1);
/** Rows without the chain that links them to the rest of their own file. */
const rowsOf = async (path: string) =>
	(await linesOf(path)).filter((line) => line.startsWith('{"t":')).map((line) => line.replace(/,"h":"\w+"}$/, ""));

test("every table either goes along or stays behind for a reason", async () => {
	const { rows } = await registry.database.pool.query<{ name: string }>(
		// Not the parts of one.
		`SELECT relname AS name FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
	);
	expect([...LEDGER_TABLES.map(({ name }) => String(name)), ...Object.keys(LEFT_BEHIND)].sort()).toEqual(
		rows.map(({ name }) => name).sort(),
	);
});

test("a lender goes on elsewhere: the phone checks in, its codes work, the audit log is whole, and the file says the same again", async () => {
	const before = await registry.admin.listContracts();
	const release = await registry.admin.releaseCode("L-2");
	const summary = await write("whole.gz", { sealTo: recipient.recipient });
	expect(summary.rows).toMatchObject({ contracts: 3, payments: 1, enrollments: 1 });
	expect((await stat(file("whole.gz"))).mode & 0o777).toBe(0o600);
	const database = await emptyDatabase();
	const imported = await take(file("whole.gz"), { database, identity: recipient.identity });
	expect(imported).toMatchObject({ exportId: summary.exportId, lines: summary.lines, hasSecrets: true, isOtherVault: false });

	let url = "";
	const app = await createRegistry({
		...{ database, keys, clock: { nowMs: () => registry.now * 1000 }, adminToken: ADMIN_TOKEN, publicUrl: () => url },
	});
	url = await app.listen({ host: "127.0.0.1", port: 0 });
	const admin = createAdminClient({ url, adminToken: ADMIN_TOKEN });
	expect(await admin.listContracts()).toEqual(before);
	expect(await admin.releaseCode("L-2")).toEqual(release);
	const reply = phone.takeReply(await createRegistryClient({ url, adminToken: ADMIN_TOKEN }).relayCheckIn(await phone.checkIn()));
	expect(reply.orders.map(({ extend }) => extend?.paymentReference)).toEqual(["p-1"]);
	// A code key that was bound there makes codes here.
	expect((await admin.issueCode("L-1", { kind: "automatic", days: 3, requestId: "c" })).code).toMatch(/^[\d-]{13,}$/);
	const audit = await fetch(`${url}/v1/exports/audit.jsonl`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
	expect((await audit.text()).trim().split("\n").at(-1)).toContain('"chain":"whole"');
	// Nothing is sent to it unsigned: it gets another secret first.
	const webhooks = createWebhookClient({ url, adminToken: ADMIN_TOKEN });
	const [{ endpointId = "" } = {}] = await webhooks.list();
	expect(await webhooks.list()).toMatchObject([{ name: "loans", state: "disabled" }]);
	await expectFault(webhooks.enable(endpointId), "REGISTRY_REFUSED", { reason: "CONFLICT" });
	await webhooks.rotate(endpointId, {});
	expect(await webhooks.enable(endpointId)).toMatchObject({ state: "enabled" });
	await app.close();
});

test("what was exported and imported says the same when it is exported again", async () => {
	const database = await emptyDatabase();
	await write("first.gz");
	await take(file("first.gz"), { database });
	await write("second.gz", { database });
	const differs = (row: string) => /"ledger\.(?:ex|im)ported"/.test(row) || row.startsWith('{"t":"webhook_endpoints"');
	const [first, second] = [await rowsOf(file("first.gz")), await rowsOf(file("second.gz"))];
	expect(second.filter((row) => !differs(row))).toEqual(first.filter((row) => !differs(row)));
	expect(second.filter((row) => row.includes("ledger.imported"))).toHaveLength(1);
});

test("no secret is in it unless it was asked for, and then only for whom it was meant", async () => {
	await write("plain.gz");
	const plain = (await linesOf(file("plain.gz"))).join("\n");
	expect(plain).toContain('"release_secret":null');
	expect(plain).not.toMatch(/"(?:release_secret|code_key)":"/);
	await write("sealed.gz", { sealTo: recipient.recipient });
	const other = await makeIdentity();
	await expect(take(file("sealed.gz"), { identity: other.identity })).rejects.toMatchObject({ code: "WRONG_IDENTITY" });
	await expect(take(file("plain.gz"), { identity: other.identity })).rejects.toMatchObject({ code: "WRONG_IDENTITY" });
	await expect(write("x.gz", { sealTo: "age1nobody" })).rejects.toMatchObject({ code: "WRONG_IDENTITY" });
	// Without the identity everything but the secrets comes along.
	expect(await take(file("sealed.gz"))).toMatchObject({ hasSecrets: false });
});

test("it is of one moment, whatever is booked while it is written, and its rows stand in the order of their bytes", async () => {
	let text = "";
	for await (const lines of exportLedger({ database: registry.database, keys, crypto, nowUnixSeconds: registry.now })) {
		if (text === "") await registry.admin.createContract(contractRequest("A-LATER"));
		text += lines;
	}
	expect(text).not.toContain("A-LATER");
	const contracts = text.split("\n").flatMap((row) => /"t":"contracts","r":\{"contract_id":"([^"]+)"/.exec(row)?.[1] ?? []);
	expect(contracts).toEqual([...contracts].sort());
});

describe("a file is refused, with the line, and nothing of it is taken,", () => {
	let good: string[];
	let database: RegistryDatabase;
	beforeAll(async () => {
		await write("good.gz");
		good = await linesOf(file("good.gz"));
		database = await emptyDatabase();
	});

	async function refused(lines: readonly string[] | Uint8Array, ends = "\n") {
		const bytes = lines instanceof Uint8Array ? lines : gzipSync(lines.join("\n") + ends);
		await writeFile(file("bad.gz"), bytes);
		const error: unknown = await take(file("bad.gz"), { database }).then(
			() => "taken",
			(refusal: unknown) => refusal,
		);
		const { rows } = await database.pool.query<{ count: number }>("SELECT count(*)::int AS count FROM contracts");
		expect(rows).toEqual([{ count: 0 }]);
		return error;
	}

	test("when one character of any line was changed", async () => {
		for (const index of [0, 1, 5, good.length - 3, good.length - 2]) {
			const changed = good.map((line, at) =>
				at === index ? line.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)) : line,
			);
			expect(await refused(changed)).toMatchObject({ code: "DAMAGED", line: index + 1 });
		}
	});

	test("when a line was left out, put in or moved", async () => {
		expect(await refused(good.filter((_, index) => index !== 4))).toMatchObject({ code: "DAMAGED", line: 5 });
		expect(await refused([...good.slice(0, 3), good[2] ?? "", ...good.slice(3)])).toMatchObject({ code: "DAMAGED", line: 4 });
		expect(await refused([...good, "{}"])).toMatchObject({ code: "DAMAGED", line: good.length + 1 });
	});

	test("when it was cut anywhere, packed or unpacked", async () => {
		for (const length of [1, 2, 10, good.length - 1]) {
			expect(await refused(good.slice(0, length))).toMatchObject({ code: "CUT_OFF", line: length + 1 });
		}
		expect(await refused(good.slice(0, 8), "half of a li")).toMatchObject({ code: "CUT_OFF", line: 8 });
		const packed = gzipSync(`${good.join("\n")}\n`);
		for (const part of [0.2, 0.9]) {
			expect(await refused(packed.subarray(0, Math.floor(packed.length * part)))).toMatchObject({ code: "CUT_OFF" });
		}
		expect(await refused(new Uint8Array())).toMatchObject({ code: "CUT_OFF" });
	});

	test("when it is something else", async () => {
		expect(await refused(Buffer.from("no gzip at all"))).toMatchObject({ code: "NOT_A_LEDGER" });
		expect(await refused(["{}"])).toMatchObject({ code: "NOT_A_LEDGER" });
		expect(await refused(gzipSync("x".repeat(6 * 1024 * 1024)))).toMatchObject({ code: "DAMAGED", line: 1 });
	});

	test("when somebody made all its hashes anew, because nobody of the lender signed that", async () => {
		const { LedgerChain } = await import("../../../../provisioning/registry/ledger/ledger-line.ts");
		const chain = new LedgerChain();
		const forged = good
			.slice(0, -1)
			.map((line) => chain.write(line.replace(/,"h":"\w+"}$/, "").replace('"paid_minor":1000', '"paid_minor":3000')).trimEnd());
		expect(forged).not.toEqual(good.slice(0, -1));
		expect(await refused([...forged, good.at(-1) ?? ""])).toMatchObject({ code: "NOT_SIGNED", line: good.length });
	});

	test("when it is of another lender, of keys that are not here, or not for an empty registry", async () => {
		const folder = file("other-keys");
		await initKeys({ folder, lenderId: "lender-1", protection: { insecureDev: true }, nowMs: START * 1000 });
		const otherKeys = await openRoleSigners(folder, { insecureDev: true });
		await expect(take(file("good.gz"), { keys: otherKeys })).rejects.toMatchObject({ code: "OTHER_KEYS", line: 1 });
		const otherLender = { ...keys, lenderId: "lender-2" };
		await expect(take(file("good.gz"), { keys: otherLender })).rejects.toMatchObject({ code: "OTHER_LENDER", line: 1 });
		await expect(take(file("good.gz"), { database: registry.database })).rejects.toMatchObject({ code: "NOT_EMPTY" });
		const read = async () => {
			for await (const _part of readLedger(file("good.gz"), { lenderId: "lender-1", keySets: otherKeys.keySets }, crypto));
		};
		await expect(read()).rejects.toMatchObject({ code: "NOT_SIGNED" });
	});
});
