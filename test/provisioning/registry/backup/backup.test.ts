import { cp, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { FastifyInstance } from "fastify";
import { Client, type ClientConfig } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";

import type { RegistryPort } from "../../../../provisioning/procedure/registry-port.ts";
import { readManifest, verifyBackup } from "../../../../provisioning/registry/backup/manifest.ts";
import { restoreBackup, settleDatabase } from "../../../../provisioning/registry/backup/restore-backup.ts";
import { SKIPPED_EVENTS, SKIPPED_SEQUENCES } from "../../../../provisioning/registry/backup/settle-restore.ts";
import { listTables } from "../../../../provisioning/registry/backup/table-list.ts";
import { takeBackup } from "../../../../provisioning/registry/backup/take-backup.ts";
import { type AdminClient, createAdminClient } from "../../../../provisioning/registry/clients/admin-client.ts";
import { createRegistryClient } from "../../../../provisioning/registry/clients/registry-client.ts";
import { openDatabase } from "../../../../provisioning/registry/database/database.ts";
import { createRegistry } from "../../../../provisioning/registry/http/create-registry.ts";
import { initKeys } from "../../../../provisioning/registry/keys/init-keys.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, DAY, START, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { agentPhone } from "./agent-phone.ts";

const NOW = START + 3600;

let registry: TestRegistry;
let folder: string;
beforeAll(async () => {
	registry = await startTestRegistry();
	folder = await mkdtemp(join(tmpdir(), "holdfast-backups-"));
});
afterAll(async () => {
	await registry.close();
	await rm(folder, { recursive: true, force: true });
});
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const step of undo.splice(0).reverse()) await step();
});

/** Each by its name: the pool hides its password from a spread. */
function ours(): ClientConfig {
	const { host, port, user, password, database } = registry.database.pool.options;
	return { host, port, user, password, database };
}
const keysOf = (keysFolder = registry.keysFolder) => openRoleSigners(keysFolder, { insecureDev: true });
const take = (name: string) =>
	takeBackup({ connection: ours(), folder: join(folder, name), nowMs: () => registry.now * 1000, tool: "test" });

let databases = 0;
/** Another database of the same server, as empty as a new machine's. */
async function emptyDatabase(): Promise<ClientConfig> {
	databases += 1;
	const database = `restored_${databases}`;
	await registry.database.pool.query(`CREATE DATABASE ${database}`);
	return { ...ours(), database };
}

async function restore(name: string, connection: ClientConfig) {
	return restoreBackup(join(folder, name), { connection, keys: await keysOf(), now: NOW, pauseHours: 72 });
}

/** A registry on what was put back, with the keys of the one that is gone. */
async function serve(connection: ClientConfig) {
	const database = await openDatabase(connection);
	let url = "";
	const app: FastifyInstance = await createRegistry({
		database,
		keys: await keysOf(),
		clock: { nowMs: () => registry.now * 1000 },
		adminToken: ADMIN_TOKEN,
		publicUrl: () => url,
	});
	url = await app.listen({ host: "127.0.0.1", port: 0 });
	undo.push(async () => {
		await app.close();
		await database.close();
	});
	return { admin: createAdminClient({ url, adminToken: ADMIN_TOKEN }), port: createRegistryClient({ url }), database };
}

