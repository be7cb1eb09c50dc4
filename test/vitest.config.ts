import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

import { LongestFirst } from "./longest-first.ts";

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
		// A browser's wait that ran out while the other core's tests took everything: once more, and the report says so. A wrong
		// answer is never asked for twice.
		retry: { count: 1, condition: /Timeout \d+ms exceeded/ },
		dangerouslyIgnoreUnhandledErrors: false,
	},
});
