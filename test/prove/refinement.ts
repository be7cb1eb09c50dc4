import fc from "fast-check";

import { keyring, SymbolicLender } from "./lender.ts";
import type { Promised } from "./promises.ts";
import { anyMove, inWords, type Move } from "./refinement-moves.ts";
import { CONTRACTS, contractOf, Rig } from "./refinement-rig.ts";
import type { Report } from "./report.ts";

const LONGEST_LIFE = 120;

/** How long to go on, from which seed. */
export interface Campaign {
	/** Moves altogether, at least. */
	readonly commands: number;
	readonly seed: number;
	/** Other promises than the terms make: to see that the difference is found. Its story is not shrunk. */
	readonly promised?: Partial<Promised>;
}

/**
 * Lives random lives on the shipped agent and on the reference, and requires after every move that both say the same: standing,
 * causes, what is restricted, and what became of each order, answer, pass and dispute.
 */
export function runRefinement({ commands, seed, promised }: Campaign): Report {
	const tally = new Map<string, number>();
	const contracts = Array.from({ length: CONTRACTS }, (_, index) => contractOf(index));
	const lenders = contracts.map(({ terms }) => new SymbolicLender(terms, keyring(1)));
	const life = (index: number, moves: readonly Move[]) => {
		const lender = lenders[index];
		const contract = contracts[index];
		if (!contract || !lender) throw new Error("no such contract");
		const rig = new Rig({ ...contract, promised: { ...contract.promised, ...promised } }, lender, tally);
		for (const move of moves) rig.live(move);
	};
	const lives = fc.array(anyMove, { maxLength: LONGEST_LIFE, size: "max" });
	const property = fc.property(fc.nat(CONTRACTS - 1), lives, life);
	const began = performance.now();
	let done = 0;
	let round = 0;
	for (; done < commands; round += 1) {
		const numRuns = Math.ceil(Math.min(200, (commands - done) / (LONGEST_LIFE / 2)));
		const result = fc.check(property, { seed: seed + round, numRuns, endOnFailure: promised !== undefined });
		if (result.failed) return disagreement(result, seed + round);
		done = movesIn(tally);
	}
	const seconds = (performance.now() - began) / 1000;
	const reached = [...tally].filter(([name]) => /^[A-Z_]+$/.test(name)).map(([name, count]) => `${name} ${count}`);
	const orders = [...tally].filter(([name]) => / [A-Z]/.test(name)).map(([name, count]) => `${name} ${count}`);
	return {
		ok: true,
		figures: { commands: done, seconds: Number(seconds.toFixed(1)), commandsPerSecond: Math.round(done / seconds), seed },
		lines: [
			`refinement: ${done} commands in ${seconds.toFixed(1)} s, agent and reference agreed after each (seed ${seed})`,
			`  standings after a command: ${reached.sort().join(", ")}`,
			`  orders: ${orders.sort().join(", ")}`,
		],
	};
}

function movesIn(tally: ReadonlyMap<string, number>): number {
	return [...tally].reduce((sum, [name, count]) => (name.startsWith("did ") ? sum + count : sum), 0);
}

function disagreement(result: fc.RunDetails<[index: number, moves: readonly Move[]]>, seed: number): Report {
	const [contract, moves] = result.counterexample ?? [0, []];
	const error = result.errorInstance;
	return {
		ok: false,
		figures: { commands: result.numRuns, seed },
		lines: [
			`refinement: agent and reference disagree (seed ${seed}, contract ${contract}); the shortest story found:`,
			...moves.map((move, index) => `  ${index + 1}. ${inWords(move)}`),
			`  ${error instanceof Error ? error.message : String(error)}`,
		],
	};
}
