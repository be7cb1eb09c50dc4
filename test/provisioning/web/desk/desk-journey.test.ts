import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { worldOfThisFile } from "../../../e2e/test-world.ts";
import { type DeskScene, type DeskStage, noBrowser, openDeskStage } from "./desk-stage.ts";

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
	afterEach(() => {
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
		const contract = await here.world.admin.getContract(contractId);
		expect(contract.enrollment).toMatchObject({ imei1: handset.imeis[0], serial: handset.serial });
		await told(contract.enrollment?.bindingSha256 ?? "no binding");
		expect(handset.restrictions()).toContain("debugging");
		await press("Next phone");
		await told("Which contract?");
	});
});
