import { expect, test } from "vitest";

import { luhnDigit } from "../../proto/imei.ts";
import type { LabHandset } from "../lab/lab.ts";
import { daysGoBy } from "./journey.ts";
import { worldOfThisFile } from "./test-world.ts";

// A technician's day, by the command line: every phone here is a virtual one, every other process is real.

const here = worldOfThisFile("technician");

async function enrolled(contractId: string): Promise<LabHandset> {
	const { world } = here;
	const handset = await world.lab.add({ profile: "hyperos2-a15-global" });
	await world.enterContract(contractId, handset);
	const { code, stderr } = await world.holdfast("enroll", contractId, "-s", handset.adbSerial);
	expect(code, stderr).toBe(0);
	return handset;
}

const tail = (handset: LabHandset) => handset.imeis[0]?.slice(-4) ?? "";
const requestNumber = (handset: LabHandset) => String(handset.screen()?.shown.requestNumber);
const sheetOf = (document: Readonly<Record<string, unknown>>) =>
	Object.fromEntries((document.sheet as { name: string; verdict: string }[]).map(({ name, verdict }) => [name, verdict])); // our own command printed it

/** Other IMEIs, as a service centre gives them. */
function otherImeis(handset: LabHandset): string[] {
	return handset.imeis.map((imei) => {
		const first14 = `35${imei.slice(2, 14)}`;
		return first14 + luhnDigit(first14);
	});
}

test("a locked, sealed phone without a network is opened by a code, released, and proven free", async () => {
	const { world } = here;
	const handset = await enrolled("T-1");
	world.setNetwork(false);
	await daysGoBy(world, [handset], 31);
	expect(handset.screen()).toMatchObject({ standing: "locked:limited" });
	expect(handset.restrictions()).toContain("debugging");

	// Not paid off: nothing is granted, nothing is touched.
	const early = await world.holdfast("release", "T-1", "-s", handset.adbSerial, "--confirm", tail(handset));
	expect([early.code, early.document.fault]).toEqual([5, expect.objectContaining({ code: "PAYOFF_NOT_PROVEN" })]);
	expect(handset.screen()).toMatchObject({ standing: "locked:limited" });

	await world.holdfast("contract", "payoff", "T-1", "--reference", "T-1-PAID");
	const window = await world.holdfast("service", "window", "T-1", "--hours", "2", "--request", requestNumber(handset));
	expect(window.document).toMatchObject({ ok: true, code: expect.stringMatching(/^\d{4}-\d{4}-\d{4}-\d$/) });
	expect(await handset.agent?.enterCode(String(window.document.code))).toMatchObject({ accepted: true });
	expect(handset.restrictions()).not.toContain("debugging");

	const released = await world.holdfast("release", "T-1", "-s", handset.adbSerial, "--confirm", tail(handset));
	expect(released.document, released.stderr).toMatchObject({ ok: true, state: "released" });
	const health = released.document.health as { name: string; verdict: string }[]; // our own command printed it
	expect(health.filter(({ verdict }) => verdict === "changed")).toEqual([]);
	expect(health.find(({ name }) => name === "apps")).toMatchObject({ verdict: "agent" });

	const certificate = String(released.document.certificate);
	for (const who of [["T-1"], ["--certificate", certificate]]) {
		const verified = await world.holdfast("verify", ...who, "--released", "-s", handset.adbSerial);
		expect([verified.code, new Set(Object.values(sheetOf(verified.document)))], verified.stderr).toEqual([0, new Set(["good"])]);
	}
	const strange = await world.holdfast("verify", "--released", "--certificate", "HF-0123456789ABCDEF", "-s", handset.adbSerial);
	expect([strange.code, sheetOf(strange.document).certificate]).toEqual([5, "bad"]);
	world.setNetwork(true);
}, 240_000);

test("a financed phone is not called free, whichever certificate is shown for it", async () => {
	const { world } = here;
	const handset = await enrolled("T-2");
	await world.holdfast("service", "window", "T-2", "--hours", "1");
	await handset.agent?.checkInNow();
	const verified = await world.holdfast("verify", "T-2", "--released", "-s", handset.adbSerial);
	expect(verified.code).not.toBe(0);
	expect(verified.document).toMatchObject({ ok: false, released: false });
	expect(sheetOf(verified.document)).toEqual({
		identity: "good",
		owner: "bad",
		restrictions: "bad",
		agent: "bad",
		financed: "bad",
		certificate: "bad",
	});

	// A phone that has no agent but is on a running contract is not free either.
	const naked = await world.lab.add({ profile: "hyperos2-a15-global" });
	await world.enterContract("T-3", naked);
	const asked = await world.holdfast("verify", "T-3", "--released", "-s", naked.adbSerial);
	expect([asked.code, asked.document.fault]).toEqual([5, expect.objectContaining({ code: "STILL_FINANCED" })]);
}, 120_000);

