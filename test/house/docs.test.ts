import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { openApiPage } from "../../scripts/docs/openapi-page.ts";
import { generatedPages } from "../../scripts/docs/pages.ts";
import { ROOT } from "./source-tree.ts";

describe("the generated pages", () => {
	test.each(generatedPages())("$path is what the sources say: npm run docs", ({ path, text }) => {
		expect(readFileSync(join(ROOT, path), "utf8")).toBe(text);
	});

	test("the registry's OpenAPI document is what its routes say: npm run docs", async () => {
		const { path, text } = await openApiPage();
		expect(readFileSync(join(ROOT, path), "utf8") === text).toBe(true); // no one reads a difference of so many lines
	});
});
