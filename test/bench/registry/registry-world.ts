import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

import { openDatabase } from "../../../provisioning/registry/database/database.ts";
import { startEmbeddedDatabase } from "../../../provisioning/registry/database/embedded-database.ts";
import { makeWeeks } from "../../../provisioning/registry/database/event-partitions.ts";
import { initKeys } from "../../../provisioning/registry/keys/init-keys.ts";
import { openRoleSigners } from "../../../provisioning/registry/keys/lender-keys.ts";
import { loadContracts } from "../../provisioning/registry/contracts/bulk-contracts.ts";
import { spentByTree } from "../process-cost.ts";
import { type Fleet, giveKeys } from "./fleet.ts";
import { load } from "./load.ts";
import { type Program, startProgram } from "./program.ts";

/** Connections of phones at once. */
export const CONNECTIONS = 192;

/** A node of the registry, or what stands in for it. */
export interface Node {
	readonly program: Program;
	readonly url: string;
}

/** Processor milliseconds by who spent them. */
export interface Spent {
	readonly node: number;
	readonly database: number;
	readonly client: number;
}

/** What came of a number of check-ins, each reply verified. */
export interface Round {
	readonly perSecond: number;
	readonly answered: number;
	/** From when a check-in was due to its answer, milliseconds, in no order; without the first second's. */
	readonly latencies: readonly number[];
	/** For each check-in; `node` is the first node's part. */
	readonly spentEach: Spent;
}

/** A database with so many contracts, some with real keys, and the nodes on it. */
export interface RegistryWorld {
	readonly fleet: Fleet;
	node(kind: "registry" | "plain"): Promise<Node>;
	/** @param perSecond default: as many as are answered. @throws {Error} at the first answer that is not right. */
	round(nodes: readonly [Node, ...Node[]], count: number, perSecond?: number): Promise<Round>;
	close(): Promise<void>;
}

/** @param phones with keys: so many different ones check in before one comes again. */
export async function openRegistryWorld(contracts: number, phones: number): Promise<RegistryWorld> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-registry-"));
	const keysFolder = join(folder, "keys");
	const adminToken = randomBytes(32).toString("base64url");
	await initKeys({ folder: keysFolder, lenderId: "bench", protection: { insecureDev: true }, nowMs: Date.now() });
	const embedded = await startEmbeddedDatabase({ dataFolder: folder });
	const programs: Program[] = [];
	const close = async () => {
		for (const program of programs) await program.close();
		await embedded.close();
		await rm(folder, { recursive: true, force: true });
	};
	try {
		const now = Math.floor(Date.now() / 1000);
		const database = await openDatabase(embedded.connection); // migrates
		await makeWeeks(database.kysely, now);
		await database.close();
		const client = new Client({ ...embedded.connection, statement_timeout: 0 });
		await client.connect();
		await withoutSyncs(client, () => loadContracts(client, contracts, now));
		await client.end();
		const keys = await openRoleSigners(keysFolder, { insecureDev: true });
		const fleet = await giveKeys(embedded.connection, keys.current, Math.min(phones, Math.floor(contracts / 2)), now);
		return {
			fleet,
			async node(kind) {
				const program = await startProgram("node.ts", { connection: embedded.connection, keysFolder, adminToken, kind });
				programs.push(program);
				const { url } = (await program.next()) as { url: string }; // as node.ts says it
				return { program, url };
			},
			async round(nodes, count, perSecond) {
				const questions = await fleet.checkIns(count);
				const spentUntilNow = async (): Promise<Spent> => {
					const { user, system } = process.cpuUsage();
					return { node: await cpuOf(nodes[0]), database: spentByTree(embedded.pid), client: (user + system) / 1000 };
				};
				const before = await spentUntilNow();
				const end = await load({
					urls: nodes.map(({ url }) => url),
					bodies: questions.map(({ envelope }) => envelope),
					connections: CONNECTIONS,
					...(perSecond === undefined ? {} : { perSecond }),
				});
				const after = await spentUntilNow();
				for (const [status, refused] of end.refused) throw new Error(`${refused} check-ins were answered with ${status}`);
				const answered = fleet.checkReplies(questions, end.answers);
				const each = (name: keyof Spent) => (after[name] - before[name]) / answered;
				const spentEach: Spent = { node: each("node"), database: each("database"), client: each("client") };
				return { perSecond: (answered * 1000) / end.wallMs, answered, latencies: end.latencies, spentEach };
			},
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

/** Runs what need not outlive a crash. From its end on, PostgreSQL syncs as ever. */
async function withoutSyncs(client: Client, run: () => Promise<void>): Promise<void> {
	const names = ["fsync", "full_page_writes"];
	for (const name of names) await client.query(`ALTER SYSTEM SET ${name} = off`);
	await client.query("SELECT pg_reload_conf()");
	await run();
	for (const name of names) await client.query(`ALTER SYSTEM RESET ${name}`);
	await client.query("SELECT pg_reload_conf()");
	await client.query("CHECKPOINT");
	const { rows } = await client.query<{ fsync: string }>("SHOW fsync");
	if (rows[0]?.fsync !== "on") throw new Error("PostgreSQL does not sync: nothing measured on it would be durable");
}

/** The most memory that it ever had, MiB. */
export async function peakMemoryOf({ program }: Node): Promise<number> {
	program.tell({});
	const { peakRssKiB } = (await program.next()) as { peakRssKiB: number }; // as node.ts says it
	return peakRssKiB / 1024;
}

async function cpuOf({ program }: Node): Promise<number> {
	program.tell({});
	const { cpuMs } = (await program.next()) as { cpuMs: number }; // as node.ts says it
	return cpuMs;
}
