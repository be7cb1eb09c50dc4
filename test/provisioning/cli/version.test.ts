import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { TOOL } from "../../../provisioning/cli/version.ts";

test("the tool names the version of its package", () => {
	const { name, version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
	expect(TOOL).toBe(`${name} ${version}`);
});
