import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { lockHandset } from "../../../provisioning/cli/handset-lock.ts";

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const busy = expect.objectContaining({ fault: expect.objectContaining({ code: "HANDSET_BUSY" }) });

describe("a handset's lock", () => {
	test("lets one process work on a handset, and names it to the second", async () => {
		const held = await lockHandset(folder, "127.0.0.1:5801");
		await expect(lockHandset(folder, "127.0.0.1:5801")).rejects.toThrow(busy);
		await held.release();
		await (await lockHandset(folder, "127.0.0.1:5801")).release();
	});

	test("does not stand in the way of another handset", async () => {
		const one = await lockHandset(folder, "usb:1-4.2");
		const other = await lockHandset(folder, "usb:1-4.3");
		await Promise.all([one.release(), other.release()]);
	});

	test("is taken over from a process that died", async () => {
		const dead = spawnSync("true").pid;
		await mkdir(join(folder, "locks"), { recursive: true });
		await writeFile(join(folder, "locks", "X1.lock"), JSON.stringify({ pid: dead, started: "12345" }));
		await (await lockHandset(folder, "X1")).release();
	});

	test("is taken over when its process number went to somebody else", async () => {
		await mkdir(join(folder, "locks"), { recursive: true });
		await writeFile(join(folder, "locks", "X1.lock"), JSON.stringify({ pid: process.pid, started: "1" }));
		await (await lockHandset(folder, "X1")).release();
	});

	test("is won by exactly one of many that try at once", async () => {
		const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockHandset(folder, "X1")));
		expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		for (const each of tries) if (each.status === "rejected") expect(each.reason).toEqual(busy);
	});
});
