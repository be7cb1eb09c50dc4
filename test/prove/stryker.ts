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
 * Runs Stryker over agent/policy and the terms' floor with the agent's own tests. Takes both cores for about an hour; what has not
 * changed since the last run is taken from it.
 *
 * @param files patterns of what to mutate instead, such as `agent/policy/floor.ts`.
 * @throws {Error} if Stryker itself fails.
 */
export async function runStryker({ files = [] }: { files?: readonly string[] } = {}): Promise<StrykerReport> {
	const stryker = join(ROOT, "node_modules/@stryker-mutator/core/bin/stryker.js");
	const which = files.length > 0 ? ["--mutate", files.join(",")] : [];
	const running = spawn(process.execPath, [stryker, "run", CONFIG, ...which], { cwd: ROOT, stdio: ["ignore", 2, 2] });
	const code = await new Promise<number | null>((resolve, reject) => {
		running.on("error", reject);
		running.on("close", resolve);
	});
	if (code !== 0) throw new Error(`Stryker ended with ${code}`);
	return readReport(JSON.parse(await readFile(join(ROOT, REPORT), "utf8")) as MutationReport); // as Stryker's schema has it
}

/** Below this the agent's own tests are not good enough. */
const GOOD_SCORE = 85;

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

interface MutationReport {
	readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
	readonly status: "Killed" | "Timeout" | "Survived" | "NoCoverage" | "CompileError" | "RuntimeError" | "Ignored" | "Pending";
	readonly mutatorName: string;
	readonly replacement?: string;
	readonly location: { readonly start: { readonly line: number } };
}

/** Counts a report of the mutation-testing schema. */
export function readReport({ files }: MutationReport): StrykerReport {
	let killed = 0;
	const survivors: Survivor[] = [];
	for (const [file, { mutants }] of Object.entries(files)) {
		for (const { status, mutatorName, replacement = "", location } of mutants) {
			if (status === "Killed" || status === "Timeout") killed += 1;
			if (status !== "Survived" && status !== "NoCoverage") continue;
			const isCovered = status === "Survived";
			survivors.push({ file, line: location.start.line, mutator: mutatorName, replacement, isCovered });
		}
	}
	return { killed, survivors, score: (100 * killed) / Math.max(1, killed + survivors.length) };
}
