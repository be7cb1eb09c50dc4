import { Command, InvalidArgumentError } from "commander";

import { FaultError, fault } from "../handset/fault.ts";
import { KeysError } from "../registry/keys/keys-error.ts";
import { LedgerError } from "../registry/ledger/ledger-error.ts";
import { type CommandContext, type CommonFlags, contextOf } from "./context.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

const DEFAULT_TIMEOUT_SECONDS = 900;

/** What a command's work is given: its own flags and positional arguments beside the context. */
export type Work<Flags> = (context: CommandContext, flags: Flags, args: readonly string[]) => Promise<ExitCode>;

/** Adds the flags that every command takes which comes to its own end. */
export function withCommonFlags(command: Command): Command {
	return withEndlessFlags(command).option("--timeout <seconds>", "give up after so long", seconds, DEFAULT_TIMEOUT_SECONDS);
}

/** Adds the flags of a command that runs until a person ends it, or works at a person's pace: the common ones, and no `--timeout`. */
export function withEndlessFlags(command: Command): Command {
	return command
		.option("--json [mode]", "print one JSON document, or with --json=stream a line per event", jsonMode)
		.option("--no-input", "never ask; fail instead");
}

/** Runs a command's work and turns every ending into an exit code and a message that helps. No stack trace reaches an operator. */
export function perform<Flags extends object>(work: Work<Flags & CommonFlags>): (...args: unknown[]) => Promise<void> {
	return async (...values) => {
		// commander passes the positional arguments, then the options, then the command.
		const command = values.at(-1);
		if (!(command instanceof Command)) throw new TypeError("perform() is commander's action handler");
		const flags = command.optsWithGlobals<Flags & CommonFlags>();
		const context = contextOf(flags);
		try {
			process.exitCode = await work(context, flags, command.args);
		} catch (error) {
			process.exitCode = endOf(error, context);
		}
	};
}

function endOf(error: unknown, { output, environment }: CommandContext): ExitCode {
	if (error instanceof FaultError) {
		output.fault(error.fault);
		return exitCodeOf(error.fault.code);
	}
	if (isDiskFull(error)) {
		const full = fault("STATION_DISK_FULL");
		output.fault(full);
		return exitCodeOf(full.code);
	}
	if (error instanceof UsageError) {
		process.stderr.write(`holdfast: ${error.message}\n`);
		return ExitCode.usage;
	}
	if (error instanceof KeysError) {
		process.stderr.write(`holdfast: ${error.code}: ${error.message}\n`);
		return ExitCode.auth;
	}
	if (error instanceof LedgerError) {
		process.stderr.write(`holdfast: ${error.code}: ${error.message}\n`);
		return ExitCode.refused;
	}
	const text = error instanceof Error ? error.message : String(error);
	process.stderr.write(`holdfast: unexpected: ${text}\n`);
	process.stderr.write("Nothing more was done. Run the same command again; set HOLDFAST_DEBUG=1 to see where it stopped.\n");
	if (environment.HOLDFAST_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
	return ExitCode.failed;
}

function isDiskFull(error: unknown): boolean {
	return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

function jsonMode(text: string): string {
	if (text !== "stream") throw new InvalidArgumentError("say --json or --json=stream, after the other words.");
	return text;
}

function seconds(text: string): number {
	const value = Number(text);
	if (!(value > 0 && value <= 7 * 24 * 3600)) throw new InvalidArgumentError("a number of seconds, at most a week");
	return value;
}

/** Reads a TCP port number. */
export function portNumber(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new InvalidArgumentError("a TCP port, 1 to 65535");
	return value;
}
