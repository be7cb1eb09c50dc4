import { spawnSync } from "node:child_process";

import { BuildError } from "./build-error.ts";

export interface RunOptions {
	readonly env?: Readonly<Record<string, string>>;
	/** Milliseconds. Default two minutes: the slowest tool takes a few seconds. */
	readonly deadlineMs?: number;
	/** Where it runs. Default where we are. */
	readonly folder?: string;
	/** Lets the tool ask for a password on the terminal. */
	readonly interactive?: boolean;
}

/**
 * Runs a tool to its end and gives what it printed on standard output.
 *
 * @throws {BuildError} with the tool's own words if it fails, or takes longer than its deadline.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
	const result = spawnSync(command, args, {
		encoding: "utf8",
		cwd: options.folder,
		env: { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC", ...options.env },
		timeout: options.deadlineMs ?? 120_000,
		maxBuffer: 256 * 1024 * 1024,
		stdio: [options.interactive === true ? "inherit" : "ignore", "pipe", options.interactive === true ? "inherit" : "pipe"],
	});
	if (result.error !== undefined || result.status !== 0) {
		const why = result.error?.message ?? `exit code ${result.status}`;
		throw new BuildError(1, `${command} failed (${why})\n${result.stdout ?? ""}${result.stderr ?? ""}`.trimEnd());
	}
	return result.stdout;
}
