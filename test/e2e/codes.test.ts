import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { LabHandset } from "../lab/lab.ts";
import { startHoldfast } from "./holdfast-process.ts";
import { daysGoBy } from "./journey.ts";
import { worldOfThisFile } from "./test-world.ts";

const here = worldOfThisFile("codes");

async function enrolled(contractId: string): Promise<LabHandset> {
	const { world } = here;
	const handset = await world.lab.add({ profile: "hyperos2-a15-global" });
	await world.enterContract(contractId, handset);
	const { code, stderr } = await startHoldfast(["enroll", contractId, "-s", handset.adbSerial, "--no-input"], { env: world.env })
		.ended;
	expect(stderr, stderr).not.toContain("unexpected");
	expect(code).toBe(0);
	return handset;
}

/** A command that is used wrongly prints no document. */
const mistaken = (...args: string[]) => startHoldfast(args, { env: here.world.env }).ended;

const requestNumber = (handset: LabHandset) => String(handset.screen()?.shown.requestNumber);

test("a phone without a network is opened by what the call centre reads out, and freed by two pages from two safes", async () => {
	const { world } = here;
	const handset = await enrolled("CODE-1");
	world.setNetwork(false);
	await daysGoBy(world, [handset], 31);
	expect(handset.screen()).toMatchObject({ standing: "locked:limited", causes: ["offline"] });

	const misheard = `${requestNumber(handset).slice(0, 7)}${(Number(requestNumber(handset)[7]) + 1) % 10}`;
	const refused = await mistaken("code", "issue", "CODE-1", "--kind", "contact", "--request", misheard);
	expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining("ask for them again")]);

	const issue = ["code", "issue", "CODE-1", "--kind", "contact", "--request", requestNumber(handset)];
	const { document } = await world.holdfast(...issue);
	expect(document).toMatchObject({ ok: true, kind: "contact", rivals: [] });
	expect(await handset.agent?.enterCode(String(document.code))).toMatchObject({ accepted: true });
	expect(handset.screen()).toMatchObject({ standing: "unlocked" });
	expect(await handset.agent?.enterCode(String(document.code))).toMatchObject({ accepted: false, code: "USED" });

	// Two months on, overdue and still without a network: a paid instalment, sent as a text message.
	await daysGoBy(world, [handset], 20);
	await world.holdfast("contract", "pay", "CODE-1", "--amount", "5000", "--reference", "R-77");
	const sms = await world.holdfast("code", "issue", "CODE-1", "--kind", "automatic", "--days", "60", "--request-id", "R-77");
	const paidUntil = handset.screen()?.shown.paidUntilUnixSeconds;
	expect(await handset.agent?.enterCode(String(sms.document.code))).toMatchObject({ accepted: true });
	expect(Number(handset.screen()?.shown.paidUntilUnixSeconds) - Number(paidUntil)).toBe(60 * 24 * 3600);

	// The lender writes the pages while it still can.
	const folder = join(here.folder, "escrow");
	const escrow = await world.holdfast("code", "escrow", "CODE-1", "--folder", folder);
	const files = (escrow.document.files as string[]).map(String); // what our own command printed
	expect(await readFile(files[0] ?? "", "utf8")).toContain("SHARE 1 OF 3");
	expect((await mistaken("code", "escrow", "CODE-1", "--folder", folder)).code).toBe(64);
	const early = await world.holdfast("code", "release", "CODE-1");
	expect([early.code, early.document.fault]).toEqual([5, expect.objectContaining({ code: "PAYOFF_NOT_PROVEN" })]);

	// Nobody is there any more but the two pages.
	const nowhere = ["--registry", "http://127.0.0.1:9"];
	const freed = await world.holdfast("code", "release", "--share", files[2] ?? "", "--share", files[0] ?? "", ...nowhere);
	expect(freed.document).toMatchObject({ ok: true, contract: "CODE-1" });
	expect(await handset.agent?.enterCode(String(freed.document.releaseCode))).toMatchObject({ accepted: true });
	expect(handset.screen()).toMatchObject({ standing: "released" });
	expect(handset.restrictions()).toEqual([]);

	await world.holdfast("contract", "payoff", "CODE-1", "--reference", "done");
	expect((await world.holdfast("code", "release", "CODE-1")).document.releaseCode).toBe(freed.document.releaseCode);
}, 240_000);
