import type { GrowingWords } from "./state-table.ts";
import type { World } from "./world.ts";

/** A searched world as a graph: edges of a state from `edgesFrom` on, each to a target by a move. */
export interface Graph {
	readonly edgesFrom: GrowingWords;
	readonly targets: GrowingWords;
	readonly edgeMoves: GrowingWords;
	readonly locked: GrowingWords;
}

/** How a borrower gets out of a lock. */
export interface WaysOut {
	readonly locked: number;
	/** By paying and being online, by code, pass or time: locked states without a way, and the longest shortest one, in moves. */
	readonly withLender: { readonly stuck: number; readonly longest: number };
	/** With no server at all; `undefined` if the world knows no such moves. */
	readonly alone: { readonly stuck: number; readonly longest: number } | undefined;
}

export function waysOut(world: World, graph: Graph, states: number): WaysOut {
	const usable = (choose: (index: number) => boolean) => world.moves.map((_, index) => choose(index));
	let locked = 0;
	for (let index = 0; index < states; index += 1) locked += graph.locked.at(index);
	const alone = usable((index) => world.moves[index]?.wayOutAlone === true);
	return {
		locked,
		withLender: distances(
			graph,
			states,
			usable((index) => world.moves[index]?.wayOut === true || world.moves[index]?.wayOutAlone === true),
		),
		alone: alone.includes(true) ? distances(graph, states, alone) : undefined,
	};
}

/** Backward from every state that is not locked, over the moves that count. */
function distances(
	{ edgesFrom, targets, edgeMoves, locked }: Graph,
	states: number,
	usable: readonly boolean[],
): { stuck: number; longest: number } {
	const into = new Uint32Array(states + 1);
	const each = (visit: (source: number, target: number) => void) => {
		for (let source = 0; source < states; source += 1) {
			for (let edge = edgesFrom.at(source); edge < edgesFrom.at(source + 1); edge += 1) {
				if (usable[edgeMoves.at(edge)]) visit(source, targets.at(edge));
			}
		}
	};
	each((_, target) => {
		into[target + 1] = (into[target + 1] ?? 0) + 1;
	});
	for (let index = 0; index < states; index += 1) into[index + 1] = (into[index + 1] ?? 0) + (into[index] ?? 0);
	const sources = new Uint32Array(into[states] ?? 0);
	const filled = into.slice();
	each((source, target) => {
		const at = filled[target] ?? 0;
		sources[at] = source;
		filled[target] = at + 1;
	});
	const distance = new Int32Array(states).fill(-1);
	let level: number[] = [];
	for (let index = 0; index < states; index += 1) {
		if (locked.at(index)) continue;
		distance[index] = 0;
		level.push(index);
	}
	let longest = 0;
	for (let steps = 1; level.length > 0; steps += 1) {
		const next: number[] = [];
		for (const target of level) {
			for (let at = into[target] ?? 0; at < (into[target + 1] ?? 0); at += 1) {
				const source = sources[at] ?? 0;
				if ((distance[source] ?? 0) >= 0) continue;
				distance[source] = steps;
				next.push(source);
			}
		}
		if (next.length > 0) longest = steps;
		level = next;
	}
	return { stuck: distance.reduce((count, steps) => count + (steps < 0 ? 1 : 0), 0), longest };
}
