import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { HARDWARE_QUESTIONS } from "../../../../provisioning/handset/hardware-checklist.ts";
import { ANDROID_HOST, PROJECT_ROOT } from "../../../../scripts/apk/paths.ts";

const page = readFileSync(join(ANDROID_HOST, "PROVEN.md"), "utf8");
const rows = page
	.split("\n")
	.filter((line) => /^\| (?!claim|---)/.test(line))
	.map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));

describe("PROVEN.md", () => {
	it("has a claim, how it is shown, and what is left, in each row", () => {
		expect(rows.length).toBeGreaterThan(20);
		for (const row of rows) expect(row, row[0]).toHaveLength(3);
	});

	it("names tests that there are", () => {
		const named = [...page.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = ""]) => path);
		expect(named.length).toBeGreaterThan(10);
		for (const path of named) expect(existsSync(join(PROJECT_ROOT, path)), path).toBe(true);
	});

	it("leaves to a phone what the checklist asks, by its numbers", () => {
		const numbers = new Set(HARDWARE_QUESTIONS.map(({ number }) => number));
		for (const [claim, , left = ""] of rows) {
			expect(left, claim).toMatch(/^(?:nothing|all of them|\d+(?:, \d+)*)$/);
			for (const number of left.match(/\d+/g) ?? []) expect(numbers, claim).toContain(Number(number));
		}
	});
});
