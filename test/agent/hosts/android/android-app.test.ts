import { execFile, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { BUILD_FOLDER, PROJECT_ROOT } from "../../../../scripts/apk/paths.ts";
import { toolchainAtHand } from "./toolchain-at-hand.ts";

const REPORTS = join(BUILD_FOLDER, "maven/surefire-reports");
const MINUTE = 60_000;

/** Why the Java tests cannot run here; `undefined` if they can. */
function obstacle(): string | undefined {
	const toolchain = toolchainAtHand();
	if (typeof toolchain === "string") return toolchain;
	if (spawnSync("mvn", ["--version"]).status !== 0) return "Maven is not installed: apt-get install maven";
	return undefined;
}

const missing = obstacle();
if (missing !== undefined) console.warn(`the Android app is not tested here: ${missing}`);

interface Suite {
	readonly name: string;
	readonly tests: number;
	readonly failed: number;
	readonly skipped: number;
}

/** What Surefire wrote of one class of tests. */
function suiteOf(file: string): Suite {
	const [head = ""] = /<testsuite [^>]*>/.exec(readFileSync(join(REPORTS, file), "utf8")) ?? [];
	const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(head)?.[1] ?? "";
	const count = (name: string) => Number(attribute(name));
	return {
		name: attribute("name").replace("dev.holdfast.agent.", ""),
		tests: count("tests"),
		failed: count("failures") + count("errors"),
		skipped: count("skipped"),
	};
}

function reports(): readonly string[] {
	return existsSync(REPORTS) ? readdirSync(REPORTS).filter((name) => /^TEST-.*\.xml$/.test(name)) : [];
}

/** Runs a command to its end without holding up this process, which its test runner calls now and then. */
function run(command: string, args: readonly string[], minutes: number): Promise<{ status: number | null; output: string }> {
	return new Promise((resolve) => {
		const options = { cwd: PROJECT_ROOT, timeout: minutes * MINUTE, maxBuffer: 64 * 1024 * 1024 };
		const child = execFile(command, [...args], options, (_, stdout, stderr) => {
			resolve({ status: child.exitCode, output: stdout + stderr });
		});
	});
}

describe.skipIf(missing !== undefined)("the Android app", () => {
	it("passes its own tests, in Java, on each Android version they name", { timeout: 25 * MINUTE }, async ({ skip }) => {
		const prepare = join(PROJECT_ROOT, "scripts/apk/main.ts");
		const prepared = await run(process.execPath, ["--import", "tsx", prepare, "--for-tests"], 3);
		expect(prepared.output).toContain("test-inputs");
		expect(prepared.status).toBe(0);

		rmSync(REPORTS, { recursive: true, force: true });
		const { status, output } = await run("mvn", ["-B", "-q", "-f", "test/agent/hosts/android/pom.xml", "test"], 20);
		const suites = reports().map(suiteOf);
		if (suites.length === 0 && /Could not (?:transfer|resolve)|Non-resolvable|Unknown host/.test(output)) {
			skip("Maven could not fetch what the Java tests need");
		}
		const sum = (of: (suite: Suite) => number) => suites.reduce((total, suite) => total + of(suite), 0);
		console.info(
			`the Android app: ${sum(({ tests }) => tests)} Java tests in ${suites.length} classes, ${sum(({ failed }) => failed)} failed, ${sum(({ skipped }) => skipped)} skipped`,
		);
		expect(suites.filter(({ failed }) => failed > 0)).toEqual([]);
		expect(status, output.slice(0, 4000)).toBe(0);
		expect(sum(({ tests }) => tests)).toBeGreaterThan(100);
	});
});
