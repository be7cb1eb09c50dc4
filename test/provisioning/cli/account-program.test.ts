import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type CommandEnd, startHoldfast } from "../../e2e/holdfast-process.ts";
import { ADMIN_TOKEN, startTestRegistry, type TestRegistry } from "../registry/test-registry.ts";

let registry: TestRegistry;
let folder: string;
beforeAll(async () => {
	registry = await startTestRegistry();
	registry.now = Math.floor(Date.now() / 1000);
	folder = join(registry.folder, "tokens");
	await mkdir(folder);
	await writeFile(join(folder, "admin-token"), ADMIN_TOKEN);
});
afterAll(() => registry?.close());

/** @param data where the command finds a token by itself. */
const holdfast = (args: readonly string[], data = folder): Promise<CommandEnd> =>
	startHoldfast(args, { env: { HOLDFAST_REGISTRY: registry.url, HOLDFAST_DATA: data, HOLDFAST_STATE: join(folder, "state") } })
		.ended;
const program = (...args: string[]) => holdfast(["account", "program", ...args]);

describe("holdfast account program", () => {
	test("add writes the token to a file that only its owner reads, and says it nowhere", async () => {
		const to = join(folder, "line-a");
		const { code, stdout, stderr } = await program(
			"add",
			"Line A",
			"--role",
			"operator",
			"--station",
			"S-A",
			"--to",
			to,
			"--json",
		);
		expect(code, stderr).toBe(0);
		const token = (await readFile(to, "utf8")).trim();
		expect(token).toMatch(/^hfp_/);
		expect((await stat(to)).mode & 0o777).toBe(0o600);
		expect(stdout + stderr).not.toContain(token);
		expect(JSON.parse(stdout)).toMatchObject({ ok: true, tokenFile: to, program: { name: "Line A", station: "S-A" } });
		const { stdout: list } = await program("list");
		expect(list).toMatch(/^[0-9a-f]{20} {2}Line A {2}operator {2}station S-A {2}\(ends \d{4}-\d\d-\d\d, never used\)$/m);
	});

	test("add makes nothing where the token has no place, or a file is in it, or the registry refuses", async () => {
		const before = (await program("list", "--json")).stdout;
		const files = await readdir(folder);
		const nowhere = await program("add", "B", "--role", "operator");
		expect([nowhere.code, nowhere.stderr]).toEqual([
			64,
			"holdfast: say where the token goes: --to FILE, or --print for standard output\n",
		]);
		const taken = await program("add", "B", "--role", "operator", "--to", join(folder, "admin-token"));
		expect([taken.code, await readFile(join(folder, "admin-token"), "utf8")]).toEqual([64, ADMIN_TOKEN]);
		const refused = await program("add", "B", "--role", "operator", "--station", "no station", "--to", join(folder, "b"));
		expect(refused.code).not.toBe(0);
		expect(await program("add", "B", "--role", "admin", "--print")).toMatchObject({ code: 64 });
		expect((await program("list", "--json")).stdout).toBe(before);
		expect(await readdir(folder)).toEqual(files);
	});

	test("rotate puts the new token in the old one's place, revoke ends it, and print is for a secret store", async () => {
		const to = join(folder, "loans");
		const { stdout } = await program("add", "Loans", "--role", "agent", "--to", to, "--json");
		const { programId } = JSON.parse(stdout).program;
		const first = (await readFile(to, "utf8")).trim();
		expect(await program("rotate", programId, "--overlap-hours", "1", "--to", to)).toMatchObject({ code: 0 });
		const second = (await readFile(to, "utf8")).trim();
		expect([second === first, (await stat(to)).mode & 0o777]).toEqual([false, 0o600]);
		const third = (await program("rotate", programId, "--print")).stdout.trim();
		const status = async (token: string) =>
			(await fetch(`${registry.url}/v1/session`, { headers: { authorization: `Bearer ${token}` } })).status;
		expect([await status(first), await status(second), await status(third)]).toEqual([401, 200, 200]);
		expect(await program("revoke", programId)).toMatchObject({ code: 0 });
		expect([await status(second), await status(third)]).toEqual([401, 401]);
	});
});

describe("a command that enrolls", () => {
	test("takes the program's token before the admin token, and says so where there is the admin token alone", async () => {
		const station = ["station", "run", "--manifest", join(folder, "none.csv"), "--operator", "x", "--no-page", "--no-input"];
		await writeFile(join(folder, "none.csv"), "contract,imei\nCLI-UNKNOWN,356938035643809\n");
		const alone = await holdfast(station);
		expect(alone.stderr).toContain("This uses the registry's admin token");
		const { stdout } = await program("add", "Line C", "--role", "operator", "--to", join(folder, "program-token"), "--json");
		const { programId } = JSON.parse(stdout).program;
		const own = await holdfast(station);
		expect(own.stderr).not.toContain("admin token");
		const { stdout: list } = await program("list", "--json");
		const found = JSON.parse(list).programs.find((each: { programId: string }) => each.programId === programId);
		expect(found.lastUsedAtUnixSeconds).toBeGreaterThan(0);
	});
});
