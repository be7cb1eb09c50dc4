import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { JournalEntry } from "../../../../provisioning/station/journal/entry.ts";
import { type Journal, openJournal } from "../../../../provisioning/station/journal/journal-file.ts";
import { verifyJournal } from "../../../../provisioning/station/journal/verify-journal.ts";
import { type BrokenDisk, brokenDisk, systemError } from "./broken-disk.ts";
import { anyEntry, bytesOf, OPENED } from "./entries.ts";

let folder: string;
let path: string;
const opened: Journal[] = [];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-journal-"));
	path = join(folder, "batch.jsonl");
});
afterEach(async () => {
	await Promise.all(opened.splice(0).map((journal) => journal.close()));
	await rm(folder, { recursive: true, force: true });
});

const fault = (code: string, details: Record<string, unknown> = {}) =>
	expect.objectContaining({
		fault: expect.objectContaining({
			code,
			...(Object.keys(details).length > 0 ? { details: expect.objectContaining(details) } : {}),
		}),
	});

async function open(disk?: BrokenDisk, deadlineMs?: number): Promise<Journal> {
	let now = 1_700_000_000_000;
	const journal = await openJournal(path, {
		clock: { nowMs: () => now++ },
		...(disk ? { disk } : {}),
		...(deadlineMs === undefined ? {} : { deadlineMs }),
	});
	opened.push(journal);
	return journal;
}

const scan = (n: number): JournalEntry => ({ type: "scanned", operator: "Asha", contractId: `C${n}`, imei: "869071041234567" });

describe("a journal", () => {
	test("keeps what was appended, numbered, dated and chained", async () => {
		const journal = await open();
		expect(journal.lines).toEqual([]);
		const written = [...(await journal.append(OPENED, scan(1))), ...(await journal.append(scan(2)))];
		expect(written.map(({ n }) => n)).toEqual([1, 2, 3]);
		expect(written.map(({ previous }) => previous)).toEqual(["0".repeat(64), written[0]?.hash, written[1]?.hash]);
		await journal.close();
		const again = await open();
		expect(again.lines).toEqual(written);
		expect(again).not.toHaveProperty("recovered");
		expect(await verifyJournal(path)).toMatchObject({ ok: true, head: { n: 3, hash: written[2]?.hash } });
	});

	test("is readable by its user alone", async () => {
		await open();
		expect((await stat(path)).mode & 0o777).toBe(0o600);
	});

	test("writes the appends of one moment with one sync, in their order", async () => {
		const disk = brokenDisk();
		const journal = await open(disk);
		const before = disk.calls.get("sync") ?? 0;
		const written = await Promise.all(Array.from({ length: 64 }, (_, index) => journal.append(scan(index), scan(index))));
		expect((disk.calls.get("sync") ?? 0) - before).toBe(1);
		expect(written.flat().map(({ n }) => n)).toEqual(Array.from({ length: 128 }, (_, index) => index + 1));
	});

	test("does not resolve before the disk has the line", async () => {
		const disk = brokenDisk();
		const journal = await open(disk);
		let release = () => {};
		disk.before = (call) => (call === "sync" ? new Promise<void>((resolve) => (release = resolve)) : undefined);
		let isResolved = false;
		const appended = journal.append(scan(1)).then(() => {
			isResolved = true;
		});
		while ((disk.calls.get("sync") ?? 0) < 2) await new Promise((resolve) => setImmediate(resolve));
		expect(isResolved).toBe(false);
		release();
		await appended;
		disk.before = () => {};
	});

	test("refuses an entry that is not data, and writes the others of the moment", async () => {
		const journal = await open();
		const bad = journal.append({ ...OPENED, units: Number.NaN });
		const good = journal.append(scan(1));
		await expect(bad).rejects.toThrow(TypeError);
		expect(await good).toMatchObject([{ n: 1 }]);
	});

	test("is open once, under whatever name", async () => {
		await open();
		await expect(openJournal(path, { clock: { nowMs: () => 0 } })).rejects.toThrow(
			fault("JOURNAL_BUSY", { process: String(process.pid) }),
		);
		await symlink(path, join(folder, "again.jsonl"));
		await expect(openJournal(join(folder, "again.jsonl"), { clock: { nowMs: () => 0 } })).rejects.toThrow(fault("JOURNAL_BUSY"));
		await symlink(folder, `${folder}-again`);
		try {
			await expect(openJournal(join(`${folder}-again`, "batch.jsonl"), { clock: { nowMs: () => 0 } })).rejects.toThrow(
				fault("JOURNAL_BUSY"),
			);
		} finally {
			await rm(`${folder}-again`);
		}
	});

	test("says so when its folder is not there", async () => {
		await expect(openJournal(join(folder, "no", "batch.jsonl"), { clock: { nowMs: () => 0 } })).rejects.toThrow(
			fault("JOURNAL_WRITE_FAILED", { reason: "ENOENT" }),
		);
	});

	test("goes on after it was closed and opened; a closed one takes nothing", async () => {
		const journal = await open();
		const last = journal.append(scan(1));
		await journal.close();
		expect(await last).toMatchObject([{ n: 1 }]); // close waits for those who wait
		await expect(journal.append(scan(2))).rejects.toThrow(fault("JOURNAL_WRITE_FAILED"));
		expect(await (await open()).append(scan(2))).toMatchObject([{ n: 2 }]);
	});

	test("writes no further when another program changed the file", async () => {
		const journal = await open();
		await journal.append(scan(1));
		await writeFile(path, "something\n", { flag: "a" });
		await expect(journal.append(scan(2))).rejects.toThrow(fault("JOURNAL_BUSY"));
		await expect(journal.append(scan(3))).rejects.toThrow(fault("JOURNAL_BUSY"));
		expect((await readFile(path, "utf8")).endsWith("something\n")).toBe(true);
	});
});

