import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { fileClock } from "../../../provisioning/registry/clock-file.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "holdfast-clock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, "clock.json");

function set(anchorVirtualMs: number, rate = 0): void {
	writeFileSync(`${path()}.new`, JSON.stringify({ anchorRealMs: Date.now(), anchorVirtualMs, rate }));
	renameSync(`${path()}.new`, path());
}

test("a clock file is followed when it is replaced", () => {
	set(1000);
	const clock = fileClock(path());
	expect(clock.nowMs()).toBe(1000);
	set(5_000_000);
	expect(clock.nowMs()).toBe(5_000_000);
});

test("time in a clock file runs at its rate", () => {
	writeFileSync(path(), JSON.stringify({ anchorRealMs: Date.now() - 1000, anchorVirtualMs: 0, rate: 3600 }));
	const now = fileClock(path()).nowMs();
	expect(now).toBeGreaterThanOrEqual(3_600_000);
	expect(now).toBeLessThan(3600 * 10_000);
});

test("a clock file caught half written keeps the time it had", () => {
	set(1000);
	const clock = fileClock(path());
	writeFileSync(path(), '{"anchorReal');
	expect(clock.nowMs()).toBe(1000);
});

test("a clock file that is missing or holds no numbers is said at once", () => {
	expect(() => fileClock(path())).toThrow("ENOENT");
	writeFileSync(path(), '{"anchorRealMs":1,"anchorVirtualMs":"2","rate":1}');
	expect(() => fileClock(path())).toThrow("anchorVirtualMs");
});
