import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { generatedPages } from "../../scripts/docs/pages.ts";
import { ROOT } from "./source-tree.ts";

describe("the generated pages", () => {
	test.each(generatedPages())("$path is what the sources say: npm run docs", ({ path, text }) => {
		expect(readFileSync(join(ROOT, path), "utf8")).toBe(text);
	});
});
