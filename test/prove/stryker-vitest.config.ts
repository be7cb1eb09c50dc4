import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const POLICY = ["test/agent/policy/*.test.ts", "test/proto/terms-presets.test.ts"];
const AGENT = [...POLICY, "test/agent/daemon/*.test.ts"];

/**
 * The tests of the agent alone, without those that live long: each runs for every mutant that it touches. HOLDFAST_STRYKER_TESTS is
 * `policy` (quick) or `agent`: see stryker.ts.
 */
export default defineConfig({
	root: fileURLToPath(new URL("../..", import.meta.url)),
	test: {
		include: process.env.HOLDFAST_STRYKER_TESTS === "policy" ? POLICY : AGENT,
		exclude: ["year", "code-stories", "transitions"].map((name) => `test/agent/daemon/${name}.test.ts`),
		testTimeout: 60_000,
	},
});
