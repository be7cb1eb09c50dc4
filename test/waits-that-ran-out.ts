import { writeFile } from "node:fs/promises";
import { relative } from "node:path";

import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Playwright's words for a wait that saw nothing, neither right nor wrong, in its time. */
const RAN_OUT = /Timeout \d+ms exceeded/;

/** What of a file of tests is looked at. */
export type TestedFile = Pick<TestModule, "moduleId" | "ok" | "errors" | "children">;

/**
 * The files whose tests failed for nothing but a browser's wait, as it can on a machine that others use as well. None if anything else
 * failed: a wrong answer is never asked for twice.
 */
export function filesToTestAgain(files: readonly TestedFile[], unhandled: readonly SerializedError[]): string[] {
	const failed = files.filter((file) => !file.ok());
	if (unhandled.length > 0 || !failed.every(ranOut)) return [];
	return failed.map(({ moduleId }) => moduleId);
}

function ranOut(file: TestedFile): boolean {
	const suites = [...file.children.allSuites()].flatMap((suite) => suite.errors());
	const tests = [...file.children.allTests("failed")].map((test) => test.result().errors ?? []);
	return (
		[...file.errors(), ...suites].length === 0 &&
		tests.every((told) => told.length > 0 && told.every(({ message }) => RAN_OUT.test(message)))
	);
}

/** Writes these files to a file, one a line. */
export class WaitsThatRanOut implements Reporter {
	constructor(private readonly path: string) {}

	async onTestRunEnd(files: readonly TestModule[], unhandled: readonly SerializedError[]): Promise<void> {
		const lines = filesToTestAgain(files, unhandled).map((file) => `${relative(process.cwd(), file)}\n`);
		await writeFile(this.path, lines.join(""));
	}
}
