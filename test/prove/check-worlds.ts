import { join } from "node:path";

import { bundleWorker } from "./bundle.ts";
import { INVARIANTS } from "./invariants.ts";
import type { Report } from "./report.ts";
import type { Limits } from "./search.ts";
import type { Answer } from "./worker.ts";
import { inParallel, runTask } from "./workers.ts";
import { QUICK_WORLDS, WORLDS } from "./worlds/index.ts";

/** Nothing of ours comes near; a world that does has grown wrongly. */
export const LIMITS: Limits = { states: 3_000_000, seconds: 900, merges: 120, waysOut: true };
const WORKERS = 2;

export interface Wanted {
	readonly names: readonly string[] | undefined;
	readonly quick: boolean;
	log(line: string): void;
}

/** Searches worlds to their fixpoints, two at once. */
export async function checkWorlds(folder: string, { names, quick, log }: Wanted): Promise<Report> {
	const bundle = join(folder, "worker.mjs");
	await bundleWorker(bundle);
	const chosen = names ?? (quick ? QUICK_WORLDS : Object.keys(WORLDS));
	const began = performance.now();
	const answers = await inParallel(chosen, WORKERS, async (world) => {
		const answer = await runTask(bundle, { world, limits: LIMITS });
		for (const line of worldLines(answer)) log(line);
		return answer;
	});
	return reportOf(answers, (performance.now() - began) / 1000, names === undefined && !quick);
}

const count = (number: number) => Math.round(number).toLocaleString("en");

function isGood({ found, notExercised }: Answer): boolean {
	return (
		found.fixpoint &&
		!found.broken &&
		notExercised.length === 0 &&
		found.merges.differ === undefined &&
		!found.waysOut?.withLender.stuck
	);
}

function worldLines({ found, story, notExercised }: Answer): string[] {
	const { world, states, edges, depth, events, seconds, fixpoint, merges, waysOut } = found;
	const lines = [
		`${world}: ${count(states)} states, ${count(edges)} edges (${count(events)} events), depth ${depth}, ${seconds.toFixed(1)} s, ` +
			`${count(states / seconds)} states/s, ${fixpoint ? "fixpoint" : "NO FIXPOINT"}`,
	];
	if (story.length > 0) lines.push("  the shortest story of a broken promise:", ...story.map((line) => `    ${line}`));
	if (merges.checked > 0) {
		lines.push(
			`  ${merges.checked} merged states played on beside the state they were merged into: ${merges.differ ? `DIFFERENT ${merges.differ}` : "the same"}`,
		);
	}
	if (waysOut) {
		const { withLender, alone, locked } = waysOut;
		lines.push(
			`  ${count(locked)} locked states: ${withLender.stuck ? `${withLender.stuck} WITHOUT A WAY OUT` : "a way out of each"}, the longest ${withLender.longest} moves` +
				(alone
					? `; with no server at all out of ${alone.stuck ? count(locked - alone.stuck) : "each"}, the longest ${alone.longest}`
					: ""),
		);
	}
	if (notExercised.length > 0) lines.push(`  NEVER EXERCISED here: ${notExercised.join(", ")}`);
	return lines;
}

function reportOf(answers: readonly Answer[], seconds: number, isWhole: boolean): Report {
	const sum = (of: (answer: Answer) => number) => answers.reduce((total, answer) => total + of(answer), 0);
	const states = sum(({ found }) => found.states);
	const edges = sum(({ found }) => found.edges);
	const exercised = INVARIANTS.map(({ id, says }) => ({ id, says, times: sum(({ found }) => found.exercised[id] ?? 0) }));
	const never = isWhole ? exercised.filter(({ times }) => times === 0).map(({ id }) => id) : [];
	const collision = sum(({ found }) => found.collisionProbability);
	const rss = process.resourceUsage().maxRSS / 1024;
	return {
		ok: answers.every(isGood) && never.length === 0,
		figures: {
			states,
			edges,
			seconds: Number(seconds.toFixed(1)),
			fixpoint: answers.every(({ found }) => found.fixpoint),
			worlds: answers.length,
			invariants: INVARIANTS.length,
			mergesChecked: sum(({ found }) => found.merges.checked),
			longestWayOut: Math.max(0, ...answers.map(({ found }) => found.waysOut?.withLender.longest ?? 0)),
			peakRssMiB: Math.round(rss),
		},
		lines: [
			...exercised.map(({ id, says, times }) => `${id.padEnd(17)} ${count(times).padStart(11)} times: ${says}`),
			...(never.length > 0 ? [`NEVER EXERCISED: ${never.join(", ")}`] : []),
			`${count(states)} states, ${count(edges)} edges in ${seconds.toFixed(1)} s on ${WORKERS} threads, ${count(states / seconds)} states/s, ` +
				`peak ${Math.round(rss)} MiB; two states taken for one with a probability of ${collision.toExponential(0)}`,
		],
	};
}
