import { describe, expect, it } from "vitest";

import { filesToTestAgain, type TestedFile } from "../waits-that-ran-out.ts";

const WAITED = "locator.waitFor: Timeout 30000ms exceeded.\nCall log:";

/** A file with one test for each list: what that test failed of. */
function tested(
	moduleId: string,
	tests: readonly (readonly string[])[],
	own: { file?: string; suite?: string } = {},
): TestedFile {
	const errors = (messages: readonly string[]) => messages.map((message) => ({ message }));
	const failed = tests.filter((messages) => messages.length > 0);
	const children = {
		allTests: () => failed.map((messages) => ({ result: () => ({ state: "failed", errors: errors(messages) }) })),
		allSuites: () => [{ errors: () => errors(own.suite ? [own.suite] : []) }],
	};
	const file = {
		moduleId,
		ok: () => failed.length === 0 && !own.file && !own.suite,
		errors: () => errors(own.file ? [own.file] : []),
		children,
	};
	return file as unknown as TestedFile; // no more of it is looked at
}

describe("a run of all tests", () => {
	it("is repeated for files that failed of browsers' waits alone", () => {
		const files = [
			tested("a", [[], []]),
			tested("b", [[], [WAITED]]),
			tested("c", [[WAITED, "page.goto: Timeout 5000ms exceeded."]]),
		];
		expect(filesToTestAgain(files, [])).toEqual(["b", "c"]);
		expect(filesToTestAgain([tested("a", [[]])], [])).toEqual([]);
	});

	it.each([
		["another test's wrong answer", [tested("b", [[WAITED]]), tested("c", [["expected 1 to be 2"]])], []],
		["a wrong answer in the same test", [tested("b", [[WAITED, "expected 1 to be 2"]])], []],
		["a test that failed of nothing it says", [tested("b", [[WAITED]]), tested("c", [], { file: "Cannot find module" })], []],
		["a hook that hung", [tested("b", [[WAITED]], { suite: "Hook timed out in 120000ms." })], []],
		["an error that nobody caught", [tested("b", [[WAITED]])], [{ message: "unhandled" }]],
	])("is not for %s", (_what, files, unhandled) => {
		expect(filesToTestAgain(files, unhandled)).toEqual([]);
	});
});
