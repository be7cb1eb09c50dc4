import { atMost, type BenchOptions, median, type Row } from "../row.ts";
import { openRegistryWorld, type RegistryWorld, type Round } from "./registry-world.ts";
import { spentInWords } from "./rows.ts";

const FEW = 10_000;
const MANY = 10_000_000;
const ROUNDS = 7;
const PER_ROUND = 5000;
/** So that few check in again within a round, and those of many contracts lie all over their tables. */
const PHONES = 5000;

/** What a check-in costs among many contracts against among few: the same nodes and phones by turns, each on a database of its own. */
export async function benchRegistryScale({ contracts = MANY }: BenchOptions): Promise<Row[]> {
	const worlds: RegistryWorld[] = [];
	try {
		const startedAt = performance.now();
		const few = await opened(FEW, worlds);
		const many = await opened(contracts, worlds);
		process.stderr.write(`${contracts} contracts loaded in ${Math.round((performance.now() - startedAt) / 1000)} s\n`);
		const sides = await Promise.all(
			[few, many].map(async (world) => ({ world, node: await world.node("registry"), rounds: [] as Round[] })),
		);
		for (const { world, node } of sides) await world.round([node], PER_ROUND);
		for (let round = 0; round < ROUNDS; round += 1)
			for (const { world, node, rounds } of sides) rounds.push(await world.round([node], PER_ROUND));
		const [atFew, atMany] = sides.map(({ rounds }) => rounds);
		if (!atFew || !atMany) return [];
		for (const [count, rounds] of [
			[FEW, atFew],
			[contracts, atMany],
		] as const)
			process.stderr.write(`at ${count} contracts a check-in spends ${spentInWords(rounds.map(({ spentEach }) => spentEach))}\n`);
		const middle = (rounds: readonly Round[], of: (round: Round) => number) => median(rounds.map(of));
		const all = ({ spentEach: { node, database } }: Round) => (node + database) * 1000;
		const wall = ({ perSecond }: Round) => 1e6 / perSecond;
		return [
			atMost(`processor time of a check-in at ${contracts} contracts`, middle(atMany, all), middle(atFew, all), "µs", 1.2),
			atMost("  its time on the clock, as fast as they go", middle(atMany, wall), middle(atFew, wall), "µs", 1.2),
		];
	} finally {
		for (const world of worlds) await world.close();
	}
}

async function opened(contracts: number, worlds: RegistryWorld[]): Promise<RegistryWorld> {
	const world = await openRegistryWorld(contracts, PHONES);
	worlds.push(world);
	return world;
}
