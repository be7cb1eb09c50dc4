import { createHash } from "node:crypto";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { batchPaths } from "../../provisioning/station/batch/batch-folder.ts";
import { commandDesk, LEFT_UNITS, STATION } from "./command-desk.ts";

/** What stands in the station's books: batches, badges, reports. No registry and no phone is needed. */
describe("holdfast station", { timeout: 60_000 }, () => {
	let folder: string;
	let desks = 0;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "holdfast-books-"));
	});
	afterAll(() => rm(folder, { recursive: true, force: true }));
	const desk = () => {
		desks += 1;
		return commandDesk(join(folder, `desk${desks}`));
	};

	it("list tells open, closed, damaged and unbegun batches apart", async () => {
		const one = desk();
		expect((await one.json("list")).document.batches).toEqual([]);
		await one.leaveBatch("A-OPEN");
		await one.leaveBatch("B-CLOSED", { type: "batch-closed", operator: "ann" });
		await one.leaveBatch("C-TORN");
		await appendFile(batchPaths(one.folder, "C-TORN").journal, '{"at":17');
		await one.leaveBatch("D-DAMAGED");
		const damaged = batchPaths(one.folder, "D-DAMAGED").journal;
		await writeFile(damaged, (await readFile(damaged, "utf8")).replace(STATION, "XXX-A-ENR-01"));
		await mkdir(batchPaths(one.folder, "E-EMPTY").folder);
		expect((await one.json("list")).document.batches).toEqual([
			{ batch: "A-OPEN", state: "open", units: 2, passed: 0 },
			{ batch: "B-CLOSED", state: "closed", units: 2, passed: 0 },
			{ batch: "C-TORN", state: "open", units: 2, passed: 0 },
			{ batch: "D-DAMAGED", state: "damaged" },
			{ batch: "E-EMPTY", state: "not begun" },
		]);
	});

	it("badge makes badges, lists them without their codes, and takes them back", async () => {
		const one = desk();
		expect((await one.json("badge", "list")).document.badges).toEqual([]);
		const { document } = await one.json("badge", "add", "asha", "--role", "supervisor");
		expect(document).toMatchObject({ ok: true, name: "asha", role: "supervisor", code: expect.stringMatching(/^[0-9A-Z]{10}$/) });
		expect((await one.json("badge", "add", "asha")).document.fault).toMatchObject({ code: "BADGE_EXISTS" });
		expect(await one.run("badge", "add", " ")).toMatchObject({ code: 64 });
		expect(await one.run("badge", "add", "bo", "--role", "king")).toMatchObject({ code: 64 });
		const list = await one.json("badge", "list");
		expect(list.document.badges).toEqual([{ name: "asha", role: "supervisor" }]);
		expect(list.stdout).not.toContain(String(document.code));
		expect(await readFile(join(one.folder, "badges.json"), "utf8")).not.toContain(String(document.code));
		expect(await one.json("badge", "revoke", "asha")).toMatchObject({ code: 0 });
		expect(await one.json("badge", "revoke", "asha")).toMatchObject({ code: 1, document: { ok: false } });
		expect((await one.json("badge", "list")).document.badges).toEqual([]);
	});

	describe("report", () => {
		it("writes its files with their hashes, says the right numbers, and is told in the journal", async () => {
			const one = desk();
			await one.leaveBatch("R1", { type: "held", contractId: LEFT_UNITS[0], operator: "ann", reason: "box is torn" });
			const out = join(folder, "out", "R1");
			const { code, document } = await one.json("report", "R1", "--out", out, "--time-zone", "Asia/Kolkata");
			expect(code).toBe(0);
			expect(document).toMatchObject({ expected: 2, pass: 0, held: 1, missing: 1, failed: 0, told: true, head: { n: 3 } });
			const sums = (await readFile(join(out, "SHA256SUMS"), "utf8")).trim().split("\n");
			expect(sums).toHaveLength(3);
			for (const line of sums) {
				const [sha256, name] = line.split("  ");
				expect(
					createHash("sha256")
						.update(await readFile(join(out, name ?? "")))
						.digest("hex"),
				).toBe(sha256);
			}
			const report: unknown = JSON.parse(await readFile(join(out, "R1-report.json"), "utf8"));
			expect(report).toMatchObject({ timeZone: "Asia/Kolkata", journal: { n: 3 } });
			const lines = await one.linesOf("R1");
			expect(lines.slice(3)).toEqual(
				sums.map((line) => expect.objectContaining({ type: "report-made", sha256: line.split("  ")[0] })),
			);
			// The journal is as good to work on as before.
			expect((await one.json("report", "R1")).document).toMatchObject({ told: true, held: 1, head: { n: 6 } });
		});

		it("is made, with a note, while the journal's last line is cut off", async () => {
			const one = desk();
			await one.leaveBatch("R1");
			const { journal } = batchPaths(one.folder, "R1");
			await appendFile(journal, '{"at":17');
			const before = await readFile(journal);
			const end = await one.json("report", "R1");
			expect(end).toMatchObject({
				code: 0,
				stderr: expect.stringContaining("cut off"),
				document: { told: false, head: { n: 2 } },
			});
			expect(await readFile(journal)).toEqual(before);
		});

		it("refuses a damaged journal, an unknown batch, and flags that make no sense", async () => {
			const one = desk();
			await one.leaveBatch("R1");
			expect((await one.json("report", "NONE")).document.fault).toMatchObject({ code: "BATCH_UNKNOWN" });
			expect((await one.json("report", "../R1")).document.fault).toMatchObject({ code: "BATCH_UNKNOWN" });
			expect(await one.run("report", "R1", "--time-zone", "Mars/Base")).toMatchObject({ code: 64 });
			const { journal } = batchPaths(one.folder, "R1");
			expect(await one.run("report", "R1", "--out", journal)).toMatchObject({
				code: 64,
				stderr: expect.stringContaining("--out"),
			});
			await writeFile(journal, (await readFile(journal, "utf8")).replace(STATION, "XXX-A-ENR-01"));
			expect((await one.json("report", "R1")).document.fault).toMatchObject({ code: "JOURNAL_DAMAGED" });
		});
	});
});
