import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { ROOT } from "./source-tree.ts";

const PAGE = "provisioning/web/ASVS.md";
const STATES = ["met", "not met", "operator", "n/a"] as const;

/** Requirements of level 1 and of level 2 in each chapter of ASVS 5.0.0, counted in OWASP's own CSV file of it. */
const KNOWN: Readonly<Record<string, readonly [level1: number, level2: number]>> = {
	V1: [8, 19],
	V2: [4, 7],
	V3: [8, 11],
	V4: [2, 8],
	V5: [4, 5],
	V6: [13, 22],
	V7: [6, 12],
	V8: [4, 3],
	V9: [4, 3],
	V10: [5, 24],
	V11: [3, 11],
	V12: [3, 6],
	V13: [1, 12],
	V14: [2, 7],
	V15: [3, 10],
	V16: [0, 16],
	V17: [0, 7],
};

interface Row {
	readonly id: string;
	readonly chapter: string;
	readonly level: string;
	readonly asksFor: string;
	readonly state: string;
	readonly evidence: string;
}

const text = readFileSync(join(ROOT, PAGE), "utf8");
const cells = text
	.split("\n")
	.filter((line) => line.startsWith("|"))
	.map((line) => {
		const [, ...rest] = line.split("|").map((cell) => cell.trim());
		return rest.slice(0, -1);
	});
const rows: readonly Row[] = cells
	.filter(([id = ""]) => /^V\d+\.\d+\.\d+$/.test(id))
	.map(([id = "", level = "", asksFor = "", state = "", evidence = ""]) => {
		return { id, chapter: id.split(".")[0] ?? "", level, asksFor, state, evidence };
	});

/** Of these rows, how many have each state, and how many there are. */
function totalsOf(some: readonly Row[]): number[] {
	return [...STATES.map((state) => some.filter((row) => row.state === state).length), some.length];
}

describe("the table of ASVS 5.0.0", () => {
	test("has every chapter's requirements of levels 1 and 2, each once and in order", () => {
		const counts = Object.keys(KNOWN).map((chapter) => [
			chapter,
			["1", "2"].map((level) => rows.filter((row) => row.chapter === chapter && row.level === level).length),
		]);
		expect(Object.fromEntries(counts)).toEqual(KNOWN);
		const ids = rows.map(({ id }) => id);
		expect(ids).toEqual([...new Set(ids)].sort((one, other) => one.localeCompare(other, "en", { numeric: true })));
		expect(rows).toHaveLength(253);
	});

	test("says of each what it asks for in a few words, a state, and why", () => {
		for (const { id, asksFor, state, evidence } of rows) {
			expect([id, asksFor.split(" ").length <= 12, STATES.some((known) => known === state)]).toEqual([id, true, true]);
			// A place in the repository, or a whole sentence.
			const isReasoned =
				state === "not met" || state === "n/a" ? /^[A-Za-z`].*\.$/.test(evidence) && evidence.length > 12 : /`/.test(evidence);
			expect([id, isReasoned]).toEqual([id, true]);
		}
	});

	test("names only files that are there", () => {
		const named = rows.flatMap(({ id, evidence }) => [...evidence.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => ({ id, path })));
		expect(named.length).toBeGreaterThan(150);
		expect(named.filter(({ path }) => !existsSync(join(ROOT, path)))).toEqual([]);
	});

	test("names only tests that are there, by their own sentences", () => {
		const named = rows.flatMap(({ id, evidence }) =>
			[...evidence.matchAll(/`([^`]+\.test\.ts)`: "([^"]+)"/g)].map(([, path = "", sentence = ""]) => ({ id, path, sentence })),
		);
		expect(named.length).toBeGreaterThan(8);
		expect(named.filter(({ path, sentence }) => !readFileSync(join(ROOT, path), "utf8").includes(sentence))).toEqual([]);
	});

	test("counts right, at its top and in each chapter", () => {
		const told = cells.flatMap(([name = "", ...counts]) => {
			const chapter = /^(V\d+|all)\b/.exec(name)?.[1];
			return chapter !== undefined && !name.includes(".") ? [{ chapter, counts: counts.map(Number) }] : [];
		});
		const expected = Object.keys(KNOWN).map((chapter) => ({
			chapter,
			counts: totalsOf(rows.filter((row) => row.chapter === chapter)),
		}));
		expect(told).toEqual([...expected, { chapter: "all", counts: totalsOf(rows) }]);
		for (const { chapter, counts } of expected) {
			const [met, notMet, operator, none] = counts;
			const section = text.split("\n## ").find((part) => part.startsWith(`${chapter} `));
			expect(section).toContain(`\n\n${met} met, ${notMet} not met, ${operator} operator, ${none} n/a.\n`);
		}
	});
});
