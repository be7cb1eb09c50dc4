import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Report } from "../prove/report.ts";
import { AS_BRIDGED, ModelledPhone, modelledLender } from "./modelled-phone.ts";
import { MOVES, type ModelMove, type Step } from "./moves.ts";
import { readSearch, type Workshop } from "./spin.ts";

const EVERY_PART = ["-DDEBT", "-DOFFLINE", "-DORDERS", "-DENDS"];
const LONGEST_STORY = 60;
/** Of the model: some twenty make a move. */
const STATEMENTS = 30 * LONGEST_STORY;
/** Moves of a random walk, as often as they stand here. */
const OFTEN: readonly ModelMove[] = [...MOVES, "DAY", "DAY", "DAY", "DAY", "LOOK", "LOOK", "LOOK", "WARN", "HALF"];

/** How many stories each way, from which seed. */
export interface Crossing {
	readonly traces: number;
	readonly seed: number;
	/** The model's constants; others than the contract's are found out. */
	readonly constants?: readonly string[];
}

/**
 * Random traces of the model are lived by the agent, and random lives of the agent by the model: after every move both must say
 * the same standing, and whether anything is restricted.
 */
export function runBridge(workshop: Workshop, { traces, seed, constants = AS_BRIDGED }: Crossing): Report {
	const flags = [...EVERY_PART, ...constants];
	const there = fromModel(workshop, flags, traces, seed);
	if (!there.ok) return there;
	const back = toModel(workshop, flags, traces, seed);
	return { ok: back.ok, figures: { ...there.figures, ...back.figures }, lines: [...there.lines, ...back.lines] };
}

function fromModel(workshop: Workshop, model: readonly string[], traces: number, seed: number): Report {
	const lender = modelledLender();
	let moves = 0;
	const standings = new Map<number, number>();
	for (let trace = 0; trace < traces; trace += 1) {
		const flags = [...model, "-DEAGER", ...(trace % 4 === 0 ? [] : ["-DNEVER_RELEASED"])];
		const printed = workshop.run("spin", ...flags, `-n${seed + trace}`, `-u${STATEMENTS}`, "-T", "holdfast.pml");
		const phone = new ModelledPhone(lender);
		const told: ModelMove[] = [];
		for (const step of readTrace(printed)) {
			if (!phone.can(step.move)) break;
			told.push(step.move);
			const found = phone.do(step.move);
			if (found.standing !== step.standing || found.isRestricted !== step.isRestricted)
				return disagreement("agent and model disagree on a trace of the model's", told, step.standing, found.standing);
			standings.set(found.standing, (standings.get(found.standing) ?? 0) + 1);
			moves += 1;
		}
	}
	const reached = [...standings].sort(([a], [b]) => a - b).map(([standing, count]) => `${NAMES[standing]} ${count}`);
	return {
		ok: true,
		figures: { modelTraces: traces, modelTraceMoves: moves },
		lines: [`bridge: ${traces} random traces of the model, ${moves} moves, lived alike by the agent (${reached.join(", ")})`],
	};
}

const NAMES = ["", "unbound", "unlocked", "grace", "limited", "full", "released"];

function readTrace(printed: string): Step[] {
	return [...printed.matchAll(/^\s*MOVE (\d+) (\d+) (\d)$/gm)].map(([, move, standing, restricted]) => {
		const name = MOVES[Number(move)];
		if (name === undefined) throw new Error(`the model has a move ${move} that is not in moves.ts`);
		return { move: name, standing: Number(standing), isRestricted: restricted === "1" };
	});
}

function toModel(workshop: Workshop, model: readonly string[], traces: number, seed: number): Report {
	const stories = Array.from({ length: traces }, (_, index) => walk(seed + index));
	let moves = 0;
	for (let from = 0; from < stories.length; from += 50) {
		const some = stories.slice(from, from + 50);
		moves += some.reduce((sum, story) => sum + story.length, 0);
		if (isAccepted(workshop, model, some)) continue;
		const odd = some.find((story) => !isAccepted(workshop, model, [story])) ?? [];
		const told = odd.map(({ move }) => move);
		return disagreement("the model does not accept a life of the agent's", told, undefined, odd.at(-1)?.standing ?? 0);
	}
	return {
		ok: true,
		figures: { agentStories: traces, agentStoryMoves: moves },
		lines: [`bridge: ${traces} random lives of the agent, ${moves} moves, accepted by the model`],
	};
}

function walk(seed: number): Step[] {
	const phone = new ModelledPhone(modelledLender());
	const story: Step[] = [];
	const random = randomFrom(seed);
	while (story.length < LONGEST_STORY) {
		const move = OFTEN[random() % OFTEN.length];
		if (!move || (move === "RELEASE" && random() % 4 !== 0)) continue;
		if (!phone.can(move)) break;
		story.push(phone.do(move));
	}
	return story;
}

/** Marsaglia's xorshift: the same story for the same seed. */
function randomFrom(seed: number): () => number {
	let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		state >>>= 0;
		return state;
	};
}

/** Every story must be possible to its end: a move that leads elsewhere is an assertion, one that cannot be made an invalid end. */
function isAccepted(workshop: Workshop, model: readonly string[], stories: readonly (readonly Step[])[]): boolean {
	const loads = stories.map((story) => {
		const steps = story.map(({ move, standing }, at) => `script[${at}] = ${MOVES.indexOf(move)}; expected[${at}] = ${standing};`);
		return `\t:: d_step { length = ${story.length}; ${steps.join(" ")} }`;
	});
	writeFileSync(join(workshop.folder, "stories.pml"), `\tif\n${loads.join("\n")}\n\tfi;\n`);
	workshop.build(["-DREPLAY", ...model]);
	const { errors, isComplete } = readSearch(workshop.run("./pan", "-m1000"));
	return errors === 0 && isComplete;
}

function disagreement(what: string, moves: readonly string[], model: number | undefined, agent: number): Report {
	const said = model === undefined ? "" : `the model says ${NAMES[model]}, `;
	return {
		ok: false,
		figures: { moves: moves.length },
		lines: [`bridge: ${what}:`, `  ${moves.join(" ")}`, `  ${said}the agent says ${NAMES[agent]}`],
	};
}
