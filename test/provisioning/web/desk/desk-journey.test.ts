import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { sampleContract } from "../../../e2e/sample-contract.ts";
import { worldOfThisFile } from "../../../e2e/test-world.ts";
import type { LabHandset } from "../../../lab/lab-handset.ts";
import { noBrowser } from "../chromium.ts";
import { type DeskScene, type DeskStage, openDeskStage } from "./desk-stage.ts";

if (noBrowser) console.warn(`The desk page was not looked at: ${noBrowser}`);

const SHOTS = process.env.HOLDFAST_SHOTS;

/** For people who want to see it: HOLDFAST_SHOTS names a folder. */
async function shot(page: Page, name: string): Promise<void> {
	if (SHOTS === undefined) return;
	mkdirSync(SHOTS, { recursive: true });
	await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

describe.skipIf(noBrowser)("a sale at the desk, over WebUSB", { timeout: 120_000 }, () => {
	const here = worldOfThisFile("desk");
	let stage: DeskStage;
	let scene: DeskScene;
	let contracts = 0;
	beforeAll(async () => {
		stage = await openDeskStage(here.world);
	}, 120_000);
	afterAll(() => stage?.close());
	afterEach(async ({ task }) => {
		if (task.result?.state === "fail") await shot(scene.page, `failed-${task.name.slice(0, 40)}`);
		expect(scene.errors).toEqual([]);
		expect(scene.bus.violations).toEqual([]);
	});

	/** A new phone and a contract for it. */
	async function sale(faults: readonly string[] = []) {
		contracts += 1;
		const handset = await here.world.lab.add({ faults });
		const contractId = `D-${contracts}`;
		await here.world.enterContract(contractId, handset);
		return { handset, contractId };
	}

	it("goes from a contract's number to a sealed phone and its receipt", async () => {
		const { handset, contractId } = await sale();
		scene = await stage.open();
		const { page, press, told } = scene;
		await told("Everything is ready.");
		await shot(page, "1-preflight");
		await scene.find(contractId);
		await told("Sample Lender");
		await shot(page, "2-terms");
		await page.getByRole("checkbox").check();
		await press("Go to the phone");
		await told("Connect the phone");
		await shot(page, "3-phone");
		scene.plug(handset);
		await press("Choose the phone");
		await told("Is this the phone in your hand?");
		await told(`… ${handset.imeis[0]?.slice(-4)}`);
		await shot(page, "4-confirm");
		await press("Yes, this phone");
		await told("The phone is enrolled");
		await shot(page, "5-receipt");
		await told("USB debugging is off.");
		const ownCode = (await here.world.admin.borrowerCode(contractId)).code;
		await told(ownCode);
		expect(page.url()).not.toContain(ownCode);
		const contract = await here.world.admin.getContract(contractId);
		expect(contract.enrollment).toMatchObject({ imei1: handset.imeis[0], serial: handset.serial });
		await told(contract.enrollment?.bindingSha256 ?? "no binding");
		expect(handset.restrictions()).toContain("debugging");
		await press("Next phone");
		await told("Which contract?");
		// The same contract again: its phone is sealed, so that only the receipt is left to do.
		await page.getByLabel("Contract number").fill(contractId);
		await press("Find it");
		await told("The phone is enrolled");
	});

	/** Presses on until the phone's steps run. */
	async function begin(handset: LabHandset, contractId: string) {
		scene = await stage.open();
		scene.bus.pick = handset.serial;
		await scene.toPhone(contractId);
		scene.plug(handset);
		await scene.press("Choose the phone");
		await scene.told("Is this the phone in your hand?");
	}

	const running = (name: string) =>
		scene.page.waitForFunction(
			(step) => document.querySelector(`[data-step="${step}"]`)?.matches(".step-running, .step-done, .step-already"),
			name,
			{ polling: 5 },
		);

	it.each(["install", "own", "grants", "bind", "attest", "confirm"])(
		"goes on by itself when the cable was pulled at the step %s",
		async (step) => {
			const { handset, contractId } = await sale();
			await begin(handset, contractId);
			await scene.press("Yes, this phone");
			await running(step);
			scene.bus.unplug(handset.serial, step === "own" ? "event-first" : "transfer-first");
			await scene.told("USB_LOST");
			scene.plug(handset);
			await scene.told("The phone is enrolled");
			expect((await here.world.admin.getContract(contractId)).enrollment?.imei1).toBe(handset.imeis[0]);
		},
	);

	it("ends well when the cable was pulled while the phone sealed itself, whether it had or not", async () => {
		const { handset, contractId } = await sale();
		await begin(handset, contractId);
		await scene.press("Yes, this phone");
		await running("seal");
		scene.bus.unplug(handset.serial);
		await Promise.race([scene.told("USB_LOST"), scene.told("The phone is enrolled")]);
		if (!handset.restrictions().includes("debugging")) scene.plug(handset);
		await scene.told("The phone is enrolled");
		expect((await here.world.admin.getContract(contractId)).enrollment?.state).toBe("sealed");
	});

	it("stops in red when another phone comes back, and takes the right one", async () => {
		const { handset, contractId } = await sale();
		const other = await here.world.lab.add();
		await begin(handset, contractId);
		await scene.press("Yes, this phone");
		await running("install");
		scene.bus.unplug(handset.serial);
		await scene.told("USB_LOST");
		// The same serial number on USB: only its IMEI tells.
		scene.plug(other, { serial: handset.serial });
		await scene.told("Stop: do not go on with this phone");
		await scene.told("IDENTITY_CHANGED");
		await shot(scene.page, "6-stop");
		expect(other.agent).toBeUndefined();
		// Both have one serial number: only by turns can the browser tell them apart.
		const listed = (count: number) =>
			scene.page.waitForFunction(`navigator.usb.getDevices().then((devices) => devices.length === ${count})`);
		scene.bus.unplug(handset.serial);
		await listed(0);
		scene.plug(handset);
		await listed(1);
		await scene.press("Try again");
		await scene.told("The phone is enrolled");
	});

	it("goes on after the page was loaded again, with the phone that was confirmed", async () => {
		const { handset, contractId } = await sale();
		await begin(handset, contractId);
		await scene.press("Yes, this phone");
		await running("own");
		await scene.page.reload();
		await scene.press("Go to the contract");
		await scene.told("Work was under way here");
		await scene.press("Go on with it");
		await scene.press(/^Use Redmi/);
		await scene.told("The phone is enrolled");
	});

	it("changes nothing when the clerk says that it is another phone", async () => {
		const { handset, contractId } = await sale();
		await begin(handset, contractId);
		await scene.press("No, stop");
		await scene.told("CANCELLED");
		expect(handset.agent).toBeUndefined();
		expect((await here.world.admin.getContract(contractId)).enrollment?.state ?? "offered").toBe("offered");
	});

	it("stops after the running step when asked to, and goes on later", async () => {
		const { handset, contractId } = await sale();
		await begin(handset, contractId);
		await scene.press("Yes, this phone");
		await scene.press("Stop after this step");
		await scene.told("CANCELLED");
		await scene.press("Try again");
		await scene.told("The phone is enrolled");
	});

	it("refuses a phone that the contract does not name", async () => {
		const { contractId } = await sale();
		const other = await here.world.lab.add();
		await begin(other, contractId);
		await scene.press("Yes, this phone");
		await scene.told("Stop: do not go on with this phone");
		await scene.told("IMEI_MISMATCH");
		await scene.press("Back to the contract");
		await scene.told("Which contract?");
	});

	it("refuses a phone that is on another contract", async () => {
		const { handset } = await sale();
		const { imeis: _, ...second } = sampleContract("D-second", [], Math.floor(here.world.clock.nowMs() / 1000));
		await here.world.admin.createContract(second);
		await begin(handset, "D-second");
		await scene.press("Yes, this phone");
		await scene.told("IMEI_ON_OTHER_CONTRACT");
	});

	it("works in one tab at a time", async () => {
		scene = await stage.open();
		await scene.told("Everything is ready.");
		const second = await scene.tab();
		await second.getByText("The desk is open in another tab").waitFor();
		await scene.page.close();
		await second.getByText("Everything is ready.").waitFor();
	});

	it("says what holds the phone, and goes on when it is free", async () => {
		const { handset, contractId } = await sale();
		scene = await stage.open();
		const { bus, press, told } = scene;
		await scene.toPhone(contractId);
		bus.pick = null;
		scene.plug(handset);
		await press("Choose the phone");
		await told("No phone was chosen.");
		bus.pick = undefined;
		bus.setTroubles(handset.serial, { busy: true });
		await press("Choose the phone");
		await told("USB_BUSY");
		await shot(scene.page, "7-busy");
		bus.setTroubles(handset.serial, { denied: true });
		await press("Try again");
		await told("USB_ACCESS_DENIED");
		await press("Copy for support");
		await told("Copied.");
		expect(await scene.page.evaluate(() => navigator.clipboard.readText())).toMatch(/^USB_ACCESS_DENIED\nstep: -\ncontract: D-/);
		bus.setTroubles(handset.serial, {});
		bus.forget(handset.serial);
		await press("Try again");
		await told("USB_GRANT_LOST");
		await press("Choose the phone");
		await told("Connect the phone");
		await press("Choose the phone");
		await told("Is this the phone in your hand?");
		// The phone leaves while the clerk compares: nothing was confirmed, so the clerk is asked again.
		bus.setTroubles(handset.serial, { stall: "stall" });
		await told("USB_LOST");
		bus.setTroubles(handset.serial, {});
		await press("Try again");
		await press("Yes, this phone");
		await told("The phone is enrolled");
	});

	it("enters a contract in the borrower's language before the phone is touched", async () => {
		const handset = await here.world.lab.add();
		scene = await stage.open();
		const { page, press, told } = scene;
		await press("Go to the contract");
		await press("It is a new contract");
		await press("Show the terms");
		await told("Look at the marked fields again.");
		for (const [label, text] of [
			["Contract number", "D-new"],
			["IMEI on the box (not needed)", handset.imeis[0] ?? ""],
			["Amount of one payment", "1,250.50"],
			["Currency, such as USD", "mxn"],
			["Number of payments", "3"],
			["Name of the lender", "Banco de Prueba"],
			["Telephone for help, such as +15550100", "+52 55 1234 5678"],
		] as const)
			await page.locator(".form").getByLabel(label, { exact: true }).fill(text);
		await page.getByLabel("Country of the contract").selectOption("MX");
		await page.getByLabel("Language of the borrower").selectOption("es");
		await shot(page, "8-form");
		await press("Show the terms");
		await told("Show this to the borrower");
		await page.locator(".terms[lang=es]").waitFor();
		await told("$3,751.50");
		await shot(page, "9-terms-es");
		await page.getByRole("checkbox").check();
		await press("Enter the contract and go to the phone");
		scene.plug(handset);
		await press("Choose the phone");
		await press("Yes, this phone");
		await told("The phone is enrolled");
		const contract = await here.world.admin.getContract("D-new");
		expect(contract).toMatchObject({ currency: "MXN", totalMinor: 375_150, imeis: [handset.imeis[0]] });
	});

	it("says politely that a browser without WebUSB cannot do it, and which command can", async () => {
		scene = await stage.open({ noUsb: true, before: "delete Navigator.prototype.usb" });
		await scene.told("Put the marked lines right first.");
		await scene.told(`holdfast enroll CONTRACT --registry ${scene.bus.url}`);
		await shot(scene.page, "10-no-usb");
		expect(await scene.page.getByRole("button", { name: "Go to the contract" }).count()).toBe(0);
	});

	it("says that there is no such contract", async () => {
		scene = await stage.open();
		await scene.press("Go to the contract");
		await scene.page.getByLabel("Contract number").fill("NONE");
		await scene.press("Find it");
		await scene.told("CONTRACT_UNKNOWN");
	});
});
