import type { Handset } from "../handset.ts";

/** What a command printed and how it ended. */
export interface Reply {
	readonly stdout: string | Uint8Array;
	readonly stderr: string;
	readonly exitCode: number;
}

/** Standard input of a command, read only by commands that read it on a phone. */
export interface Stdin {
	/**
	 * Exactly `count` bytes, or fewer when the input ends before.
	 *
	 * @param bytesPerSecond reads no faster than this.
	 */
	read(count: number, bytesPerSecond?: number): Promise<Uint8Array>;
	/** Everything up to the end. */
	all(bytesPerSecond?: number): Promise<Uint8Array>;
}

/** A command of the phone: `argv[0]` is its name. */
export type Command = (phone: Handset, argv: readonly string[], stdin: Stdin) => Reply | Promise<Reply>;

/** Adds the final newline that `println` adds. */
export function out(...lines: readonly string[]): Reply {
	return {
		stdout: lines.map((line) => `${line}\n`).join(""),
		stderr: "",
		exitCode: 0,
	};
}

export function failed(exitCode: number, stderr: string, stdout = ""): Reply {
	return { stdout, stderr, exitCode };
}

/** Standard input of a command that is given none. */
export const NO_STDIN: Stdin = {
	read: async () => new Uint8Array(),
	all: async () => new Uint8Array(),
};

/** Options of the form `--name value` and `-x` out of an argument list; `valued` names those that take a value. */
export function parseOptions(
	args: readonly string[],
	valued: readonly string[],
): { options: ReadonlyMap<string, string>; rest: readonly string[] } {
	const options = new Map<string, string>();
	const rest: string[] = [];
	const words = args.values();
	for (const word of words) {
		if (!word.startsWith("-") || word === "-") rest.push(word);
		else options.set(word, valued.includes(word) ? (words.next().value ?? "") : "");
	}
	return { options, rest };
}
