import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

import { openDatabase } from "../../../provisioning/registry/database/database.ts";
import { startEmbeddedDatabase } from "../../../provisioning/registry/database/embedded-database.ts";
import { initKeys } from "../../../provisioning/registry/keys/init-keys.ts";
import { openRoleSigners } from "../../../provisioning/registry/keys/lender-keys.ts";
import { loadContracts } from "../../provisioning/registry/bulk-contracts.ts";
import { spentByTree } from "../process-cost.ts";
import { atLeast, type BenchOptions, median, type Row, within } from "../row.ts";
import { type Fleet, giveKeys } from "./fleet.ts";
import { load } from "./load.ts";
import { type Program, startProgram } from "./program.ts";

const CONTRACTS = 10_000;
const ROUNDS = 3;
const PER_ROUND = 12_000;
const CONNECTIONS = 192;
const BOUND_MS = 3000;
const BODY_BYTES = 400;

/** Check-ins of phones with real keys, durable, every reply verified, beside what the cryptography alone and a bare insert come to. */
export async function benchRegistry({ contracts = CONTRACTS }: BenchOptions): Promise<Row[]> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-bench-registry-"));
	const keysFolder = join(folder, "keys");
	const adminToken = randomBytes(32).toString("base64url");
	await initKeys({ folder: keysFolder, lenderId: "bench", protection: { insecureDev: true }, nowMs: Date.now() });
	const embedded = await startEmbeddedDatabase({ dataFolder: folder });
	const programs: Program[] = [];
	try {
		const now = Math.floor(Date.now() / 1000);
		await (await openDatabase(embedded.connection)).close(); // migrates
		const client = new Client({ ...embedded.connection, statement_timeout: 0 });
		await client.connect();
		await loadContracts(client, contracts, now);
		await client.end();
		const keys = await openRoleSigners(keysFolder, { insecureDev: true });
		const fleet = await giveKeys(embedded.connection, keys.current, Math.min(PER_ROUND, Math.floor(contracts / 2)), now);
		const node = async (kind: "registry" | "plain") => {
			const program = await startProgram("node.ts", { connection: embedded.connection, keysFolder, adminToken, kind });
			programs.push(program);
			const { url } = (await program.next()) as { url: string }; // as node.ts says it
			return { program, url };
		};
		const bound = await cryptoBound();
		const [first, second, plain] = [await node("registry"), await node("registry"), await node("plain")];
		const warmUp = await fleet.checkIns(2000);
		await load({ urls: [first.url, second.url], bodies: warmUp.map(({ envelope }) => envelope), connections: CONNECTIONS });
		await load({ urls: [plain.url], bodies: bodiesOf(2000), connections: CONNECTIONS });

		const one: number[] = [];
		const two: number[] = [];
		const inserts: number[] = [];
		const spentEach: Spent[] = [];
		const spentUntilNow = async (): Promise<Spent> => ({
			node: await cpuOf(first.program),
			database: spentByTree(embedded.pid),
			client: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
		});
		let answered = 2000;
		for (let round = 0; round < ROUNDS; round += 1) {
			const single = await checkInRound(fleet, [first.url], undefined, spentUntilNow);
			spentEach.push(single.spentEach);
			const both = await checkInRound(fleet, [first.url, second.url]);
			const bare = await load({ urls: [plain.url], bodies: bodiesOf(PER_ROUND), connections: CONNECTIONS });
			one.push(single.perSecond);
			two.push(both.perSecond);
			inserts.push((PER_ROUND * 1000) / bare.wallMs);
			answered += single.answered + both.answered;
			process.stderr.write(
				`round ${round + 1}: one node ${Math.round(single.perSecond)}/s, two ${Math.round(both.perSecond)}/s, bare inserts ${Math.round(inserts.at(-1) ?? 0)}/s\n`,
			);
		}
		const best = Math.max(median(one), median(two));
		const urls = median(two) > median(one) ? [first.url, second.url] : [first.url];
		const calm = await checkInRound(fleet, urls, best * 0.6);
		answered += calm.answered;
		const memory = await Promise.all([first, second].map(({ program }) => rssOf(program)));
		const lost = answered - (await fleet.recorded());
		const part = (name: keyof Spent) => `${Math.round(median(spentEach.map((each) => each[name])) * 1000)} µs ${name}`;
		process.stderr.write(
			`processor time of a check-in at one node: ${part("node")}, ${part("database")}, ${part("client")}; ${Math.round((availableParallelism() * 1e6) / bound)} µs are its two signatures\n`,
		);
		return [
			atLeast("check-ins a second, one node", median(one), bound, "/s", 0.5),
			atLeast("check-ins a second, two nodes", median(two), bound, "/s", 0.5),
			atLeast("  against bare inserts by Fastify and PostgreSQL", best, median(inserts), "/s", 0.5),
			within("  at 60 % of that: median", quantile(calm.latencies, 0.5), "ms", 50),
			within("  at 60 % of that: 99th of 100", quantile(calm.latencies, 0.99), "ms", 50),
			within("  a node's highest memory", Math.max(...memory), "MiB", 300),
			within("  answered and not recorded", lost, "check-ins", 0),
		];
	} finally {
		for (const program of programs) await program.close();
		await embedded.close();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Verify and sign alone, on every core at once. */
async function cryptoBound(): Promise<number> {
	const programs = await Promise.all(
		Array.from({ length: availableParallelism() }, () => startProgram("bound.ts", { milliseconds: BOUND_MS })),
	);
	const answers = await Promise.all(programs.map(async (program) => (await program.next()) as { perSecond: number })); // as bound.ts says it
	await Promise.all(programs.map((program) => program.close()));
	return answers.reduce((sum, { perSecond }) => sum + perSecond, 0);
}

/** Processor milliseconds by who spends them. */
interface Spent {
	readonly node: number;
	readonly database: number;
	readonly client: number;
}

const NOTHING: Spent = { node: 0, database: 0, client: 0 };

async function checkInRound(fleet: Fleet, urls: readonly string[], perSecond?: number, spentUntilNow = async () => NOTHING) {
	const questions = await fleet.checkIns(PER_ROUND);
	const before = await spentUntilNow();
	const end = await load({
		urls,
		bodies: questions.map(({ envelope }) => envelope),
		connections: CONNECTIONS,
		...(perSecond === undefined ? {} : { perSecond }),
	});
	const after = await spentUntilNow();
	for (const [status, count] of end.refused) throw new Error(`${count} check-ins were answered with ${status}`);
	const answered = fleet.checkReplies(questions, end.answers);
	const each = (name: keyof Spent) => (after[name] - before[name]) / answered;
	const spentEach: Spent = { node: each("node"), database: each("database"), client: each("client") };
	return { perSecond: (answered * 1000) / end.wallMs, answered, latencies: end.latencies, spentEach };
}

async function cpuOf(program: Program): Promise<number> {
	program.tell({});
	const { cpuMs } = (await program.next()) as { cpuMs: number }; // as node.ts says it
	return cpuMs;
}

async function rssOf(program: Program): Promise<number> {
	program.tell({});
	const { peakRssKiB } = (await program.next()) as { peakRssKiB: number }; // as node.ts says it
	return peakRssKiB / 1024;
}

function bodiesOf(count: number): Uint8Array[] {
	return Array.from({ length: count }, () => Uint8Array.from(randomBytes(BODY_BYTES)));
}

function quantile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