async function withClient<Value>(connection: ClientConfig, work: (client: Client) => Promise<Value>): Promise<Value> {
	const client = new Client(connection);
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

/** Every row of every table, as text. */
async function everyRow(connection: ClientConfig): Promise<Record<string, string[]>> {
	return withClient(connection, async (client) => {
		const all: Record<string, string[]> = {};
		for (const { name } of await listTables(client)) {
			const { rows } = await client.query<{ line: string }>(`SELECT t::text AS line FROM "${name}" t ORDER BY 1`);
			all[name] = rows.map(({ line }) => line);
		}
		return all;
	});
}

async function enrolled(contractId: string): Promise<TestPhone> {
	const phone = new TestPhone();
	await registry.admin.createContract(contractRequest(contractId));
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	return phone;
}

const statesOf = async (admin: AdminClient, contractId: string) =>
	(await admin.listOrders(contractId)).map(({ sequence, action, state }) => [sequence, action, state]);

/** A network that goes down after one check-in. */
function answeringOnce(port: RegistryPort): RegistryPort {
	let isUp = true;
	return {
		...port,
		async relayCheckIn(envelope) {
			if (!isUp) throw new Error("no network");
			isUp = false;
			return port.relayCheckIn(envelope);
		},
	};
}

describe("a backup", () => {
	test("taken while phones check in holds one moment of all tables, and everything acknowledged before it", async () => {
		const phones = await Promise.all(["B-1", "B-2", "B-3"].map(enrolled));
		const checkIn = async (phone: TestPhone) => phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		await Promise.all(phones.map(checkIn));
		const acknowledged = phones.map(({ counter }) => counter);
		let isDone = false;
		const load = Promise.all(
			phones.map(async (phone) => {
				while (!isDone) await checkIn(phone);
			}),
		);
		await take("under-load").finally(() => {
			isDone = true;
		});
		await load;
		const there = await emptyDatabase();
		await restore("under-load", there);
		const { rows } = await withClient(there, (client) =>
			client.query<{ contract_id: string; counter: string; events: string; newest: string }>(
				`SELECT d.contract_id, c.counter, count(e.*) AS events, max(e.counter) AS newest FROM check_ins c
				JOIN devices d USING (device_id) JOIN check_in_events e USING (device_id) WHERE d.contract_id LIKE 'B-%'
				GROUP BY 1, 2 ORDER BY 1`,
			),
		);
		expect(rows).toHaveLength(3);
		for (const [index, { counter, events, newest }] of rows.entries()) {
			// The last state and the event that proves it are of one moment, and no event is missing.
			expect([newest, events]).toEqual([counter, counter]);
			expect(Number(counter)).toBeGreaterThanOrEqual(acknowledged[index] ?? 0);
			expect(Number(counter)).toBeLessThanOrEqual(phones[index]?.counter ?? 0);
		}
	});

	test("is put back row by row, but for what must not go on from where it was", async () => {
		const phone = await enrolled("R-1");
		await registry.admin.recordPayment("R-1", { reference: "p1", amountMinor: 1000 });
		await registry.admin.issueOrder("R-1", { action: "restrict", level: "limited", reason: "fraud", note: "to be dropped" });
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn()));
		await registry.database.pool.query(
			"INSERT INTO webhook_events (subject, number, event_id, type, at, data) VALUES ('R-1', 77, 'evt_told', 'test', 1, '{}')",
		);
		const manifest = await take("whole");
		expect((await stat(join(folder, "whole"))).mode & 0o777).toBe(0o700);
		for (const name of await readdir(join(folder, "whole"))) {
			expect([name, (await stat(join(folder, "whole", name))).mode & 0o777]).toEqual([name, 0o600]);
		}
		const before = await everyRow(ours());
		const there = await emptyDatabase();
		const { settled } = await restore("whole", there);
		const after = await everyRow(there);
		expect(manifest.tables.map(({ name, rows }) => [name, rows])).toEqual(
			expect.arrayContaining(Object.entries(before).map(([name, rows]) => [name, rows.length])),
		);
		const changed = Object.keys(before).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
		expect(changed.sort()).toEqual(["audit_log", "devices", "fleet_settings", "orders"]);
		// The log only grew, by the entry that says it.
		const added = (after.audit_log ?? []).filter((line) => !before.audit_log?.includes(line));
		expect(before.audit_log?.every((line) => after.audit_log?.includes(line))).toBe(true);
		expect(added.map((line) => /registry\.restored/.test(line))).toEqual([true]);
		expect(settled).toMatchObject({ ordersDropped: 1, locksPausedUntil: NOW + 72 * 3600 });
		const [sequences] = await withClient(there, async (client) => [
			(await client.query("SELECT DISTINCT last_sequence >= $1 AS ahead FROM devices", [SKIPPED_SEQUENCES])).rows,
		]);
		expect(sequences).toEqual([{ ahead: true }]);
		const places = await withClient(there, (client) =>
			client.query("SELECT DISTINCT tableoid::regclass::text AS place FROM check_in_events"),
		);
		expect(places.rows.map(({ place }) => place)).toEqual([expect.stringMatching(/^check_in_events_\d{8}$/)]);
		const numbered = await withClient(there, (client) => client.query("SELECT nextval('webhook_event_numbers')::int AS number"));
		expect(numbered.rows[0].number).toBeGreaterThan(77 + SKIPPED_EVENTS);
	});

	test("is never written over another one, and a killed one leaves nothing under its name", async () => {
		await take("once");
		await expect(take("once")).rejects.toMatchObject({ code: "FOLDER_TAKEN" });
		const stopped = AbortSignal.abort();
		const options = { connection: ours(), folder: join(folder, "stopped"), nowMs: () => 0, tool: "test", signal: stopped };
		await expect(takeBackup(options)).rejects.toThrow();
		expect((await readdir(folder)).filter((name) => name.startsWith("stopped"))).toEqual([]);
	});

	test("that lost or changed a byte is not put back, and neither is one of a newer version", async () => {
		await take("sound");
		const spoiled = async (name: string, spoil: (at: string) => Promise<unknown>) => {
			const at = join(folder, name);
			await cp(join(folder, "sound"), at, { recursive: true });
			await spoil(at);
			return restore(name, await emptyDatabase());
		};
		const flip = async (at: string) => {
			const file = await open(join(at, "contracts.copy.gz"), "r+");
			await file.write(Buffer.from([0xff]), 0, 1, 20);
			await file.close();
		};
		const manifest = async (at: string, change: (text: string) => string) =>
			writeFile(join(at, "manifest.json"), change(await readFile(join(at, "manifest.json"), "utf8")));
		await expect(spoiled("flipped", flip)).rejects.toMatchObject({ code: "BACKUP_DAMAGED" });
		await expect(spoiled("lost", (at) => rm(join(at, "orders.copy.gz")))).rejects.toMatchObject({ code: "BACKUP_DAMAGED" });
		await expect(spoiled("bare", (at) => rm(join(at, "manifest.json")))).rejects.toMatchObject({ code: "BACKUP_INVALID" });
		await expect(
			spoiled("newer", (at) => manifest(at, (text) => text.replace('"2026-01-first"', '"2026-01-first", "2999-01-later"'))),
		).rejects.toMatchObject({ code: "BACKUP_NEWER" });
		await expect(
			spoiled("later", (at) => manifest(at, (text) => text.replace('"format": 1', '"format": 2'))),
		).rejects.toMatchObject({ code: "BACKUP_NEWER" });
		await expect(
			spoiled("sly", (at) => manifest(at, (text) => text.replace('"name": "orders"', '"name": "orders; DROP"'))),
		).rejects.toMatchObject({ code: "BACKUP_INVALID" });
		await verifyBackup(join(folder, "sound"), await readManifest(join(folder, "sound")));
	});

	test("goes into an empty database alone, with the keys that belong to it; a restore that was stopped can be run again", async () => {
		await take("again");
		await expect(restore("again", ours())).rejects.toMatchObject({ code: "DATABASE_NOT_EMPTY" });
		const otherKeys = join(folder, "other-keys");
		await initKeys({ folder: otherKeys, lenderId: "lender-1", protection: { insecureDev: true }, nowMs: START * 1000 });
		const there = await emptyDatabase();
		const other = restoreBackup(join(folder, "again"), {
			connection: there,
			keys: await keysOf(otherKeys),
			now: NOW,
			pauseHours: 72,
		});
		await expect(other).rejects.toMatchObject({ code: "KEYS_DO_NOT_FIT" });
		// Nothing of it stayed, so that it can be put back with the right ones.
		await restore("again", there);
		await expect(restore("again", there)).rejects.toMatchObject({ code: "DATABASE_NOT_EMPTY" });
	});
});

