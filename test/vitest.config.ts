import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

export default defineConfig({
	root: fileURLToPath(new URL("..", import.meta.url)),
	test: {
		include: ["test/**/*.test.ts"],
		// Two cores everywhere this runs: more workers only take turns.
		maxWorkers: 2,
		// Not a measure of speed: CI machines share their cores.
		testTimeout: 60_000,
		hookTimeout: 120_000,
		dangerouslyIgnoreUnhandledErrors: false,
	},
});
