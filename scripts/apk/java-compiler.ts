import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

import { BuildError } from "./build-error.ts";

/**
 * The compiler is named by its file: asking it for its version takes longer than all the rest.
 *
 * @throws {BuildError} 8 if there is none.
 */
export function javacFile(): string {
	const found = (process.env.PATH ?? "")
		.split(delimiter)
		.map((folder) => join(folder, "javac"))
		.find((file) => existsSync(file));
	if (found === undefined)
		throw new BuildError(
			8,
			"javac is not installed (compiles the agent's Java). On Debian: apt-get install default-jdk-headless",
		);
	return realpathSync(found);
}
