import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pageWeight } from "../../../bench/page-weight.ts";
import { worldOfThisFile } from "../../../e2e/test-world.ts";
import { ROOT } from "../../../house/source-tree.ts";
import { axeViolations } from "../axe.ts";
import { noBrowser } from "../chromium.ts";
import { type DeskScene, type DeskStage, openDeskStage } from "./desk-stage.ts";

const SHOTS = process.env.HOLDFAST_SHOTS;

// In-process handsets: these ask for a key, which a real adbd here does not.
describe.skipIf(noBrowser)("how the desk page looks", { timeout: 120_000 }, () => {
	const here = worldOfThisFile("desk-looks", "in-process");
	let stage: DeskStage;
	let scene: DeskScene;
	beforeAll(async () => {
		stage = await openDeskStage(here.world);
	}, 120_000);
	afterAll(() => stage?.close());
	afterEach(() => {
		expect(scene.errors).toEqual([]);
		expect(scene.bus.violations).toEqual([]);
	});

	const isWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

	it.each([
		["light", 1280],
		["dark", 320],
	] as const)("everybody can use every card in the %s theme at %i px, the phone's question among them", async (theme, width) => {
		const handset = await here.world.lab.add({ faults: ["key-ignored"] });
		const contractId = `L-${theme}`;
		await here.world.enterContract(contractId, handset);
		scene = await stage.open({ theme, context: { viewport: { width, height: 800 } } });
		const { page, press, told } = scene;
		const sound = async (name: string) => {
			if (SHOTS !== undefined) {
				mkdirSync(SHOTS, { recursive: true });
				await page.screenshot({ path: join(SHOTS, `${theme}-${name}.png`), fullPage: true });
			}
			expect([name, await axeViolations(page)]).toEqual([name, []]);
			expect([name, await isWide(page)]).toEqual([name, false]);
		};
		await told("Everything is ready.");
		await sound("preflight");
		await press("Go to the contract");
		await press("It is a new contract");
		await press("Show the terms");
		await sound("contract");
		await page.getByLabel("Contract number").first().fill(contractId);
		await press("Find it");
		await told("Show this to the borrower");
		await sound("terms");
		await page.getByRole("checkbox").check();
		await press("Go to the phone");
		await told("Connect the phone");
		scene.bus.pick = null;
		await press("Choose the phone");
		await told("No phone was chosen.");
		await sound("phone");
		scene.bus.pick = undefined;
		scene.plug(handset);
		await press("Choose the phone");
		await told("Tap Allow on the phone");
		await told(/^[34]:\d\d$/);
		await sound("allow");
		await press("Stop waiting");
		await told("CANCELLED");
		await sound("fault");
		await press("Try again");
		await told("Tap Allow on the phone");
		handset.tapAllow();
		await told("Is this the phone in your hand?");
		await sound("confirm");
		await press("Yes, this phone");
		await told("The phone is enrolled");
		await sound("receipt");
	});

	it("says in each language what it says in English, without breaking", async () => {
		scene = await stage.open({ context: { viewport: { width: 320, height: 800 } } });
		await scene.told("Everything is ready.");
		for (const [language, text] of [
			["es", "Todo está listo."],
			["pt-BR", "Tudo está pronto."],
			["hi", "सब तैयार है।"],
			["id", "Semua siap."],
			["sw", "Kila kitu kiko tayari."],
		] as const) {
			await scene.page.locator(".page-head select").last().selectOption(language);
			await scene.told(text);
			expect([language, await isWide(scene.page)]).toEqual([language, false]);
		}
	});

	it("is used with the keyboard alone, and hears where it is", async () => {
		const handset = await here.world.lab.add();
		await here.world.enterContract("L-keys", handset);
		scene = await stage.open();
		const { page, told } = scene;
		const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
		await told("Everything is ready.");
		const reach = async (name: string) => {
			for (let presses = 0; presses < 30 && (await focused()) !== name; presses += 1) await page.keyboard.press("Tab");
			expect(await focused()).toBe(name);
			await page.keyboard.press("Enter");
		};
		await reach("Go to the contract");
		expect(await focused()).toBe("Which contract?");
		await page.keyboard.press("Tab");
		await page.keyboard.type("L-keys");
		await page.keyboard.press("Enter");
		await told("Show this to the borrower");
		expect(await focused()).toBe("Show this to the borrower");
		await page.keyboard.press("Tab");
		await page.keyboard.press("Space");
		await reach("Go to the phone");
		await told("Connect the phone");
		expect(await focused()).toBe("Connect the phone");
		scene.plug(handset);
		await reach("Choose the phone");
		await told("Is this the phone in your hand?");
		expect(await focused()).toBe("Is this the phone in your hand?");
		await reach("Yes, this phone");
		await told("The phone is enrolled");
		expect(await focused()).toBe("The phone is enrolled");
	});
});

describe("the desk page's weight", () => {
	it("is at most 150 KB of compressed scripts before a contract is chosen", { timeout: 60_000 }, () => {
		execFileSync(process.execPath, [join(ROOT, "scripts/build-web.mjs"), "--if-stale"], { cwd: ROOT });
		const folder = join(ROOT, "provisioning/web/build/desk");
		const { first, all } = pageWeight(folder, "/desk/");
		expect(first).toBeLessThanOrEqual(150_000);
		expect(all).toBeGreaterThan(first);
	});
});
