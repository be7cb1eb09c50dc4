import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";
import { afterAll, expect, test } from "vitest";

import { createAdminClient } from "../../../../provisioning/registry/clients/admin-client.ts";
import { createRegistryClient } from "../../../../provisioning/registry/clients/registry-client.ts";
import { openDatabase } from "../../../../provisioning/registry/database/database.ts";
import { postgresAccount } from "../../../../provisioning/registry/database/postgres-account.ts";
import { createRegistry } from "../../../../provisioning/registry/http/create-registry.ts";
import { initKeys } from "../../../../provisioning/registry/keys/init-keys.ts";
import { openRoleSigners } from "../../../../provisioning/registry/keys/lender-keys.ts";
import { evidence, TestPhone } from "../test-phone.ts";
import { ADMIN_TOKEN, contractRequest, START } from "../test-registry.ts";
import { debianPostgres, ownedFolder, runAs } from "./own-postgres.ts";

const bin = await debianPostgres();
if (bin === undefined) console.warn("point-in-time.test.ts is skipped: it needs Debian's package postgresql");

const undo: (() => Promise<unknown>)[] = [];
afterAll(async () => {
	for (const step of undo.splice(0).reverse()) await step();
});

test.skipIf(bin === undefined)(
	"a PostgreSQL that is lost with its disk comes back from a base backup and streamed WAL with every check-in that was acknowledged",
	async () => {
		const place = await mkdtemp(join(tmpdir(), "holdfast-wal-"));
		undo.push(() => rm(place, { recursive: true, force: true }));
		await chmod(place, 0o777);
		const run = (program: string, ...args: string[]) => runAs(bin ?? "", place, program, args);
		// Each its own: who was killed is believed to live until somebody has asked what became of it.
		const sockets = { data: await ownedFolder(place, "data-socket"), base: await ownedFolder(place, "base-socket") };
		const reaching = (name: keyof typeof sockets) => ({ host: sockets[name], user: "holdfast", database: "postgres" });
		const postgres = async (folder: string, name: keyof typeof sockets) => {
			const options = `-c listen_addresses='' -c unix_socket_directories='${sockets[name]}' -c fsync=on`;
			const log = join(folder, "log");
			await run("pg_ctl", "-D", folder, "-l", log, "-o", options, "-w", "-t", "60", "start").catch(async (cause) => {
				throw new Error(`PostgreSQL did not start: ${await readFile(log, "utf8").catch(String)}`, { cause });
			});
			undo.push(() => run("pg_ctl", "-D", folder, "-m", "immediate", "stop").catch(() => undefined));
		};

		const data = await ownedFolder(place, "data");
		await run("initdb", "-D", data, "-U", "holdfast", "-A", "trust", "--no-sync");
		await postgres(data, "data");
		const connection = reaching("data");
		const wal = await ownedFolder(place, "wal");
		const receiving = ["-h", sockets.data, "-U", "holdfast", "-D", wal, "--slot", "holdfast"];
		await run("pg_receivewal", ...receiving, "--create-slot");
		const account = await postgresAccount(place);
		const receiver: ChildProcess = spawn(join(bin ?? "", "pg_receivewal"), [...receiving, "--synchronous"], {
			...account,
			stdio: "ignore",
		});
		undo.push(async () => receiver.kill("SIGKILL"));
		const base = await ownedFolder(place, "base");
		await run("pg_basebackup", "-h", sockets.data, "-U", "holdfast", "-D", base, "-X", "none", "-c", "fast", "--no-sync");
		await asking(connection, async (client) => {
			await client.query("ALTER SYSTEM SET synchronous_standby_names = 'pg_receivewal'");
			await client.query("SELECT pg_reload_conf()");
			const isSynchronous = async () =>
				(await client.query("SELECT FROM pg_stat_replication WHERE sync_state = 'sync'")).rowCount === 1;
			await expect.poll(isSynchronous, { timeout: 20_000 }).toBe(true);
		});

		const keysFolder = join(place, "keys");
		await initKeys({ folder: keysFolder, lenderId: "lender-1", protection: { insecureDev: true }, nowMs: START * 1000 });
		const database = await openDatabase(connection);
		let url = "";
		const app = await createRegistry({
			database,
			keys: await openRoleSigners(keysFolder, { insecureDev: true }),
			clock: { nowMs: () => START * 1000 },
			adminToken: ADMIN_TOKEN,
			publicUrl: () => url,
		});
		url = await app.listen({ host: "127.0.0.1", port: 0 });
		const admin = createAdminClient({ url, adminToken: ADMIN_TOKEN });
		const port = createRegistryClient({ url, adminToken: ADMIN_TOKEN });
		const phones = await Promise.all(
			["W-1", "W-2", "W-3"].map(async (contractId) => {
				const phone = new TestPhone();
				await admin.createContract(contractRequest(contractId));
				const offer = await port.offerEnrollment(contractId, phone.identity);
				await port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
				return { phone, contractId, acknowledged: 0 };
			}),
		);
		// Phones check in until the disk is gone in the middle of it.
		const load = phones.map(async (each) => {
			for (;;) {
				const envelope = await each.phone.checkIn();
				if (!(await port.relayCheckIn(envelope).catch(() => undefined))) return;
				each.acknowledged = each.phone.counter;
			}
		});
		await expect.poll(() => Math.min(...phones.map(({ acknowledged }) => acknowledged)), { timeout: 30_000 }).toBeGreaterThan(5);
		const [pid = ""] = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
		process.kill(Number(pid), "SIGKILL");
		await Promise.all(load);
		const gone = once(receiver, "exit");
		receiver.kill("SIGKILL");
		await gone;
		await app.close();
		await database.close();
		await rm(data, { recursive: true, force: true });

		await appendFile(
			join(base, "postgresql.auto.conf"),
			`\nsynchronous_standby_names = ''\nrestore_command = 'cp "${wal}/%f" "%p" || cp "${wal}/%f.partial" "%p"'\n`,
		);
		await writeFile(join(base, "recovery.signal"), "");
		await postgres(base, "base");
		await asking(reaching("base"), async (client) => {
			const isWritable = async () =>
				(await client.query("SELECT pg_is_in_recovery() AS recovering")).rows[0]?.recovering === false;
			await expect.poll(isWritable, { timeout: 30_000 }).toBe(true);
			for (const { contractId, acknowledged, phone } of phones) {
				const { rows } = await client.query(
					`SELECT c.counter::int AS counter, count(e.*)::int AS events FROM devices d JOIN check_ins c USING (device_id)
					JOIN check_in_events e USING (device_id) WHERE d.contract_id = $1 GROUP BY 1`,
					[contractId],
				);
				const [row] = rows;
				// The last one may have been written and not answered.
				expect(row.counter).toBeGreaterThanOrEqual(acknowledged);
				expect(row.counter).toBeLessThanOrEqual(phone.counter);
				expect(row.events).toBe(row.counter);
			}
		});
	},
	120_000,
);

async function asking<Value>(connection: object, work: (client: Client) => Promise<Value>): Promise<Value> {
	const client = new Client({ ...connection, connectionTimeoutMillis: 5000 });
	client.on("error", () => undefined);
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}
