import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { jurisdictionOf } from "../../proto/jurisdiction.ts";
import { MUTANTS } from "./mutants.ts";
import { notExercised, search } from "./search.ts";
import { StateTable } from "./state-table.ts";
import { WORLDS } from "./worlds/index.ts";

const WHOLE = { states: 400_000, seconds: 240, merges: 100, waysOut: true };

describe("the exhaustive search", () => {
	it("reaches the fixpoint of a small world with every promise held and a way out of every lock", { timeout: 300_000 }, () => {
		const world = WORLDS.feed?.();
		if (!world) throw new Error("no such world");
		const found = search(world, WHOLE);
		expect(found.broken).toBeUndefined();
		expect(found.fixpoint).toBe(true);
		expect(notExercised(world, found)).toEqual([]);
		expect(found.merges.checked).toBeGreaterThan(50);
		expect(found.merges.differ).toBeUndefined();
		expect(found.waysOut?.locked).toBeGreaterThan(0);
		expect(found.waysOut?.withLender.stuck).toBe(0);
	});

	it("stops at the first broken promise, with the shortest way there", () => {
		const made = WORLDS.overdue?.();
		if (!made) throw new Error("no such world");
		// The same world under a promise that the agent never gave: five notices instead of three.
		const world = { ...made, promise: { ...made.promise, notices: 5 } };
		const found = search(world, WHOLE);
		expect(found.broken?.invariant).toBe("F3 overdue");
		expect(found.broken?.moves.length).toBeLessThanOrEqual(8);
	});

	it("counts promises in the numbers of their place", () => {
		const { promise } = WORLDS.india?.() ?? {};
		const india = jurisdictionOf("IN");
		expect(promise?.graceSeconds).toBe(india?.minPastDueSeconds);
		expect(promise?.highest).toBe(india?.maxLevel);
	});
});

describe("the mutants", () => {
	it("are at least 25, each with a name of its own and a world to be looked for in", () => {
		expect(MUTANTS.length).toBeGreaterThanOrEqual(25);
		expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
		for (const { worlds } of MUTANTS) for (const world of worlds) expect(Object.keys(WORLDS)).toContain(world);
	});
});

it("the page of mutants names each of them, and what killed it", () => {
	const page = readFileSync(new URL("../../agent/MUTANTS.md", import.meta.url), "utf8");
	const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (mutant|---)/.test(line));
	expect(rows.map((row) => row.split(" | ")[0]?.slice(2))).toEqual(MUTANTS.map(({ name }) => name));
	expect(page).not.toContain("survived");
	expect(page).toContain(`${MUTANTS.length} of ${MUTANTS.length} killed.`);
});

describe("the table of states", () => {
	it("gives every pair of words a number of its own, over any growth", () => {
		const table = new StateTable();
		const words = Array.from({ length: 50_000 }, (_, index) => [Math.imul(index, 0x9e3779b1) >>> 0, index % 7] as const);
		expect(words.map(([high, low]) => table.add(high, low).index)).toEqual(words.map((_, index) => index));
		expect(words.every(([high, low], index) => !table.add(high, low).isNew && table.add(high, low).index === index)).toBe(true);
		expect(table.size).toBe(words.length);
	});
});
