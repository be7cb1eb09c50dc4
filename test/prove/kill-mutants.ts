import { join } from "node:path";

import { bundleWorker } from "./bundle.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";
import type { Report } from "./report.ts";
import type { Limits } from "./search.ts";
import { inParallel, runTask } from "./workers.ts";

const LIMITS: Limits = { states: 400_000, seconds: 600, merges: 0, waysOut: false };
const WORKERS = 2;

/** What became of a mutant. */
export interface Kill {
	readonly mutant: Mutant;
	/** The invariant that it broke; `undefined`: it survived. */
	readonly by: string | undefined;
	readonly world: string;
	/** Moves of the shortest story. */
	readonly length: number;
	readonly states: number;
	readonly seconds: number;
	readonly story: readonly string[];
}

/** Breaks the agent in each way, and searches until a promise is broken. */
export async function killMutants(
	folder: string,
	{ only, log }: { only: string | undefined; log(line: string): void },
): Promise<{ report: Report; kills: readonly Kill[] }> {
	const chosen = only === undefined ? MUTANTS : MUTANTS.filter(({ name }) => name === only);
	if (chosen.length === 0) throw new Error(`no mutant is called ${only}`);
	const began = performance.now();
	const kills = await inParallel(chosen, WORKERS, async (mutant) => {
		const kill = await killOne(join(folder, `mutant-${MUTANTS.indexOf(mutant)}.mjs`), mutant);
		log(
			`${kill.by ? "killed  " : "SURVIVED"} ${mutant.name}: ${kill.by ?? "-"} in ${kill.world}, ${kill.length} moves, ${kill.states} states, ${kill.seconds.toFixed(1)} s`,
		);
		for (const line of kill.story) log(`    ${line}`);
		return kill;
	});
	const survivors = kills.filter(({ by }) => by === undefined);
	return {
		kills,
		report: {
			ok: survivors.length === 0,
			figures: {
				mutants: kills.length,
				killed: kills.length - survivors.length,
				seconds: Number(((performance.now() - began) / 1000).toFixed(1)),
			},
			lines: [
				...rows(kills),
				`${kills.length - survivors.length} of ${kills.length} mutants killed${survivors.length > 0 ? `; SURVIVED: ${survivors.map(({ mutant }) => mutant.name).join(", ")}` : ""}`,
			],
		},
	};
}

async function killOne(bundle: string, mutant: Mutant): Promise<Kill> {
	await bundleWorker(bundle, mutant.patches);
	let states = 0;
	let seconds = 0;
	for (const world of mutant.worlds) {
		const { found, story } = await runTask(bundle, { world, limits: LIMITS });
		states += found.states;
		seconds += found.seconds;
		if (found.broken)
			return { mutant, by: found.broken.invariant, world, length: found.broken.moves.length, states, seconds, story };
	}
	return { mutant, by: undefined, world: mutant.worlds.join(", "), length: 0, states, seconds, story: [] };
}

function rows(kills: readonly Kill[]): string[] {
	return [
		"| mutant | what a phone with it does | killed by | in world | moves | states |",
		"| --- | --- | --- | --- | ---: | ---: |",
		...kills.map(
			({ mutant, by, world, length, states }) =>
				`| ${mutant.name} | ${mutant.breaks} | ${by ?? "**survived**"} | ${world} | ${length} | ${states} |`,
		),
	];
}

/** The kill table as a page. */
export function killTable(kills: readonly Kill[]): string {
	return [
		"# Mutants",
		"",
		"Each line is a security mistake, made in the shipped agent on purpose by a patch of a line or so, and the promise that the",
		"exhaustive search then finds broken: in which world, by how many moves at least, after how many states. Written by",
		"`scripts/prove --mutants --write`; the patches are in `test/prove/mutants.ts`, the promises in `test/prove/invariants.ts`.",
		"",
		...rows(kills),
		"",
		`${kills.filter(({ by }) => by).length} of ${kills.length} killed.`,
		"",
	].join("\n");
}
