import { type ParseArgsConfig, parseArgs } from "node:util";

/** The command was not understood (`EX_USAGE` of sysexits.h). */
const EX_USAGE = 64;

/**
 * What a script was told. `--help` or `-h` prints `help` and ends the process with 0; an option that it does not have, or one without its
 * value, ends it with 64.
 */
export function scriptArguments<const Config extends ParseArgsConfig>(
	help: string,
	config: Config,
): ReturnType<typeof parseArgs<Config>> {
	const words = process.argv.slice(2);
	if (words.includes("--help") || words.includes("-h")) {
		process.stdout.write(`${help}\n`);
		process.exit(0);
	}
	try {
		return parseArgs(config);
	} catch (error) {
		return misused(help, error instanceof Error ? error.message : String(error));
	}
}

/** A whole number from `least` to `most`. Anything else ends the process with 64. */
export function wholeNumber(help: string, option: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
	const number = Number(text);
	if (text.trim() !== "" && Number.isSafeInteger(number) && number >= least && number <= most) return number;
	const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
	return misused(help, `--${option} takes a whole number ${range}, not "${text}"`);
}

/** Says what was wrong and how it goes, and ends the process with 64. */
export function misused(help: string, why: string): never {
	// Node adds how to write a file whose name begins with a dash.
	process.stderr.write(`${why.replace(/\. To specify a positional argument.*/s, "")}\n\n${help}\n`);
	process.exit(EX_USAGE);
}
