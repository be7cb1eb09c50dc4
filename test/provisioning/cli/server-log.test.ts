import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openServerLog } from "../../../provisioning/cli/station/server-log.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "holdfast-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the log of a station's server", () => {
	test("goes on where it was, for its owner alone, and keeps one full file beside it", () => {
		const path = join(folder, "station/server.log");
		const first = openServerLog(path, 20);
		first.write("one 0123\n");
		first.close();
		const second = openServerLog(path, 20);
		for (const line of ["two 0123\n", "three 01\n", "four 012\n", "five 012\n"]) second.write(line);
		second.close();
		expect([readFileSync(path, "utf8"), readFileSync(`${path}.1`, "utf8")]).toEqual(["five 012\n", "three 01\nfour 012\n"]);
		expect(statSync(path).mode & 0o777).toBe(0o600);
	});

	test("stops nothing where it cannot be written", () => {
		const log = openServerLog(join(folder, "server.log"));
		log.close();
		expect(() => log.write("lost\n")).not.toThrow();
	});
});
