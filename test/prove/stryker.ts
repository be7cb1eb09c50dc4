import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Report } from "./report.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CONFIG = "test/prove/stryker.json";
const REPORT = ".cache/stryker/report.json";

/** A change that no test noticed, or that no test runs. */
export interface Survivor {
	readonly file: string;
	readonly line: number;
	readonly lastLine: number;
	readonly mutator: string;
	readonly replacement: string;
	readonly isCovered: boolean;
}

/** What became of every small change that Stryker makes to the policy. */
export interface StrykerReport {
	/** Noticed by a test, or by a run that no longer ends. */
	readonly killed: number;
	readonly survivors: readonly Survivor[];
	/** Killed of all, in per cent. Changes of texts that only a log reads, and of what is worked out once at load, are not made. */
	readonly score: number;
}

/**
 * Runs Stryker over agent/policy and the terms' floor: first with the policy's own tests, which take seconds, and what they do not
 * notice again with all of the agent's.
 *
 * @param files patterns of what to mutate instead, such as `agent/policy/floor.ts`.
 * @throws {Error} if Stryker itself fails.
 */
export async function runStryker({ files = [] }: { files?: readonly string[] } = {}): Promise<StrykerReport> {
	const quick = await mutate("policy", files);
	const left = readReport(quick).survivors;
	if (left.length === 0) return readReport(quick);
	const lines = new Set(left.map(({ file, line, lastLine }) => `${file}:${line}-${lastLine}`));
	return readReport(quick, await mutate("agent", [...lines]));
}

async function mutate(tests: "policy" | "agent", what: readonly string[]): Promise<MutationReport> {
	const stryker = join(ROOT, "node_modules/@stryker-mutator/core/bin/stryker.js");
	const which = what.length > 0 ? ["--mutate", what.join(",")] : [];
	const running = spawn(process.execPath, [stryker, "run", CONFIG, ...which], {
		cwd: ROOT,
		stdio: ["ignore", 2, 2],
		env: { ...process.env, HOLDFAST_STRYKER_TESTS: tests },
	});
	const code = await new Promise<number | null>((resolve, reject) => {
		running.on("error", reject);
		running.on("close", resolve);
	});
	if (code !== 0) throw new Error(`Stryker ended with ${code}`);
	return JSON.parse(await readFile(join(ROOT, REPORT), "utf8")) as MutationReport; // as Stryker's schema has it
}

/** Below this the agent's own tests are not good enough. The policy's alone reach it. */
const GOOD_SCORE = 95;

/** The score, and every change that went unnoticed. */
export function strykerReport({ killed, survivors, score }: StrykerReport): Report {
	const listed = survivors.map(
		({ file, line, mutator, replacement, isCovered }) =>
			`  ${file}:${line} ${mutator}${isCovered ? "" : ", run by no test"}: ${replacement.replaceAll(/\s+/g, " ").slice(0, 80)}`,
	);
	return {
		ok: score >= GOOD_SCORE,
		figures: { killed, survived: survivors.length, score: Number(score.toFixed(1)) },
		lines: [`stryker: ${killed} of ${killed + survivors.length} changes noticed, ${score.toFixed(1)} %`, ...listed],
	};
}

/** As far as it is read: the mutation-testing schema. */
export interface MutationReport {
	readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
	readonly status: "Killed" | "Timeout" | "Survived" | "NoCoverage" | "CompileError" | "RuntimeError" | "Ignored" | "Pending";
	readonly mutatorName: string;
	readonly replacement?: string;
	readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
	readonly line: number;
	readonly column: number;
}

/**
 * Counts a report.
 *
 * @param again a later run over what survived the first, with other tests: what it killed is killed.
 */
export function readReport(first: MutationReport, again: MutationReport = { files: {} }): StrykerReport {
	const killedLater = new Set(mutantsOf(again).flatMap(({ key, mutant }) => (isKilled(mutant) ? [key] : [])));
	let killed = 0;
	const survivors: Survivor[] = [];
	for (const { file, key, mutant } of mutantsOf(first)) {
		const { status, mutatorName, replacement = "", location } = mutant;
		if (isKilled(mutant) || killedLater.has(key)) killed += 1;
		else if (status === "Survived" || status === "NoCoverage") {
			const lines = { line: location.start.line, lastLine: location.end.line };
			survivors.push({ file, ...lines, mutator: mutatorName, replacement, isCovered: status === "Survived" });
		}
	}
	return { killed, survivors, score: (100 * killed) / Math.max(1, killed + survivors.length) };
}

function isKilled({ status }: Mutant): boolean {
	return status === "Killed" || status === "Timeout";
}

function mutantsOf({ files }: MutationReport): { file: string; key: string; mutant: Mutant }[] {
	return Object.entries(files).flatMap(([file, { mutants }]) =>
		mutants.map((mutant) => {
			const { start, end } = mutant.location;
			const place = [start.line, start.column, end.line, end.column];
			return { file, mutant, key: [file, ...place, mutant.mutatorName, mutant.replacement].join(" ") };
		}),
	);
}
