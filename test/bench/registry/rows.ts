import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";

import { atLeast, type BenchOptions, median, type Row, within } from "../row.ts";
import { load } from "./load.ts";
import { startProgram } from "./program.ts";
import { CONNECTIONS, openRegistryWorld, peakMemoryOf, type Round, type Spent } from "./registry-world.ts";

const CONTRACTS = 10_000;
const ROUNDS = 3;
const PER_ROUND = 12_000;
const BOUND_MS = 3000;
const BODY_BYTES = 400;
const WARM_UP = 2000;

/** Check-ins of phones with real keys, durable, every reply verified, beside what the cryptography alone and a bare insert come to. */
export async function benchRegistry({ contracts = CONTRACTS }: BenchOptions): Promise<Row[]> {
	const world = await openRegistryWorld(contracts, PER_ROUND);
	try {
		const bound = await cryptoBound();
		const [first, second, plain] = [await world.node("registry"), await world.node("registry"), await world.node("plain")];
		let { answered } = await world.round([first, second], WARM_UP);
		const insert = (count: number) => load({ urls: [plain.url], bodies: bodiesOf(count), connections: CONNECTIONS });
		await insert(WARM_UP);

		const one: number[] = [];
		const two: number[] = [];
		const inserts: number[] = [];
		const spent: Spent[] = [];
		for (let round = 0; round < ROUNDS; round += 1) {
			const single = await world.round([first], PER_ROUND);
			const both = await world.round([first, second], PER_ROUND);
			const bare = await insert(PER_ROUND);
			one.push(single.perSecond);
			two.push(both.perSecond);
			inserts.push((PER_ROUND * 1000) / bare.wallMs);
			spent.push(single.spentEach);
			answered += single.answered + both.answered;
			process.stderr.write(
				`round ${round + 1}: one node ${Math.round(single.perSecond)}/s, two ${Math.round(both.perSecond)}/s, bare inserts ${Math.round(inserts.at(-1) ?? 0)}/s\n`,
			);
		}
		process.stderr.write(
			`processor time of a check-in: ${spentInWords(spent)}; its two signatures alone ${Math.round((availableParallelism() * 1e6) / bound)} µs\n`,
		);
		const best = Math.max(median(one), median(two));
		const calm: Round[] = [];
		while (calm.length < ROUNDS)
			calm.push(await world.round(median(two) > median(one) ? [first, second] : [first], PER_ROUND, best * 0.6));
		for (const round of calm) answered += round.answered;
		process.stderr.write(`at 60 %: ${spentInWords(calm.map(({ spentEach }) => spentEach))} (one node's part)\n`);
		const calmly = (part: number) => median(calm.map(({ latencies }) => quantile(latencies, part)));
		const memory = await Promise.all([first, second].map(peakMemoryOf));
		const lost = answered - (await world.fleet.recorded());
		return [
			atLeast("check-ins a second, one node", median(one), bound, "/s", 0.5),
			atLeast("check-ins a second, two nodes", median(two), bound, "/s", 0.5),
			atLeast("  against bare inserts by Fastify and PostgreSQL", best, median(inserts), "/s", 0.5),
			within("  at 60 % of that: median", calmly(0.5), "ms", 50),
			within("  at 60 % of that: 99th of 100", calmly(0.99), "ms", 50),
			within("  a node's highest memory", Math.max(...memory), "MiB", 300),
			within("  answered and not recorded", lost, "check-ins", 0),
		];
	} finally {
		await world.close();
	}
}

/** `382 µs node, 60 µs database, 45 µs client`: the middle of the rounds. */
export function spentInWords(rounds: readonly Spent[]): string {
	const part = (name: keyof Spent) => `${Math.round(median(rounds.map((each) => each[name])) * 1000)} µs ${name}`;
	return `${part("node")}, ${part("database")}, ${part("client")}`;
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

function bodiesOf(count: number): Uint8Array[] {
	return Array.from({ length: count }, () => Uint8Array.from(randomBytes(BODY_BYTES)));
}

function quantile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
