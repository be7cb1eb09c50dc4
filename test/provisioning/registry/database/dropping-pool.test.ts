import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Kysely, PostgresDialect, sql } from "kysely";
import { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { droppingPool } from "../../../../provisioning/registry/database/dropping-pool.ts";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "../../../../provisioning/registry/database/embedded-database.ts";

/** As if the server had gone without a word: nobody answers before the driver stops waiting. */
const silence = sql`SELECT pg_sleep(600)`;
const DEADLINE_MS = 200;

let folder: string;
let embedded: EmbeddedDatabase;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-dropping-pool-"));
	embedded = await startEmbeddedDatabase({ dataFolder: folder });
});
afterAll(async () => {
	await embedded.close();
	await rm(folder, { recursive: true, force: true });
});

let pool: Pool;
let kysely: Kysely<unknown>;
beforeEach(() => {
	// One, so that whatever is asked next is asked over what was given back.
	pool = new Pool({ ...embedded.connection, max: 1, query_timeout: DEADLINE_MS });
	pool.on("error", () => undefined);
	pool.on("connect", (client) => client.on("error", () => undefined));
	kysely = new Kysely({ dialect: new PostgresDialect({ pool: droppingPool(pool) }) });
	return () => kysely.destroy();
});

async function backend(): Promise<unknown> {
	const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(kysely);
	return rows[0]?.pid;
}

describe("a connection that proved unusable", () => {
	test("is not lent again when its server fell silent", async () => {
		const before = await backend();
		await expect(silence.execute(kysely)).rejects.toThrow("Query read timeout");
		expect(pool.totalCount).toBe(0);
		expect(await backend()).not.toBe(before);
	});

	test("ends its transaction: nobody waits for a ROLLBACK over it", async () => {
		const asked: string[] = [];
		pool.on("acquire", (client) => {
			const { query } = client;
			client.query = new Proxy(query, {
				apply(target, self, words: [unknown]) {
					asked.push(String(words[0]));
					return Reflect.apply(target, self, words);
				},
			});
		});
		const work = kysely.transaction().execute((transaction) => silence.execute(transaction));
		await expect(work).rejects.toThrow("Query read timeout");
		expect(asked).not.toContain("rollback");
		expect(pool.totalCount).toBe(0);
		await expect(backend()).resolves.toBeTypeOf("number");
	});

	test("is not lent again when its server takes no more writes", async () => {
		await sql`SET default_transaction_read_only = on`.execute(kysely);
		const write = sql`CREATE TABLE IF NOT EXISTS written (one integer)`;
		await expect(write.execute(kysely)).rejects.toMatchObject({ code: "25006" });
		await expect(write.execute(kysely)).resolves.toBeDefined();
	});

	test("is kept when only what it was asked was wrong", async () => {
		const before = await backend();
		await expect(sql`SELECT 1 / 0`.execute(kysely)).rejects.toMatchObject({ code: "22012" });
		expect(await backend()).toBe(before);
	});
});
