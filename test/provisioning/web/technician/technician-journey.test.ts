import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { luhnDigit } from "../../../../proto/imei.ts";
import { REBIND_STEPS } from "../../../../provisioning/procedure/rebind.ts";
import { RELEASE_STEPS } from "../../../../provisioning/procedure/release.ts";
import { JOB_STEPS } from "../../../../provisioning/web/technician/phone-job.ts";
import { daysGoBy } from "../../../e2e/journey.ts";
import { worldOfThisFile } from "../../../e2e/test-world.ts";
import type { LabHandset } from "../../../lab/lab-handset.ts";
import { axeViolations } from "../axe.ts";
import { noBrowser } from "../chromium.ts";
import { openTechnicianStage, type TechnicianScene, type TechnicianStage } from "./technician-stage.ts";

if (noBrowser) console.warn(`The technician's page was not looked at: ${noBrowser}`);

/** For people who want to see it: names a folder. */
const SHOTS = process.env.HOLDFAST_SHOTS;

it("the page lists the procedures' own steps", () => {
	expect(JOB_STEPS.release).toEqual(RELEASE_STEPS.map(({ name }) => name));
	expect(JOB_STEPS.rebind).toEqual(REBIND_STEPS.map(({ name }) => name));
});

describe.skipIf(noBrowser)("a technician's page, over WebUSB", { timeout: 180_000 }, () => {
	const here = worldOfThisFile("technician-page");
	let stage: TechnicianStage;
	let scene: TechnicianScene;
	beforeAll(async () => {
		stage = await openTechnicianStage(here.world);
	}, 120_000);
	afterAll(() => stage?.close());
	afterEach(() => {
		expect(scene.errors).toEqual([]);
		expect(scene.bus.violations).toEqual([]);
	});

	async function enrolled(contractId: string): Promise<LabHandset> {
		const handset = await here.world.lab.add({ profile: "hyperos2-a15-global" });
		await here.world.enterContract(contractId, handset);
		const { code, stderr } = await here.world.holdfast("enroll", contractId, "-s", handset.adbSerial);
		expect(code, stderr).toBe(0);
		return handset;
	}

	/** Everybody can use what is shown, and it fits. */
	async function sound(name: string): Promise<void> {
		const { page } = scene;
		const { width = 0 } = page.viewportSize() ?? {};
		if (SHOTS !== undefined) {
			mkdirSync(SHOTS, { recursive: true });
			await page.screenshot({ path: join(SHOTS, `${width}-${name}.png`), fullPage: true });
		}
		expect([name, await axeViolations(page)]).toEqual([name, []]);
		const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
		expect([name, isWide]).toEqual([name, false]);
	}

	it.each([
		["light", 1280],
		["dark", 320],
	] as const)("frees a locked and sealed phone by a code, and hands over a certificate (%s, %i px)", async (theme, width) => {
		const { world } = here;
		const contractId = `TP-${theme}`;
		const handset = await enrolled(contractId);
		handset.setOnline(false);
		await daysGoBy(world, [handset], 31);
		expect(handset.screen()?.standing).toBe("locked:limited");

		scene = await stage.open({ theme, width });
		const { page, press, told, find } = scene;
		await sound("find");
		await find(handset.imeis[0] ?? "");
		await told("this phone cannot be released");
		expect(await page.getByRole("button", { name: "Release the phone" }).count()).toBe(0);
		await sound("refused");
		// As if the page were not there: the registry itself grants nothing.
		await world.admin.payOff(contractId, { reference: `${contractId}-PAID` });
		await press("Another phone");
		await find(contractId);
		await sound("ended");
		await press("Release the phone");
		await told("First open the phone");
		await page.getByLabel("Request number, eight digits").fill("1234 5678");
		await told("Read it again.");
		await page.getByLabel("Request number, eight digits").fill(String(handset.screen()?.shown.requestNumber));
		await press("Make the code");
		await page.locator(".code-shown").waitFor();
		await sound("code");
		const code = await page.locator(".code-shown").innerText();
		expect(await handset.agent?.enterCode(code)).toMatchObject({ accepted: true });
		expect(handset.restrictions()).not.toContain("debugging");
		await handset.plug(); // its adbd has to be up again
		scene.plug(handset);
		await press("Choose the phone");
		await told("Is this the phone in your hand?");
		await told(new RegExp(`… ${handset.imeis[0]?.slice(-4)}`));
		await sound("confirm");
		expect(handset.screen()?.standing).not.toBe("released");
		await press("Yes, this phone");
		await page.getByRole("heading", { name: "The phone is free" }).waitFor();
		await sound("certificate");
		expect(await page.locator(".sheet .check-good").count()).toBe(6);
		await told("Nothing else on the phone was changed.");
		const { certificateId = "none" } = await world.admin.getContract(contractId);
		await told(`/check/#certificate=${certificateId}`);
		await told("sample-lender");
		await page.getByRole("img", { name: "Code that opens the check of this certificate" }).waitFor();
		expect(handset.restrictions()).toEqual([]);
		expect((await world.admin.getContract(contractId)).state).toBe("released");

		await page.emulateMedia({ media: "print" });
		if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${width}-print.png`), fullPage: true });
		expect(await page.getByRole("button", { name: "Print" }).count()).toBe(0);
		await page.emulateMedia({ media: "screen" });

		await press("Next phone");
		await find(contractId);
		await press("Is it really free?");
		await press(/^Use /);
		await told("This phone is free");
	});

	it("moves a contract to rewritten IMEIs when both scans agree and another person approves", async () => {
		const { world } = here;
		const handset = await enrolled("TP-R");
		await world.holdfast("service", "window", "TP-R", "--hours", "8");
		await handset.agent?.checkInNow();
		const fresh = handset.imeis.map((imei) => `35${imei.slice(2, 14)}`).map((first14) => first14 + luhnDigit(first14));
		await handset.rewriteImeis(fresh);

		scene = await stage.open({ roles: ["technician", "agent"], width: 320, theme: "dark" });
		const { page, press, told, find } = scene;
		scene.plug(handset);
		await find("TP-R");
		await press("New board or other IMEIs");
		await press("Choose the phone");
		await told("The agent is still there");
		await page.getByLabel("Old IMEI").fill(fresh[0] ?? "");
		await told("This is not the contract's IMEI.");
		await page.getByLabel("Old IMEI").fill(handset.imeis[0] ?? "");
		await page.getByLabel("New IMEI 1").fill(handset.imeis[0] ?? "");
		await told("The phone does not say this IMEI.");
		await page.getByLabel("New IMEI 1").fill(fresh[1] ?? "");
		await page.getByLabel("New IMEI 2").fill(fresh[0] ?? "");
		await page.getByLabel("Reason, for whoever approves").fill("rewritten after repair");
		await sound("rebind");
		await press("Ask for approval");
		await told("another person must approve it");
		await sound("asked");
		await press("Back to the contract");
		await told("waits for another person");
		await sound("cases");
		await press("Approve");
		await told("approved; the phone has yet to take it");
		await press("New board or other IMEIs");
		await told("it is given its new binding");
		await press(/^Use /);
		await told("Is this the phone in your hand?");
		await press("Yes, this phone");
		await told("The contract is bound to the new IMEIs");
		expect((await world.admin.getContract("TP-R")).enrollment).toMatchObject({ imei1: fresh[0] });
		expect(await world.admin.imeiStatus(handset.imeis[0] ?? "")).toEqual({ status: "clear" });
	});

	it("asks for a return, says honestly what helps with a forgotten screen lock, and touches no phone", async () => {
		const { world } = here;
		const handset = await enrolled("TP-B");
		const before = handset.state;
		scene = await stage.open({ width: 320 });
		const { page, press, told, find } = scene;
		await find("TP-B");
		await press("Screen lock forgotten");
		await told("Nobody at the lender can open");
		await sound("screen-lock");
		await page.getByLabel("What was asked and answered").fill("PIN forgotten; will erase");
		await press("Write it down");
		await told("Written down.");
		await press("Back to the contract");
		await press("The phone comes back");
		await page.getByLabel("Last four digits").fill(handset.imeis[0]?.slice(-4) ?? "");
		await page.getByLabel("Your reference").fill("RMA-1");
		await page.getByLabel("Reason").fill("gave it back");
		await sound("return");
		await press("Ask for approval");
		await told("Once it is approved, the contract has ended");
		await press("Back to the contract");
		await told("waits for another person");
		// A technician may take it back, and not approve it.
		expect(await page.getByRole("button", { name: "Approve" }).count()).toBe(0);
		expect((await world.admin.getContract("TP-B")).state).toBe("open");
		expect(handset.state).toBe(before);
	});
});
