import { expect, it } from "vitest";

import { readReport } from "./stryker.ts";

const mutant = (status: "Killed" | "Timeout" | "Survived" | "NoCoverage" | "Ignored" | "RuntimeError", line: number) => ({
	status,
	mutatorName: "EqualityOperator",
	replacement: "a <= b",
	location: { start: { line, column: 1 }, end: { line, column: 9 } },
});

it("counts what was noticed against what could have been, and names the rest", () => {
	const files = {
		"floor.ts": { mutants: [mutant("Killed", 1), mutant("Timeout", 2), mutant("Survived", 3), mutant("Ignored", 4)] },
		"holds.ts": { mutants: [mutant("NoCoverage", 5), mutant("RuntimeError", 6)] },
	};
	expect(readReport({ files })).toEqual({
		killed: 2,
		score: 50,
		survivors: [
			{ file: "floor.ts", line: 3, lastLine: 3, mutator: "EqualityOperator", replacement: "a <= b", isCovered: true },
			{ file: "holds.ts", line: 5, lastLine: 5, mutator: "EqualityOperator", replacement: "a <= b", isCovered: false },
		],
	});
});

it("counts as noticed what a second run notices, and only that", () => {
	const first = { files: { "floor.ts": { mutants: [mutant("Killed", 1), mutant("Survived", 2), mutant("NoCoverage", 3)] } } };
	const again = { files: { "floor.ts": { mutants: [mutant("Killed", 2), mutant("Survived", 3)] } } };
	const { killed, survivors } = readReport(first, again);
	expect(killed).toBe(2);
	expect(survivors.map(({ line }) => line)).toEqual([3]);
});
