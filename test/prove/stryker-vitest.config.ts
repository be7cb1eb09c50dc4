import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

/** The tests of the agent alone, without those that live whole years: each runs for every mutant that it touches. */
export default defineConfig({
	root: fileURLToPath(new URL("../..", import.meta.url)),
	test: {
		include: ["test/agent/policy/*.test.ts", "test/agent/daemon/*.test.ts", "test/proto/terms-presets.test.ts"],
		exclude: ["test/agent/daemon/year.test.ts", "test/agent/daemon/code-stories.test.ts"],
		testTimeout: 60_000,
	},
});
