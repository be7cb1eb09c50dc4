import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

/** The tests of the agent alone, without those that live long: each runs for every mutant that it touches. */
export default defineConfig({
	root: fileURLToPath(new URL("../..", import.meta.url)),
	test: {
		include: ["test/agent/policy/*.test.ts", "test/agent/daemon/*.test.ts", "test/proto/terms-presets.test.ts"],
		exclude: ["year", "code-stories", "transitions"].map((name) => `test/agent/daemon/${name}.test.ts`),
		testTimeout: 60_000,
	},
});
