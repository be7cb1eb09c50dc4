import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type Badges, openBadges } from "../../../../provisioning/station/crew/badges.ts";

let folder: string;
let path: string;
let nowMs: number;
let badges: Badges;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-badges-"));
	path = join(folder, "badges.json");
	nowMs = 1_700_000_000_000;
	badges = await openBadges(folder, { clock: { nowMs: () => nowMs }, triesPerMinute: 3 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fault = (code: string) => expect.objectContaining({ fault: expect.objectContaining({ code }) });

describe("the badges of a station", () => {
	test("find their holder by a code that is told once", async () => {
		const code = (await badges.add("Asha", "operator")) ?? "";
		const other = (await badges.add("Ravi", "supervisor")) ?? "";
		expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
		expect(other).not.toBe(code);
		expect(await badges.find(code)).toEqual({ name: "Asha", role: "operator" });
		expect(await badges.find(other)).toEqual({ name: "Ravi", role: "supervisor" });
		expect(await badges.list()).toEqual([
			{ name: "Asha", role: "operator" },
			{ name: "Ravi", role: "supervisor" },
		]);
	});

	test("know a code as people type it, and one that a badge had before", async () => {
		await badges.add("Mira", "technician", "EMP-00123 X");
		expect(await badges.find("emp-oo123x")).toEqual({ name: "Mira", role: "technician" });
		expect(await badges.find("EMP-00124X")).toBeUndefined();
	});

	test("stand in a file that only this user can read, without a code", async () => {
		const code = (await badges.add("Asha", "operator")) ?? "";
		await badges.add("Mira", "technician", "SECRET-1");
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		const text = await readFile(path, "utf8");
		expect(text).not.toContain(code);
		expect(text).not.toMatch(/SECRET/i);
		expect(await readdir(folder)).toEqual(["badges.json"]);
	});

	test("refuse a name or a code that is there, and a code that is too short, without telling it", async () => {
		await badges.add("Asha", "operator", "ABCDEF12");
		await expect(badges.add("Asha", "operator")).rejects.toThrow(fault("BADGE_EXISTS"));
		const error: unknown = await badges.add("Ravi", "operator", "ABCDEF12").catch((caught: unknown) => caught);
		expect(error).toEqual(fault("BADGE_EXISTS"));
		expect(JSON.stringify(error)).not.toContain("ABCDEF12");
		await expect(badges.add("Ravi", "operator", "AB-12")).rejects.toThrow(RangeError);
		await expect(badges.add(" ", "operator")).rejects.toThrow(RangeError);
	});

	test("are void at once when they are taken back, by whatever program", async () => {
		const code = (await badges.add("Asha", "operator")) ?? "";
		const elsewhere = await openBadges(folder, { clock: { nowMs: () => nowMs } });
		expect(await elsewhere.revoke("Asha")).toBe(true);
		expect(await elsewhere.revoke("Asha")).toBe(false);
		expect(await badges.find(code)).toBeUndefined();
	});

	test("are not tried for ever: after three wrong codes in a minute even the right one waits", async () => {
		const code = (await badges.add("Asha", "operator")) ?? "";
		for (let n = 0; n < 4; n += 1) expect(await badges.find(code)).toBeDefined(); // right ones do not count
		const wrong = ["WRONG00001", "WRONG00002", "WRONG00003", "WRONG00004", "WRONG00005"];
		const tries = await Promise.allSettled(wrong.map((each) => badges.find(each)));
		expect(tries.filter(({ status }) => status === "rejected")).toHaveLength(2);
		await expect(badges.find(code)).rejects.toThrow(fault("BADGE_TRIES_SPENT"));
		nowMs += 60_000;
		expect(await badges.find(code)).toEqual({ name: "Asha", role: "operator" });
	});

	test("lock nobody out when the clock is set back", async () => {
		const code = (await badges.add("Asha", "operator")) ?? "";
		await Promise.allSettled(["WRONG00001", "WRONG00002", "WRONG00003"].map((each) => badges.find(each)));
		nowMs -= 3_600_000;
		expect(await badges.find(code)).toBeDefined();
	});

	test.each([
		["is no JSON", "{"],
		["holds something else", '{"version":1}'],
	])("are not guessed at when the file %s", async (_, text) => {
		await writeFile(path, text, { mode: 0o600 });
		await expect(badges.find("ABCDEFGH12")).rejects.toThrow(fault("BADGES_UNREADABLE"));
		await expect(badges.add("Asha", "operator")).rejects.toThrow(fault("BADGES_UNREADABLE"));
		expect(await readFile(path, "utf8")).toBe(text);
	});

	test("are not read from a file that others can read", async () => {
		await badges.add("Asha", "operator");
		await chmod(path, 0o644);
		await expect(openBadges(folder, { clock: { nowMs: () => 0 } })).rejects.toThrow(fault("BADGES_UNREADABLE"));
	});

	test("none are there before the first", async () => {
		expect(await badges.find("ABCDEFGH12")).toBeUndefined();
		expect(await badges.list()).toEqual([]);
	});

	test("made at the same moment are all kept, or refused as busy", async () => {
		const tries = await Promise.allSettled(["A", "B", "C"].map((name) => badges.add(name, "operator")));
		const kept = tries.filter(({ status }) => status === "fulfilled").length;
		for (const each of tries) if (each.status === "rejected") expect(each.reason).toEqual(fault("STATION_BUSY"));
		expect(kept).toBeGreaterThan(0);
		expect(await badges.list()).toHaveLength(kept);
	});
});