describe("after a restore", () => {
	test("the phone that was sent more orders than the backup knows obeys the next one, and nothing forgotten answers for it", async () => {
		await registry.admin.createContract(contractRequest("A-1"));
		const phone = await agentPhone(registry.port, "A-1");
		undo.push(() => phone.close());
		await phone.checkIn();
		await take("old");
		// What the backup forgets: two payments, obeyed, the second one's outcome not yet reported.
		await registry.admin.recordPayment("A-1", { reference: "p1", amountMinor: 1000 });
		await phone.checkIn();
		await registry.admin.recordPayment("A-1", { reference: "p2", amountMinor: 1000 });
		phone.talkTo(answeringOnce(registry.port));
		await phone.checkIn();
		expect(await statesOf(registry.admin, "A-1")).toMatchObject([
			[1, "extend", "accepted"],
			[2, "extend", "pending"],
		]);

		const there = await emptyDatabase();
		await restore("old", there);
		const restored = await serve(there);
		phone.talkTo(restored.port);
		// Booked again, before the phone is heard of: their orders must not be taken for the forgotten ones.
		await restored.admin.recordPayment("A-1", { reference: "p1", amountMinor: 1000 });
		await restored.admin.recordPayment("A-1", { reference: "p2", amountMinor: 1000 });
		await phone.checkIn();
		await phone.checkIn();
		await phone.checkIn();
		expect(await statesOf(restored.admin, "A-1")).toEqual([
			[SKIPPED_SEQUENCES + 1, "extend", "accepted"],
			[SKIPPED_SEQUENCES + 2, "extend", "accepted"],
		]);
		const { rows } = await restored.database.pool.query("SELECT paid_minor FROM contracts WHERE contract_id = 'A-1'");
		expect(rows).toEqual([{ paid_minor: 2000 }]);
	});

	test("a lock that waited in the backup and was lifted since does not come back, and no new one goes out", async () => {
		await registry.admin.createContract(contractRequest("A-2"));
		const phone = await agentPhone(registry.port, "A-2");
		undo.push(() => phone.close());
		await phone.checkIn();
		await registry.admin.issueOrder("A-2", { action: "restrict", level: "limited", reason: "theft_reported", note: "reported" });
		await take("with-lock");
		await phone.checkIn();
		await registry.admin.issueOrder("A-2", { action: "restore", reason: "goodwill" });
		await phone.checkIn();
		const there = await emptyDatabase();
		await restore("with-lock", there);
		const restored = await serve(there);
		phone.talkTo(restored.port);
		await phone.checkIn();
		await phone.checkIn();
		expect(await statesOf(restored.admin, "A-2")).toMatchObject([[1, "restrict", "superseded"]]);
		expect(await phone.screen()).toMatchObject({ kind: "unlocked", causes: [] });
		registry.now = NOW + 3600;
		const again = restored.admin.issueOrder("A-2", { action: "restrict", level: "limited", reason: "overdue", note: "again" });
		await expect(again).rejects.toThrow();
		registry.now = START;
	});

	test("a database that PostgreSQL's own tools put back is settled the same way", async () => {
		await take("by-other-means");
		const there = await emptyDatabase();
		await restore("by-other-means", there);
		await withClient(there, (client) =>
			client.query("UPDATE fleet_settings SET paused_until = 0; UPDATE devices SET last_sequence = 7"),
		);
		const settled = await settleDatabase({ connection: there, keys: await keysOf(), now: NOW + DAY, pauseHours: 1 });
		expect(settled.locksPausedUntil).toBe(NOW + DAY + 3600);
		const { rows } = await withClient(there, (client) => client.query("SELECT DISTINCT last_sequence::int FROM devices"));
		expect(rows).toEqual([{ last_sequence: 7 + SKIPPED_SEQUENCES }]);
	});
});

test("every connection learns from the kernel that the database's machine is gone, however long it waits for its next word", async () => {
	const opened = vi.spyOn(Socket.prototype, "connect");
	const lookedAfter = vi.spyOn(Socket.prototype, "setKeepAlive");
	undo.push(async () => vi.restoreAllMocks());
	await take("looked-after");
	await restore("looked-after", await emptyDatabase());
	expect(opened.mock.calls.length).toBeGreaterThan(2);
	await expect.poll(() => lookedAfter.mock.calls.length).toBe(opened.mock.calls.length);
	expect(new Set(lookedAfter.mock.calls.map((words) => words.join(" ")))).toEqual(new Set(["true 10000"]));
});
