import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

import { LongestFirst } from "./longest-first.ts";
import { WaitsThatRanOut } from "./waits-that-ran-out.ts";

/** A folder for what scripts/test reads. */
const { HOLDFAST_TEST_REPORT: folder } = process.env;

export default defineConfig({
	root: fileURLToPath(new URL("..", import.meta.url)),
	test: {
		include: ["test/**/*.test.ts"],
		// Two cores everywhere this runs; a third of the time a test waits for a phone, a browser or a disk.
		maxWorkers: 3,
		sequence: { sequencer: LongestFirst },
		// Not a measure of speed: CI machines share their cores.
		testTimeout: 60_000,
		hookTimeout: 120_000,
		expect: { poll: { timeout: 20_000 } },
		reporters: folder
			? ["default", ["json", { outputFile: join(folder, "report.json") }], new WaitsThatRanOut(join(folder, "again"))]
			: ["default"],
		dangerouslyIgnoreUnhandledErrors: false,
	},
});
