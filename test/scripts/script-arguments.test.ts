import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function ran(script: string, ...words: readonly string[]) {
	const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script, ...words], {
		cwd: ROOT,
		encoding: "utf8",
		timeout: 60_000,
	});
	return { status, stdout, stderr };
}

it.each([
	["scripts/start.ts", "scripts/start [--handsets N]"],
	["test/bench/main.ts", "scripts/bench [NAME ...]"],
])("%s tells how it goes", (script, usage) => {
	const asked = ran(script, "--help");
	expect(asked).toMatchObject({ status: 0, stderr: "" });
	expect(asked.stdout).toContain(usage);
});

it.each([
	["scripts/start.ts", ["--handset", "4"], "Unknown option '--handset'\n\nscripts/start [--handsets N]"],
	["scripts/start.ts", ["--handsets"], "Option '--handsets <value>' argument missing\n\nscripts/start"],
	["scripts/start.ts", ["--handsets", "65"], '--handsets takes a whole number from 1 to 64, not "65"\n\nscripts/start'],
	[
		"test/bench/main.ts",
		["registry", "--contracts", "1e999"],
		'--contracts takes a whole number from 1, not "1e999"\n\nscripts/bench',
	],
	["test/bench/main.ts", ["regsitry"], "no bench named regsitry\n\nscripts/bench"],
])("%s %j: says what is wrong and how it goes, begins nothing, and ends with 64", (script, words, told) => {
	const misused = ran(script, ...words);
	expect(misused).toMatchObject({ status: 64, stdout: "" });
	expect(misused.stderr.slice(0, told.length)).toBe(told);
	expect(misused.stderr).not.toContain("    at ");
});
