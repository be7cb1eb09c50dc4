import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

const folder = new URL("../../../shared/vectors/", import.meta.url);

/**
 * A `describe` over vectors that other people published, read where they lie beside the checkout. A clone without them skips
 * the block, and its name says why.
 *
 * @param read checks the parsed JSON; what it returns is handed to the tests.
 */
export function describeVectors<Vectors>(
	name: string,
	path: string,
	read: (json: unknown) => Vectors,
	define: (vectors: Vectors) => void,
): void {
	const file = fileURLToPath(new URL(path, folder));
	if (!existsSync(file)) {
		describe.skip(`${name} (not run: ../shared/vectors/${path} is not beside this checkout)`, () => {
			describe.todo("needs the published vectors");
		});
		return;
	}
	describe(name, () => define(read(JSON.parse(readFileSync(file, "utf8")))));
}
