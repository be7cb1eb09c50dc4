import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, expect, test } from "vitest";

import { toHex } from "../../../proto/crypto.ts";
import { wire } from "../../../proto/wire.ts";
import { DAY, EPOCH, HOUR, TestLender, termsOf } from "../../agent/test-lender.ts";
import { boundPhone, type TestPhone } from "../../agent/test-phone.ts";
import { openRecord, sealRecord } from "../audit/record-forger.ts";

const HOLDFAST = fileURLToPath(new URL("../../../scripts/holdfast", import.meta.url));
let folder: string;
let phone: TestPhone;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "audit-"));
	const offline = { budgetSeconds: 0, warnAtRemainingSeconds: [], level: wire.RestrictionLevel.RESTRICTION_LEVEL_LIMITED };
	const lender = await TestLender.create(termsOf({ offline }));
	phone = await boundPhone(lender);
	for (let halfDay = 0; halfDay < 80; halfDay += 1) phone.jump(12 * HOUR);
	await phone.deliver(lender, { extend: { paidUntilUnixSeconds: EPOCH + 60 * DAY } });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the command says of a file. */
async function verify(bytes: Uint8Array, ...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	const path = join(folder, "record.bin");
	writeFileSync(path, bytes);
	return run("audit", "verify", path, ...flags);
}

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	return new Promise((resolve) => {
		execFile(process.execPath, [HOLDFAST, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
			resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr });
		});
	});
}

test("a record in order ends with 0, in plain words", async () => {
	const { code, stdout, stderr } = await verify(phone.takeRecord());
	expect(code).toBe(0);
	expect(stdout).toContain("locked, limited: payment overdue");
	expect(stdout).toContain("1 locks");
	expect(stdout.trimEnd().endsWith("OK: whole, signed, and every lock kept to the borrower's floor.")).toBe(true);
	expect(stderr).toContain("compare it with the receipt");
}, 60_000);

test("with --json it is one document, and the right device key is not remarked upon", async () => {
	const { code, stdout, stderr } = await verify(phone.takeRecord(), "--device-key", toHex(phone.key.publicKey), "--json");
	expect(code).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({ ok: true, verdict: "ok", beginsAfter: 0, totals: { locks: 1 } });
	expect(stderr).not.toContain("compare it");
}, 60_000);

test("a promise that was not kept ends with 5, names the promise, and explains it when asked", async () => {
	const record = openRecord(phone);
	const entries = record.entries.filter(({ decision }) => decision.kind !== wire.DecisionKind.DECISION_KIND_NOTICE_SHOWN);
	const { code, stdout } = await verify(sealRecord(phone, { ...record, entries }), "--explain");
	expect(code).toBe(5);
	expect(stdout).toContain("BROKEN F3: not all of its notices were shown, or they had not aged");
	expect(stdout).toContain("F3: no lock before the grace is over");
	expect(stdout).toContain("NOT OK");
}, 60_000);

test("rubbish, another key, no file, a folder: said in a sentence, without a stack", async () => {
	const rubbish = await verify(Uint8Array.from({ length: 5000 }, (_, index) => index % 251));
	expect([rubbish.code, rubbish.stdout]).toEqual([1, ""]);
	const other = await verify(phone.takeRecord(), "--device-key", `04${"00".repeat(64)}`);
	expect(other.code).toBe(7);
	const none = await run("audit", "verify", join(folder, "none.bin"));
	const directory = await run("audit", "verify", folder);
	expect([none.code, directory.code]).toEqual([64, 64]);
	for (const { stderr } of [rubbish, other, none, directory]) {
		expect(stderr).not.toMatch(/\n\s+at /);
		expect(stderr.startsWith("holdfast: ")).toBe(true);
	}
}, 60_000);
