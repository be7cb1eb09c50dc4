import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import { TUF_TABLE } from "./tuf-table.ts";

describe("the TUF conformance tests", () => {
	it("are all answered", () => {
		expect(Object.keys(TUF_TABLE).length).toBe(53);
	});

	const held = Object.entries(TUF_TABLE).flatMap(([name, answer]) => ("test" in answer ? [{ name, ...answer }] : []));

	it.each(held)("$name: $test", ({ file, test }) => {
		const source = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");
		// A title of a test, not of anything else that is quoted there.
		const titles = [...source.matchAll(/\b(?:it|test)(?:\.each(?:<[^>]*>)?\([\s\S]*?\))?\(\s*"((?:[^"\\]|\\.)+)"/g)].map(
			([, title]) => title,
		);
		expect(titles.filter((title) => title?.startsWith(test))).toHaveLength(1);
	});
});
