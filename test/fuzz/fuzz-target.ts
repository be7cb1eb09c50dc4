import { randomFrom } from "../prove/fuzz-mutations.ts";
import type { Coverage } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import type { FuzzTarget, Outcome } from "./target.ts";

/** Inputs between two looks at the coverage. */
const BATCH = 2000;
/** Most inputs that are kept because they reached something new. */
const MOST_KEPT = 4000;

export interface FuzzOptions {
	readonly inputs: number;
	readonly seed: number;
	/** Inputs that run what never ran before are kept and changed further. Default: only samples are changed. */
	readonly coverage?: Coverage;
	/** An input that takes longer is a finding, milliseconds. Default: none is. */
	readonly slowMs?: number;
	/** Told of each input before it runs, for somebody who watches whether it ends. */
	readonly onInput?: (input: Uint8Array) => void;
}

export interface Finding {
	readonly problem: string;
	readonly input: Uint8Array;
}

export interface TargetReport {
	readonly target: string;
	readonly inputs: number;
	readonly seconds: number;
	readonly taken: number;
	/** Inputs of the corpus at the end. */
	readonly corpus: number;
	/** Of the slowest input, milliseconds. */
	readonly slowestMs: number;
	readonly findings: readonly Finding[];
}

/** Gives a decoder so many inputs, the same for the same seed. Ends at the first finding: what comes after it is mostly the same. */
export async function fuzzTarget(target: FuzzTarget, options: FuzzOptions): Promise<TargetReport> {
	const { inputs, seed, coverage, slowMs = Number.POSITIVE_INFINITY, onInput } = options;
	const random = randomFrom(seed);
	const corpus = [...(await target.samples())];
	const findings: Finding[] = [];
	const began = performance.now();
	let taken = 0;
	let slowestMs = 0;
	let done = 0;

	const tryOne = async (input: Uint8Array): Promise<void> => {
		onInput?.(input);
		const before = performance.now();
		const problem = await outcomeOf(target, input, (outcome) => {
			if (outcome === "taken") taken += 1;
		});
		const took = performance.now() - before;
		slowestMs = Math.max(slowestMs, took);
		if (problem !== undefined) findings.push({ problem, input });
		else if (took > slowMs && (await isSlowAgain(target, input, slowMs)))
			findings.push({ problem: `takes ${Math.round(took)} ms for ${input.length} bytes`, input });
	};

	for (const sample of corpus) {
		const takenBefore = taken;
		await tryOne(sample);
		// A target whose samples are refused tests nothing but the first line of its decoder.
		if (taken === takenBefore && findings.length === 0)
			findings.push({ problem: "a sample of its own is refused", input: sample });
	}
	coverage?.keep();
	while (done < inputs && findings.length === 0) {
		const batch: Uint8Array[] = [];
		for (; (!coverage || batch.length < BATCH) && done < inputs && findings.length === 0; done += 1) {
			const input = mutate(random, target, corpus);
			if (coverage) batch.push(input);
			await tryOne(input);
		}
		if (coverage && corpus.length < MOST_KEPT && coverage.news() > 0) {
			const found = await findNews(target, batch, coverage);
			if (found) corpus.push(found);
			coverage.keep();
		}
	}
	return {
		target: target.name,
		inputs: done,
		seconds: (performance.now() - began) / 1000,
		taken,
		corpus: corpus.length,
		slowestMs,
		findings,
	};
}

/** @returns what is wrong with how it ended. */
async function outcomeOf(target: FuzzTarget, input: Uint8Array, told: (outcome: Outcome) => void): Promise<string | undefined> {
	try {
		const outcome = target.run(input);
		told(outcome instanceof Promise ? await outcome : outcome);
		return undefined;
	} catch (error) {
		return error instanceof Error ? `${error.name}: ${error.message}` : "threw something that is no error";
	}
}

/** A machine that others use is slow at times; a decoder takes the processor's time, and each time. */
async function isSlowAgain(target: FuzzTarget, input: Uint8Array, slowMs: number): Promise<boolean> {
	for (let times = 0; times < 3; times += 1) {
		const before = process.cpuUsage();
		await outcomeOf(target, input, () => {});
		const { user, system } = process.cpuUsage(before);
		if ((user + system) / 1000 <= slowMs) return false;
	}
	return true;
}

/** The input of a batch that ran something new, by halves. */
async function findNews(target: FuzzTarget, batch: readonly Uint8Array[], coverage: Coverage): Promise<Uint8Array | undefined> {
	let candidates = batch;
	while (candidates.length > 1) {
		const half = candidates.slice(0, candidates.length >> 1);
		coverage.reset();
		for (const input of half) await outcomeOf(target, input, () => {});
		candidates = coverage.news() > 0 ? half : candidates.slice(half.length);
	}
	coverage.reset();
	for (const input of candidates) await outcomeOf(target, input, () => {});
	return candidates[0];
}
