import { createAgent } from "../../agent/daemon/agent.ts";
import { INVARIANTS, isLockedPhone, Monitor } from "./invariants.ts";
import { Key, writePhone } from "./key.ts";
import { GrowingWords, StateTable } from "./state-table.ts";
import { symbolicCrypto } from "./symbolic-crypto.ts";
import { type Phone, Walk } from "./walk.ts";
import { type WaysOut, waysOut } from "./ways-out.ts";
import type { Move, World } from "./world.ts";

export interface Limits {
	/** States after which a search gives up: no fixpoint. */
	readonly states: number;
	readonly seconds: number;
	/** Merged states of which both are played on, to see that they have the same future. */
	readonly merges: number;
	/** Whether the graph is kept, for the ways out. */
	readonly waysOut: boolean;
	/** Told at the end of each depth. */
	onDepth?(depth: number, states: number, frontier: number): void;
}

/** A promise that was broken, and the shortest way there. */
export interface Broken {
	readonly invariant: string;
	readonly says: string;
	readonly how: string;
	/** Moves from the start. */
	readonly moves: readonly number[];
}

export interface Found {
	readonly world: string;
	readonly states: number;
	readonly edges: number;
	/** Most moves that the shortest way to a state takes. */
	readonly depth: number;
	readonly events: number;
	readonly seconds: number;
	readonly fixpoint: boolean;
	readonly broken: Broken | undefined;
	readonly exercised: Readonly<Record<string, number>>;
	readonly merges: { readonly checked: number; readonly differ: string | undefined };
	readonly waysOut: WaysOut | undefined;
	readonly collisionProbability: number;
}

const NO_PARENT = 0xffffffff;

/** Every state of a world that any moves lead to, breadth first, so that the first story of a broken promise is a shortest. */
export function search(world: World, limits: Limits): Found {
	const began = performance.now();
	const agent = createAgent({ crypto: symbolicCrypto });
	const monitor = new Monitor();
	const table = new StateTable();
	const key = new Key();
	const parents = new GrowingWords();
	const parentMoves = new GrowingWords();
	const edgesFrom = new GrowingWords();
	const targets = new GrowingWords();
	const edgeMoves = new GrowingWords();
	const locked = new GrowingWords();
	const merged: { phone: Phone; index: number }[] = [];
	let edges = 0;
	let events = 0;

	const witness: typeof monitor.witness = (edge) => {
		events += 1;
		monitor.witness(edge);
	};
	const add = (phone: Phone, parent: number, move: number) => {
		writePhone(key, world, phone);
		const [high, low] = key.hash();
		const { index, isNew } = table.add(high, low);
		if (isNew) {
			parents.push(parent);
			parentMoves.push(move);
			locked.push(isLockedPhone(phone) ? 1 : 0);
		}
		return { index, isNew };
	};

	const begin = new Walk(world, agent, undefined, witness);
	world.start(begin);
	add(begin.phone, NO_PARENT, 0);
	let frontier: Phone[] = [begin.phone];
	let expanded = 0;
	let depth = 0;
	let fixpoint = true;
	const isOver = () => monitor.broken !== undefined || !fixpoint;
	let brokenBy: readonly number[] = [];

	while (frontier.length > 0 && !isOver()) {
		const next: Phone[] = [];
		for (const phone of frontier) {
			if (table.size > limits.states || performance.now() - began > limits.seconds * 1000) fixpoint = false;
			if (isOver()) break;
			if (limits.waysOut) edgesFrom.push(targets.length);
			const walk = new Walk(world, agent, phone, witness);
			for (const [number, move] of world.moves.entries()) {
				walk.phone = phone;
				if (move.can && !move.can(phone)) continue;
				move.make(walk);
				edges += 1;
				if (monitor.broken) {
					brokenBy = [...pathTo(expanded, parents, parentMoves), number];
					break;
				}
				const { index, isNew } = add(walk.phone, expanded, number);
				if (isNew) next.push(walk.phone);
				else if (index !== expanded && merged.length < limits.merges && isSample(edges, limits.merges))
					merged.push({ phone: walk.phone, index });
				if (limits.waysOut) {
					targets.push(index);
					edgeMoves.push(number);
				}
			}
			expanded += 1;
		}
		if (next.length > 0) depth += 1;
		frontier = next;
		limits.onDepth?.(depth, table.size, frontier.length);
	}
	edgesFrom.push(targets.length);

	const { broken } = monitor;
	const isWhole = fixpoint && !broken;
	const differ = isWhole ? firstDifference(world, merged, parents, parentMoves) : undefined;
	return {
		world: world.name,
		states: table.size,
		edges,
		depth,
		events,
		seconds: (performance.now() - began) / 1000,
		fixpoint: isWhole,
		broken: broken && { invariant: broken.invariant.id, says: broken.invariant.says, how: broken.how, moves: brokenBy },
		exercised: Object.fromEntries(monitor.exercised),
		merges: { checked: isWhole ? merged.length : 0, differ },
		waysOut: isWhole && limits.waysOut ? waysOut(world, { edgesFrom, targets, edgeMoves, locked }, table.size) : undefined,
		collisionProbability: table.size ** 2 / 2 ** 65,
	};
}

/** Spread over the search: rarer as it goes on. */
function isSample(edges: number, wanted: number): boolean {
	return Math.imul(edges, 0x9e3779b1) >>> 0 < 2 ** 32 / (1 + edges / Math.max(1, wanted * 4));
}

function pathTo(index: number, parents: GrowingWords, moves: GrowingWords): number[] {
	const path: number[] = [];
	for (let at = index; parents.at(at) !== NO_PARENT; at = parents.at(at)) path.push(moves.at(at));
	return path.reverse();
}

/** Plays moves from the start again. */
export function replay(
	world: World,
	moves: readonly number[],
	onMove?: (move: Move, before: Phone, after: Phone) => void,
): Phone {
	const agent = createAgent({ crypto: symbolicCrypto });
	const walk = new Walk(world, agent, undefined, undefined);
	world.start(walk);
	for (const number of moves) {
		const move = world.moves[number];
		if (!move) throw new Error(`world ${world.name} has no move ${number}`);
		const before = walk.phone;
		move.make(walk);
		onMove?.(move, before, walk.phone);
	}
	return walk.phone;
}

/**
 * Takes states that were merged into one met before, and plays every move from both: all must lead to the same keys. What the
 * normal form leaves out would show here as a difference.
 */
function firstDifference(
	world: World,
	merged: readonly { phone: Phone; index: number }[],
	parents: GrowingWords,
	moves: GrowingWords,
): string | undefined {
	const agent = createAgent({ crypto: symbolicCrypto });
	const key = new Key();
	const after = (phone: Phone, move: Move): string => {
		if (move.can && !move.can(phone)) return "cannot";
		const walk = new Walk(world, agent, phone, undefined);
		move.make(walk);
		writePhone(key, world, walk.phone);
		return key.numbers.join();
	};
	for (const { phone, index } of merged) {
		const other = replay(world, pathTo(index, parents, moves));
		for (const move of world.moves) {
			const [a, b] = [after(phone, move), after(other, move)];
			if (a !== b) return `after "${move.says}"\n  ${a}\n  ${b}\n  way: ${pathTo(index, parents, moves).join()}`;
		}
	}
	return undefined;
}

/** Names of the invariants that a world promises to exercise and did not. */
export function notExercised(world: World, found: Found): string[] {
	return world.exercises.filter((id) => {
		if (!INVARIANTS.some((invariant) => invariant.id === id)) throw new Error(`no invariant ${id}`);
		return !found.exercised[id];
	});
}
