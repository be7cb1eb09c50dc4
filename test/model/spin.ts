import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const DEADLINE_MS = 120_000;

/** A folder with the model in it, in which spin and the C compiler are run. */
export interface Workshop {
	readonly folder: string;
	/** Runs a command there. Gives what it printed. @throws if it cannot be run, fails, or is not done in two minutes. */
	run(command: string, ...args: readonly string[]): string;
	/** Makes `pan` of the model with these flags. @throws as {@link run}. */
	build(flags: readonly string[]): void;
	close(): void;
}

/** Whether a command is there. */
export function isInstalled(command: string): boolean {
	return spawnSync(command, ["--version"], { timeout: DEADLINE_MS }).error === undefined;
}

export function openWorkshop(): Workshop {
	const folder = mkdtempSync(join(tmpdir(), "holdfast-model-"));
	copyFileSync(fileURLToPath(new URL("holdfast.pml", import.meta.url)), join(folder, "holdfast.pml"));
	const run = (command: string, ...args: readonly string[]): string => {
		const { error, status, stdout, stderr } = spawnSync(command, args, {
			cwd: folder,
			timeout: DEADLINE_MS,
			encoding: "utf8",
			maxBuffer: 64 * 2 ** 20,
		});
		if (error) throw error;
		if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${status}\n${stdout}\n${stderr}`);
		return stdout;
	};
	return {
		folder,
		run,
		build(flags) {
			run("spin", ...flags, "-a", "holdfast.pml");
			run("gcc", "-O2", "-w", "-o", "pan", "pan.c");
		},
		close: () => rmSync(folder, { recursive: true, force: true }),
	};
}

/** What a search found. */
export interface Searched {
	readonly states: number;
	readonly depth: number;
	readonly errors: number;
	/** Nothing was cut off for want of depth or memory. */
	readonly isComplete: boolean;
}

/** Reads what pan prints. @throws if it is not a search's report. */
export function readSearch(printed: string): Searched {
	const [, depth, errors] = /depth reached (\d+), errors: (\d+)/.exec(printed) ?? [];
	const [, states] = /^\s*(\d+) states, stored/m.exec(printed) ?? [];
	if (depth === undefined || errors === undefined || states === undefined) throw new Error(`not a search's report:\n${printed}`);
	const isComplete = !/max search depth too small|out of memory|Search not completed/i.test(printed);
	return { states: Number(states), depth: Number(depth), errors: Number(errors), isComplete };
}
