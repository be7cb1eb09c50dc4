import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openJournal } from "../../../../provisioning/station/journal/journal-file.ts";
import { verifyJournal } from "../../../../provisioning/station/journal/verify-journal.ts";

const KILLS = 24;
let folder: string;
let child: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-kills-"));
	child = join(folder, "child.mjs");
	await build({
		entryPoints: [fileURLToPath(new URL("appending-child.ts", import.meta.url))],
		outfile: child,
		bundle: true,
		platform: "node",
		format: "esm",
		logLevel: "silent",
	});
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the child until it printed so much, kills it, and gives every whole line that it printed. */
async function runAndKill(path: string, afterBytes: number): Promise<string[]> {
	const running = spawn(process.execPath, [child, path, "16"], { stdio: ["ignore", "pipe", "inherit"] });
	let printed = "";
	running.stdout.on("data", (chunk: Buffer) => {
		printed += chunk.toString("latin1");
		if (printed.length >= afterBytes) running.kill("SIGKILL");
	});
	await new Promise((resolve) => running.on("close", resolve));
	return printed.split("\n").slice(0, -1);
}

describe("a journal whose process is killed with kill -9", () => {
	test(`has every line that was told to be on the disk, ${KILLS} times over on one journal`, { timeout: 120_000 }, async () => {
		const path = join(folder, "batch.jsonl");
		const promised = new Map<number, string>();
		let random = 20260101; // seeded: the same kills each time, as far as the machine allows
		for (let kill = 0; kill < KILLS; kill += 1) {
			random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
			for (const line of await runAndKill(path, 1 + (random % 60_000))) {
				const [n = "", hash = ""] = line.split(" ");
				promised.set(Number(n), hash);
			}
			const journal = await openJournal(path, { clock: { nowMs: () => 0 } });
			const byNumber = new Map(journal.lines.map((line) => [line.n, line.hash]));
			const lost = [...promised].filter(([n, hash]) => byNumber.get(n) !== hash);
			expect(lost).toEqual([]);
			await journal.close();
		}
		expect(promised.size).toBeGreaterThan(KILLS);
		expect(await verifyJournal(path)).toMatchObject({ ok: true });
		expect((await readdir(folder)).filter((name) => name.endsWith(".lock"))).toEqual([]);
	});
});