describe("a journal that a crash cut off", () => {
	const story = fc.array(anyEntry, { minLength: 1, maxLength: 6 });

	test("loses the line that is not whole and nothing else, wherever the cut is", async () => {
		await fc.assert(
			fc.asyncProperty(story, fc.nat(), async (entries, where) => {
				const bytes = bytesOf([OPENED, ...entries]);
				const cut = where % (bytes.length + 1);
				const lastGood = bytes.subarray(0, cut).lastIndexOf(0x0a) + 1;
				const wholeLines = bytes.subarray(0, cut).filter((byte) => byte === 0x0a).length;
				await writeFile(path, bytes.subarray(0, cut));
				const journal = await open();
				expect(journal.lines).toHaveLength(wholeLines);
				expect(journal.recovered?.tornBytes ?? 0).toBe(cut - lastGood);
				if (journal.recovered) {
					expect(await readFile(journal.recovered.path)).toEqual(bytes.subarray(lastGood, cut));
					expect(journal.recovered.path).toMatch(new RegExp(`\\.torn-${wholeLines + 1}(\\.\\d+)?$`));
				}
				expect(await readFile(path)).toEqual(bytes.subarray(0, lastGood));
				expect(await journal.append(scan(1))).toMatchObject([{ n: wholeLines + 1 }]);
				await journal.close();
				expect(await verifyJournal(path)).toMatchObject({ ok: true });
			}),
			{ numRuns: 60 },
		);
	});

	test("finds any flipped byte: in the last line it is taken out, before it the journal is refused and left alone", async () => {
		await fc.assert(
			fc.asyncProperty(story, fc.nat(), fc.integer({ min: 1, max: 255 }), async (entries, where, mask) => {
				const bytes = bytesOf([OPENED, ...entries]);
				const whole = bytes.filter((byte) => byte === 0x0a).length;
				const at = where % bytes.length;
				const hit = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
				bytes[at] = (bytes[at] ?? 0) ^ mask;
				expect(await verifyJournal(bytes)).toMatchObject({ ok: false, line: hit });
				await writeFile(path, bytes);
				const outcome = await open().catch((error: unknown) => error);
				if (outcome instanceof Error) {
					expect(outcome).toEqual(fault("JOURNAL_DAMAGED", { line: String(hit) }));
					expect(await readFile(path)).toEqual(bytes);
				} else {
					const journal = outcome as Journal; // what open gives if it does not throw
					await journal.close();
					expect(hit).toBe(whole);
					expect(journal.lines).toHaveLength(whole - 1);
				}
			}),
			{ numRuns: 300 },
		);
	});

	test("is mended once more when the mending itself was cut off", async () => {
		const bytes = bytesOf([OPENED, scan(1)]);
		await writeFile(path, bytes.subarray(0, -5));
		const kept = (await open()).recovered?.path ?? "";
		await opened.pop()?.close();
		await writeFile(path, bytes.subarray(0, -5)); // as if power went before the cut
		expect((await open()).recovered?.path).toBe(kept);
		await opened.pop()?.close();
		await writeFile(path, bytes.subarray(0, -6));
		expect((await open()).recovered?.path).toBe(`${kept}.2`);
	});

	test("is not mended when the disk has no room for the torn bytes", async () => {
		const bytes = bytesOf([OPENED, scan(1)]).subarray(0, -5);
		await writeFile(path, bytes);
		const disk = brokenDisk();
		disk.before = (call) => {
			if (call === "truncate") throw systemError("EIO");
		};
		await expect(open(disk)).rejects.toThrow(fault("JOURNAL_WRITE_FAILED", { reason: "EIO" }));
		expect(await readFile(path)).toEqual(bytes);
		expect((await open()).lines).toHaveLength(1); // and the lock is free
	});

	test.each([
		["a line is missing", (lines: string[]) => [lines[0], lines[2]]],
		["two lines changed places", (lines: string[]) => [lines[1], lines[0], lines[2]]],
		["the newline before its last line is damaged", (lines: string[]) => [lines[0], `${lines[1]}\u000b${lines[2]}`]],
		["a line stands twice", (lines: string[]) => [lines[0], lines[0], lines[1]]],
		[
			"the last line is of another journal",
			(lines: string[]) => [
				lines[0],
				bytesOf([scan(8), scan(9)])
					.toString()
					.split("\n")[1],
			],
		],
	])("is refused when %s", async (_, change) => {
		const lines = bytesOf([OPENED, scan(1), scan(2)])
			.toString("utf8")
			.trimEnd()
			.split("\n");
		const text = `${change(lines).join("\n")}\n`;
		await writeFile(path, text);
		await expect(open()).rejects.toThrow(fault("JOURNAL_DAMAGED"));
		expect(await readFile(path, "utf8")).toBe(text);
		expect(await readdir(folder)).toEqual(["batch.jsonl"]);
	});
});

