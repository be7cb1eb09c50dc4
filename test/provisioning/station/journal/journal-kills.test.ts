import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openJournal } from "../../../../provisioning/station/journal/journal-file.ts";
import { verifyJournal } from "../../../../provisioning/station/journal/verify-journal.ts";

const KILLS = 24;
let folder: string;
let child: string;
let filler: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-kills-"));
	child = await bundled("appending-child");
	filler = await bundled("filling-child");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function bundled(name: string): Promise<string> {
	const outfile = join(folder, `${name}.mjs`);
	const entry = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
	await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", logLevel: "silent" });
	return outfile;
}

function start(path: string): ChildProcessByStdio<null, Readable, null> {
	return spawn(process.execPath, [child, path, "16"], { stdio: ["ignore", "pipe", "inherit"] });
}

/** Runs the child until it printed so much, kills it, and gives every whole line that it printed. */
async function runAndKill(path: string, afterBytes: number): Promise<string[]> {
	const running = start(path);
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
			for (const line of await runAndKill(path, 1 + (random % 20_000))) {
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

	test("keeps every other process away while it lives, and none when it is dead", { timeout: 60_000 }, async () => {
		const path = join(folder, "shared.jsonl");
		const running = start(path);
		await new Promise((resolve) => running.stdout.once("data", resolve));
		await expect(openJournal(path, { clock: { nowMs: () => 0 } })).rejects.toThrow(
			expect.objectContaining({
				fault: expect.objectContaining({
					code: "JOURNAL_BUSY",
					details: expect.objectContaining({ process: String(running.pid) }),
				}),
			}),
		);
		const gone = new Promise((resolve) => running.on("close", resolve));
		running.stdout.resume();
		running.kill("SIGKILL");
		await gone;
		const journal = await openJournal(path, { clock: { nowMs: () => 0 } });
		expect(journal.lines.length).toBeGreaterThan(0);
		await journal.close();
	});
});

/** A file system of 256 KiB for one program, where this user may make one. */
const inSmallFolder = (place: string, ...command: readonly string[]) =>
	spawnSync("unshare", ["-r", "-m", "sh", "-c", 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"', place, ...command], {
		encoding: "utf8",
		timeout: 60_000,
	});

describe("a journal on a disk that is full", () => {
	test("refuses what does not fit, and goes on when there is room", { timeout: 90_000 }, async ({ skip }) => {
		const place = await mkdtemp(join(folder, "small-"));
		skip(inSmallFolder(place, "true").status !== 0, "this user cannot mount a file system");
		const { stdout, stderr } = inSmallFolder(place, process.execPath, filler, place);
		expect(stderr).toBe("");
		expect(JSON.parse(stdout)).toEqual({
			refusals: ["STATION_DISK_FULL"],
			whileFull: "the lines that were told, and no more",
			afterRoom: "one line more",
		});
	});
});
