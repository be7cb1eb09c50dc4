import { homedir } from "node:os";
import { join } from "node:path";

import type { Clock } from "../procedure/step.ts";
import { createOutput, type Output, type OutputMode } from "./output.ts";
import { toldToStop } from "./told-to-stop.ts";

/** Flags that every command takes. */
export interface CommonFlags {
	readonly json?: boolean | string;
	readonly input: boolean;
	/** Seconds; absent for a command that runs until a person ends it. */
	readonly timeout?: number;
}

/** What a command works with: where to say things, where to keep things, when to stop. */
export interface CommandContext {
	readonly output: Output;
	readonly clock: Clock;
	/** Aborted by Ctrl-C, and by `--timeout` where the command takes it. */
	readonly signal: AbortSignal;
	/** Whether a question may be asked. */
	readonly mayAsk: boolean;
	/** Where evidence, locks and adb keys of this user live. */
	readonly stateFolder: string;
	readonly environment: NodeJS.ProcessEnv;
}

export function contextOf(flags: CommonFlags): CommandContext {
	const environment = process.env;
	const told = toldToStop();
	return {
		output: createOutput(modeOf(flags.json), {
			stdout: process.stdout,
			stderr: process.stderr,
			color: process.stderr.isTTY === true && environment.NO_COLOR === undefined,
		}),
		clock: {
			nowMs: () => Date.now(),
			pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
		},
		signal: flags.timeout === undefined ? told : AbortSignal.any([told, AbortSignal.timeout(flags.timeout * 1000)]),
		mayAsk: flags.input && process.stdin.isTTY === true,
		stateFolder: environment.HOLDFAST_STATE ?? join(environment.XDG_STATE_HOME ?? join(homedir(), ".local/state"), "holdfast"),
		environment,
	};
}

function modeOf(json: boolean | string | undefined): OutputMode {
	if (json === undefined || json === false) return "text";
	return json === "stream" ? "stream" : "json";
}
