import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { checkManifest } from "../../../provisioning/station/batch/manifest-check.ts";
import { verifyJournal } from "../../../provisioning/station/journal/verify-journal.ts";
import { bytesOf, ended, OPENED, started } from "./journal/entries.ts";

const readme = readFileSync(fileURLToPath(new URL("../../../provisioning/station/README.md", import.meta.url)), "utf8");
const block = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(readme)?.[1] ?? "";
const hasTools = spawnSync("sh", ["-c", "command -v jq && command -v sha256sum"]).status === 0;

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-readme-"));
	await writeFile(join(folder, "check.sh"), block("sh"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the station's README", () => {
	test("has a manifest that is in order", async () => {
		const check = await checkManifest(new TextEncoder().encode(block("csv")));
		expect(check).toMatchObject({ ok: true, manifest: { units: [{ contractId: "C-10017" }, { contractId: "C-10018" }] } });
	});

	const bytes = bytesOf([
		OPENED,
		{ type: "held", contractId: "C1", operator: "आशा 😀", reason: 'box "torn"\n\\ and <b>wet</b>\u2028\u0007/' },
		started("C2#1", 7),
		ended("C2#1", "fail", 12, "BATTERY_LOW"),
	]);
	const byHand = async (content: Uint8Array) => {
		const path = join(folder, "batch.jsonl");
		await writeFile(path, content);
		return spawnSync("sh", [join(folder, "check.sh"), path], { encoding: "utf8", timeout: 60_000 });
	};

	test.skipIf(!hasTools)("checks a journal by hand as the station does", async () => {
		const verdict = await verifyJournal(bytes);
		if (!verdict.ok) throw new Error("it is whole");
		expect(await byHand(bytes)).toMatchObject({ status: 0, stdout: `4 lines, head ${verdict.head.hash}\n` });
	});

	test.skipIf(!hasTools).each([
		["changed", (text: string) => text.replace('"C1"', '"C9"'), 2],
		["removed", (text: string) => text.split("\n").toSpliced(1, 1).join("\n"), 2],
		["cut off", (text: string) => text.slice(0, -9), 4],
	])("finds by hand that a line was %s", async (_, change, line) => {
		const content = Buffer.from(change(bytes.toString("utf8")), "utf8");
		expect(await verifyJournal(content)).toMatchObject({ ok: false, line });
		expect(await byHand(content)).toMatchObject({ status: 1, stdout: `line ${line} is bad\n` });
	});
});
