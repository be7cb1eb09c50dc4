import { type Command, out, parseOptions } from "./command.ts";

/** `logcat -d [-s TAG...]`: what was logged since boot. Without `-d` it would run for ever; here it ends. */
export const logcat: Command = (phone, argv) => {
	const { options, rest } = parseOptions(argv.slice(1), ["-b", "-v", "-t", "-T"]);
	if (options.has("-c")) {
		phone.logLines.length = 0;
		return out();
	}
	const tags = options.has("-s") ? rest.map((filter) => filter.replace(/:.*$/, "")) : [];
	const lines = phone.logLines.filter((line) => tags.length === 0 || tags.some((tag) => line.includes(` ${tag}: `)));
	return out("--------- beginning of main", ...lines);
};
