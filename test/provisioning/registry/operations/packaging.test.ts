import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Command } from "commander";
import { describe, expect, test } from "vitest";

import { addServe } from "../../../../provisioning/cli/serve.ts";

const FOLDER = fileURLToPath(new URL("../../../../provisioning/registry/packaging/", import.meta.url));
const unit = readFileSync(join(FOLDER, "holdfast.service"), "utf8");
const containerfile = readFileSync(join(FOLDER, "Containerfile"), "utf8");

const program = new Command();
addServe(program);
const known = program.commands[0]?.options.map(({ long }) => long) ?? [];

test.each([
	["the unit", /^ExecStart=.* serve (.*)$/m.exec(unit)?.[1]?.split(" ") ?? []],
	["the image", JSON.parse(/^CMD (\[.*\])$/m.exec(containerfile)?.[1] ?? "[]") as string[]], // our own file
])("%s says nothing that holdfast serve does not know, and no secret", (_which, words) => {
	const flags = words.filter((word) => word.startsWith("--"));
	expect(flags.length).toBeGreaterThan(3);
	expect(flags.filter((flag) => !known.includes(flag) && flag !== "--no-input")).toEqual([]);
	expect(words.join(" ")).not.toMatch(/--database|:\/\//);
});

test("the image runs as nobody, without a shell, and says how it is", () => {
	const run = containerfile.slice(containerfile.lastIndexOf("\nFROM "));
	expect(run).toMatch(/^USER 65532:65532$/m);
	expect(run).toMatch(/^HEALTHCHECK .*CMD \["/m);
	// Only the form that needs no shell.
	for (const [line] of containerfile.matchAll(/^(?:RUN|CMD|ENTRYPOINT) .*$/gm)) expect(line).toMatch(/^[A-Z]+ \[/);
	expect(run).not.toMatch(/^RUN /m);
	// A volume takes its owner from here; root's could not be written to.
	expect(run).toMatch(/^COPY .*--chown=65532:65532 \/data \/data$/m);
});

describe("the unit", () => {
	test("does not wait for a service that has ended", () => {
		const probe = /^ExecStartPost=\/usr\/bin\/env node -e "(.*)"$/m.exec(unit)?.[1] ?? "";
		const { pid } = spawnSync("true");
		const asked = spawnSync(process.execPath, ["-e", probe], { env: { MAINPID: String(pid) }, timeout: 20_000 });
		expect([asked.signal, asked.status]).toEqual([null, 1]);
	});

	const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
	test.skipIf(!hasSystemd)("is one that systemd takes, and shuts its service in (skipped without systemd-analyze)", () => {
		const folder = mkdtempSync(join(tmpdir(), "holdfast-unit-"));
		try {
			// The program is not installed on the machine that tests: one that is stands in.
			writeFileSync(join(folder, "holdfast.service"), unit.replace("/opt/holdfast/node_modules/.bin/holdfast", "/bin/true"));
			const path = join(folder, "holdfast.service");
			const verified = spawnSync("systemd-analyze", ["verify", "--man=no", path], { encoding: "utf8", timeout: 30_000 });
			const ours = `${verified.stdout}${verified.stderr}`.split("\n").filter((line) => line.includes("holdfast.service"));
			expect(ours).toEqual([]);
			// 10 is wide open, 0 shut; network services of distributions lie at 5 to 9.
			execFileSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", "--no-pager", path], { stdio: "pipe" });
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
});