test("a returned phone is freed when another person has seen it, and is ready for the next", async () => {
	const { world } = here;
	const handset = await enrolled("T-4");
	const asked = await world.holdfast(
		"service",
		"return",
		"T-4",
		"--imei",
		tail(handset),
		"--reference",
		"RMA-4",
		"--reason",
		"gave it back",
	);
	const { caseId } = asked.document.case as { caseId: string }; // our own command printed it
	expect((await world.admin.getContract("T-4")).state).toBe("open");
	expect((await world.holdfast("service", "approve", caseId)).document).toMatchObject({ case: { state: "done" } });
	await handset.agent?.checkInNow();
	const released = await world.holdfast("release", "T-4", "-s", handset.adbSerial, "--confirm", tail(handset));
	expect(released.document, released.stderr).toMatchObject({ ok: true, state: "released" });
	await world.enterContract("T-5", handset);
	const next = await world.holdfast("enroll", "T-5", "-s", handset.adbSerial);
	expect(next.code, next.stderr).toBe(0);
}, 120_000);

test("a phone whose IMEIs were rewritten keeps its contract by its own key, and another phone cannot take it", async () => {
	const { world } = here;
	const handset = await enrolled("T-6");
	await world.holdfast("service", "window", "T-6", "--hours", "4");
	await handset.agent?.checkInNow();
	const fresh = otherImeis(handset);
	await handset.rewriteImeis(fresh);
	await handset.agent?.idle();

	const [oldImei = ""] = handset.imeis;
	const scans = ["--old-imei", oldImei, "--label-imei", ...fresh, "--reason", "IMEIs rewritten"];
	const rebind = () => world.holdfast("service", "rebind", "T-6", "-s", handset.adbSerial, ...scans);
	const wrong = await world.holdfast(
		"service",
		"rebind",
		"T-6",
		"-s",
		handset.adbSerial,
		"--old-imei",
		oldImei,
		"--label-imei",
		...handset.imeis,
		"--reason",
		"?",
	);
	expect([wrong.code, wrong.document.fault]).toEqual([7, expect.objectContaining({ code: "IMEI_MISMATCH" })]);
	const asked = await rebind();
	expect(asked.document, asked.stderr).toMatchObject({ case: { state: "asked", kind: "rebind" } });
	const { caseId } = asked.document.case as { caseId: string }; // our own command printed it
	await world.holdfast("service", "approve", caseId);

	// Another phone that says the same IMEIs has another key: it cannot answer for the contract.
	const impostor = await world.lab.add({ profile: "hyperos2-a15-global", serial: `${handset.serial}9`, imeis: fresh });
	const taken = await world.holdfast("service", "rebind", "T-6", "-s", impostor.adbSerial, ...scans);
	expect(taken.code).not.toBe(0);
	expect(await world.admin.imeiStatus(oldImei)).toEqual({ status: "financed" });

	const done = await rebind();
	expect(done.document, done.stderr).toMatchObject({ ok: true, case: { state: "done" }, handset: { imei1: fresh[0] } });
	expect((await world.admin.getContract("T-6")).enrollment).toMatchObject({ imei1: fresh[0] });
	expect(await world.admin.imeiStatus(oldImei)).toEqual({ status: "clear" });
	expect(await world.admin.imeiStatus(fresh[0] ?? "")).toEqual({ status: "financed" });
	const verified = await world.holdfast("verify", "T-6", "-s", handset.adbSerial);
	expect(verified.code, verified.stderr).toBe(0);
}, 180_000);

test("a phone with another board takes the contract over, with what is paid", async () => {
	const { world } = here;
	const old = await enrolled("T-7");
	await world.holdfast("contract", "pay", "T-7", "--amount", "5000", "--reference", "T-7-P1");
	const { paidUntilUnixSeconds } = await world.admin.getContract("T-7");
	await old.unplug();
	const board = await world.lab.add({ profile: "hyperos2-a15-global" });
	const early = await world.holdfast("enroll", "T-7", "-s", board.adbSerial);
	expect([early.code, early.document.fault]).toEqual([7, expect.objectContaining({ code: "IMEI_MISMATCH" })]);

	const scans = [
		"--old-imei",
		old.imeis[0] ?? "",
		"--label-imei",
		...board.imeis,
		"--old-phone",
		"board_replaced",
		"--reason",
		"new board",
	];
	const asked = await world.holdfast("service", "exchange", "T-7", "-s", board.adbSerial, ...scans);
	const { caseId } = asked.document.case as { caseId: string }; // our own command printed it
	await world.holdfast("service", "approve", caseId);
	const enrolledAnew = await world.holdfast("enroll", "T-7", "-s", board.adbSerial);
	expect(enrolledAnew.code, enrolledAnew.stderr).toBe(0);
	await board.agent?.checkInNow();
	expect(board.screen()?.shown.paidUntilUnixSeconds).toBe(paidUntilUnixSeconds);
	expect(await world.admin.imeiStatus(old.imeis[0] ?? "")).toEqual({ status: "clear" });
	expect(await world.admin.imeiStatus(board.imeis[0] ?? "")).toEqual({ status: "financed" });
}, 180_000);