describe("a journal on a disk that fails", () => {
	test("rejects what does not fit, keeps the file whole, and goes on when there is room", async () => {
		const disk = brokenDisk();
		const journal = await open(disk);
		await journal.append(OPENED);
		const { size } = await stat(path);
		disk.capacity = size + 300; // one line and a half
		const tries = await Promise.allSettled([journal.append(scan(1)), journal.append(scan(2)), journal.append(scan(3))]);
		expect(tries.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
		await expect(journal.append(scan(4))).resolves.toMatchObject([{ n: 2 }]); // that one fits
		await expect(journal.append(scan(5))).rejects.toThrow(fault("STATION_DISK_FULL"));
		disk.capacity = Number.POSITIVE_INFINITY;
		await expect(journal.append(scan(6))).resolves.toMatchObject([{ n: 3 }]);
		await journal.close();
		const { lines } = await open();
		expect(lines.map((line) => ("contractId" in line ? line.contractId : line.type))).toEqual(["batch-opened", "C4", "C6"]);
	});

	test("never syncs again after a failed sync, and takes nothing more until it is opened anew", async () => {
		const disk = brokenDisk();
		const journal = await open(disk);
		await journal.append(OPENED);
		disk.before = (call) => {
			if (call === "sync") throw systemError("EIO");
		};
		await expect(journal.append(scan(1))).rejects.toThrow(fault("JOURNAL_WRITE_FAILED", { reason: "EIO" }));
		const syncs = disk.calls.get("sync");
		disk.before = () => {};
		await expect(journal.append(scan(2))).rejects.toThrow(fault("JOURNAL_WRITE_FAILED"));
		expect(disk.calls.get("sync")).toBe(syncs);
		await journal.close();
		const again = await open(disk);
		expect(again.lines).toHaveLength(1);
		expect(await again.append(scan(3))).toMatchObject([{ n: 2 }]);
	});

	test("takes nothing more when it cannot take back what it wrote", async () => {
		const disk = brokenDisk();
		const journal = await open(disk);
		await journal.append(OPENED);
		disk.capacity = (await stat(path)).size + 10;
		disk.before = (call) => {
			if (call === "truncate") throw systemError("EIO");
		};
		await expect(journal.append(scan(1))).rejects.toThrow(fault("STATION_DISK_FULL"));
		disk.capacity = Number.POSITIVE_INFINITY;
		await expect(journal.append(scan(2))).rejects.toThrow(fault("STATION_DISK_FULL"));
		await journal.close();
		expect(await open()).toMatchObject({ lines: { length: 1 }, recovered: { tornBytes: 10 } });
	});

	test("does not wait for ever for a disk that hangs", async () => {
		const disk = brokenDisk();
		const journal = await open(disk, 50);
		disk.before = (call) => (call === "sync" ? new Promise<void>(() => {}) : undefined);
		await expect(journal.append(scan(1))).rejects.toThrow(fault("JOURNAL_WRITE_FAILED"));
		disk.before = () => {};
		await expect(journal.append(scan(2))).rejects.toThrow(fault("JOURNAL_WRITE_FAILED"));
	});
});
