import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openDatabase } from "../../../../provisioning/registry/database/database.ts";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "../../../../provisioning/registry/database/embedded-database.ts";
import { initKeys } from "../../../../provisioning/registry/keys/init-keys.ts";
import { startRegistry } from "../../../../provisioning/registry/start-registry.ts";

let dataFolder: string;
let running: EmbeddedDatabase[];
beforeEach(async () => {
	dataFolder = await mkdtemp(join(tmpdir(), "holdfast-postgres-"));
	running = [];
});
afterEach(async () => {
	for (const database of running) await database.close();
	await rm(dataFolder, { recursive: true, force: true });
});

async function start(folder = dataFolder): Promise<EmbeddedDatabase> {
	const database = await startEmbeddedDatabase({ dataFolder: folder });
	running.push(database);
	return database;
}

async function query(database: EmbeddedDatabase, text: string): Promise<unknown[]> {
	const client = new Client(database.connection);
	// The server is killed under it on purpose.
	client.on("error", () => undefined);
	await client.connect();
	try {
		return (await client.query(text)).rows;
	} finally {
		await client.end().catch(() => undefined);
	}
}

const remember = (database: EmbeddedDatabase) => query(database, "CREATE TABLE kept AS SELECT 42 AS answer");
const recall = (database: EmbeddedDatabase) => query(database, "SELECT answer FROM kept");

/** A zombie is not: whoever adopted the server may be slow to bury it. */
function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
	} catch {
		return false;
	}
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("the own PostgreSQL", () => {
	test("is reached over a socket that only we can reach, with a password that only we can read", async () => {
		const database = await start();
		expect(await query(database, "SHOW listen_addresses")).toEqual([{ listen_addresses: "" }]);
		expect((await stat(join(dataFolder, "postgres-password"))).mode & 0o777).toBe(0o600);
		expect((await stat(join(dataFolder, "postgres"))).mode & 0o777).toBe(0o700);
		expect((await stat(join(dataFolder, "postgres.log"))).mode & 0o777).toBe(0o600);
		await expect(query({ ...database, connection: { ...database.connection, password: "wrong" } }, "SELECT 1")).rejects.toThrow(
			"password",
		);
	});

	test("listens on loopback, behind a password, where the data folder's name is too long for a socket", async () => {
		const database = await start(join(dataFolder, "x".repeat(120)));
		expect(database.connection.host).toBe("127.0.0.1");
		expect((await stat(dataFolder)).mode & 0o007).toBe(0);
		expect(await query(database, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
		await expect(query({ ...database, connection: { ...database.connection, password: "wrong" } }, "SELECT 1")).rejects.toThrow(
			"password",
		);
	});

	test("is stopped on close, and has everything at the second start", async () => {
		const first = await start();
		await remember(first);
		const { pid } = first;
		await first.close();
		expect(isAlive(pid)).toBe(false);
		expect(await recall(await start())).toEqual([{ answer: 42 }]);
	});

	test("comes back by itself when it is killed in use, at the same address", async () => {
		const database = await start();
		await remember(database);
		const { pid, connection } = database;
		process.kill(pid, "SIGKILL");
		await until(() => database.pid !== pid);
		expect(database.connection).toEqual(connection);
		expect(await recall(database)).toEqual([{ answer: 42 }]);
	});

	test("is shared by two that use it at once, and stopped by the last of them", async () => {
		const [first, second] = await Promise.all([start(), start()]);
		expect(second.pid).toBe(first.pid);
		await remember(first);
		await first.close();
		expect(await recall(second)).toEqual([{ answer: 42 }]);
		const { pid } = second;
		await second.close();
		expect(isAlive(pid)).toBe(false);
	});

	test("is taken over when the process that started it was killed, and stopped on close", async () => {
		const program = fileURLToPath(new URL("./run-database.ts", import.meta.url));
		const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", program, dataFolder], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		const [line] = await once(child.stdout ?? child, "data");
		const pid = Number(String(line));
		child.kill("SIGKILL");
		await once(child, "exit");
		expect(isAlive(pid)).toBe(true);
		const database = await start();
		expect(database.pid).toBe(pid);
		await database.close();
		expect(isAlive(pid)).toBe(false);
	});

	test("starts although its lock file names a living process that is no PostgreSQL", async () => {
		const database = await start();
		await remember(database);
		const { pid } = database;
		const lock = await readFile(join(dataFolder, "postgres", "postmaster.pid"), "utf8");
		await database.close();
		// As after a container's restart: the number is in use again, by somebody else.
		await writeFile(join(dataFolder, "postgres", "postmaster.pid"), lock.replace(String(pid), String(process.pid)), {
			mode: 0o600,
		});
		expect(await recall(await start())).toEqual([{ answer: 42 }]);
		expect(isAlive(process.pid)).toBe(true);
	});

	test("of another version is refused, and left as it is", async () => {
		await (await start()).close();
		await writeFile(join(dataFolder, "postgres", "PG_VERSION"), "12\n");
		await expect(start()).rejects.toMatchObject({ name: "DatabaseError", code: "WRONG_VERSION" });
	});

	test("is migrated once by registries that start at the same moment", async () => {
		const { connection } = await start();
		const databases = await Promise.all(Array.from({ length: 4 }, () => openDatabase(connection)));
		const [first] = databases;
		const { rows } = (await first?.pool.query("SELECT name FROM kysely_migration")) ?? { rows: [] };
		expect(rows.length).toBeGreaterThan(0);
		expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
		for (const database of databases) await database.close();
	});
});

test("a registry whose PostgreSQL is killed says so, and answers again as soon as it is back", async () => {
	const keysFolder = join(dataFolder, "keys");
	await initKeys({ folder: keysFolder, lenderId: "lender-1", protection: { insecureDev: true }, nowMs: Date.now() });
	const registry = await startRegistry({ dataFolder, keysFolder, host: "127.0.0.1", port: 0, insecureDev: true });
	try {
		const status = async () => (await fetch(`${registry.url}/readyz`)).status;
		expect(await status()).toBe(200);
		const [pid = ""] = (await readFile(join(dataFolder, "postgres", "postmaster.pid"), "utf8")).split("\n");
		process.kill(Number(pid), "SIGKILL");
		const seen: number[] = [];
		await until(async () => {
			seen.push(await status());
			const [now = pid] = (await readFile(join(dataFolder, "postgres", "postmaster.pid"), "utf8").catch(() => "")).split("\n");
			return now !== pid && now !== "" && seen.at(-1) === 200;
		});
		expect(seen.filter((each) => each !== 200 && each !== 503)).toEqual([]);
	} finally {
		await registry.close();
	}
});
