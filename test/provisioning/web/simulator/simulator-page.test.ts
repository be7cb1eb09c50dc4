import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { nobleCrypto } from "../../../../proto/noble-crypto.ts";
import { auditRecord } from "../../../../provisioning/audit/audit-record.ts";
import { reportOf } from "../../../../provisioning/simulation/life-report.ts";
import { STORY_NAMES, story } from "../../../../provisioning/simulation/stories.ts";
import { bundleAgent } from "../../../../scripts/agent/bundle-agent.ts";
import { startHoldfast } from "../../../e2e/holdfast-process.ts";
import { agentScript, lived } from "../../simulation/agent-under-test.ts";
import { axeViolations } from "../axe.ts";
import { noBrowser } from "../chromium.ts";
import { openSimulatorStage, PAGES_FOLDER, type SimulatorStage } from "./simulator-stage.ts";

const DAY = 24;

/** Moves the slider, and waits until the phone is there. */
async function goTo(page: Page, hour: number): Promise<void> {
	await page.getByRole("slider").fill(String(hour));
	await page.getByText(`Day ${Math.floor(hour / DAY)}`, { exact: true }).waitFor();
}

const headOf = (page: Page) => page.locator("dd.hash").first().innerText();
const standing = (page: Page, name: string) => page.locator(`.standing.at-${name}`).waitFor();

describe.skipIf(noBrowser !== undefined)("the simulator's page", { timeout: 300_000 }, () => {
	let stage: SimulatorStage;
	let folder: string;
	beforeAll(async () => {
		stage = await openSimulatorStage();
		folder = await mkdtemp(join(tmpdir(), "holdfast-simulator-"));
	}, 180_000);
	afterAll(async () => {
		await stage?.close();
		await rm(folder, { recursive: true, force: true });
	});
	afterEach(() => expect(stage.complaints).toEqual([]));

	it("runs the very bytes that the APK's agent is, and says which", async () => {
		const sha256 = createHash("sha256")
			.update(await bundleAgent())
			.digest("hex");
		const page = await stage.open();
		await page.getByText(sha256).waitFor();
		await page.context().close();
	});

	it("lives every story as the command line's code does, to the head of the record", async () => {
		const script = await agentScript();
		const page = await stage.open();
		for (const name of STORY_NAMES) {
			const { standing: last, recordHead } = reportOf(lived(script, story(name)));
			await page.getByLabel("Story").selectOption(name);
			await page.getByText("Day 0", { exact: true }).waitFor();
			await page.getByRole("button", { name: "To the end" }).click();
			await page.getByText(recordHead).waitFor();
			await standing(page, last);
		}
		await page.context().close();
	});

	it("gives the same life to `holdfast sim life` from the file it saves, and reads it back", async () => {
		const page = await stage.open({ context: { acceptDownloads: true } });
		await page.getByLabel("Story").selectOption("neverPays");
		await goTo(page, 45 * DAY);
		await standing(page, "full");
		await page.getByRole("button", { name: "Use an emergency pass" }).click();
		await page.getByText("Use an emergency pass: done.").waitFor();
		await page.getByRole("button", { name: "Thief orders: full lock" }).click();
		await page.getByText(/A thief's order: not done\. F3/).waitFor();
		await page.getByRole("button", { name: "To the end" }).click();
		await page.getByText("Day 90", { exact: true }).waitFor();
		const head = await headOf(page);
		await page.getByText("Save or load").click();
		const [saved] = await Promise.all([
			page.waitForEvent("download"),
			page.getByRole("button", { name: "Save as a file" }).click(),
		]);
		const file = join(folder, "life.json");
		await saved.saveAs(file);

		const env = { HOME: folder };
		const record = join(folder, "record.bin");
		const agent = join(PAGES_FOLDER, "agent-bundle/agent.js");
		const { code, stdout, stderr } = await startHoldfast(["sim", "life", file, "--agent", agent, "--record", record, "--json"], {
			env,
		}).ended;
		expect([code, stderr.includes("unexpected")]).toEqual([0, false]);
		expect(JSON.parse(stdout)).toMatchObject({ ok: true, recordHead: head, standing: "full", hours: 90 * DAY });
		expect(auditRecord({ crypto: nobleCrypto }, Uint8Array.from(await readFile(record))).verdict).toBe("ok");

		await page.getByLabel("Story").selectOption("goodPayer");
		await page.getByLabel("Load a file").setInputFiles(file);
		await page.getByText("Day 0", { exact: true }).waitFor();
		await page.getByRole("button", { name: "To the end" }).click();
		await page.getByText(head).waitFor();

		const rubbish = join(folder, "rubbish.json");
		await writeFile(rubbish, '{"holdfast":"life","version":1}');
		await page.getByLabel("Load a file").setInputFiles(rubbish);
		expect(await page.getByRole("alert").innerText()).toContain("That file cannot be used");
		expect(await headOf(page)).toBe(head);
		await page.context().close();
	});

	it("draws the phone, and lists what still works as it is restricted", async () => {
		const page = await stage.open();
		await page.getByLabel("Story").selectOption("neverPays");
		await goTo(page, 45 * DAY);
		const phone = page.getByRole("figure", { name: "The phone's screen" });
		await phone.getByText("This phone is locked").waitFor();
		expect(await phone.innerText()).toContain("Emergency call");
		const works = page.locator(".works li");
		expect(await works.filter({ hasText: "Emergency calls" }).innerText()).toContain("works");
		expect(await works.filter({ hasText: "Camera and gallery" }).innerText()).toContain("off");
		await page.getByRole("button", { name: "Pay everything" }).click();
		await phone.getByText("This phone is all yours").waitFor();
		expect(await works.filter({ hasText: "off" }).count()).toBe(0);
		// Back in time, as if it had not been paid.
		await goTo(page, 20 * DAY);
		await phone.getByText("Your phone and your plan").waitFor();
		await page.context().close();
	});

	it("begins with a contract of one's own, under another place's rules", async () => {
		const page = await stage.open();
		await page.getByLabel("Story").selectOption("neverPays");
		await page.getByText("Amounts and place").click();
		await page.getByLabel("Rules of").selectOption("IN");
		await page.getByLabel("Number of instalments").fill("99");
		await page.getByRole("button", { name: "Begin with this contract" }).click();
		await page.getByText("Please check the amounts").waitFor();
		await page.getByLabel("Number of instalments").fill("6");
		await page.getByRole("button", { name: "Begin with this contract" }).click();
		await page.getByText("What happens is up to you.").waitFor();
		await goTo(page, 200 * DAY);
		await standing(page, "limited");
		await page.getByRole("button", { name: "Look ahead" }).click();
		await page.locator("section", { hasText: "What comes if nothing else happens" }).locator("li, p").nth(1).waitFor();
		await page.context().close();
	});

	it("is used by keyboard alone", async () => {
		const page = await stage.open();
		const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
		const tabTo = async (text: string) => {
			for (let presses = 0; presses < 60 && (await focused()) !== text; presses += 1) await page.keyboard.press("Tab");
			expect(await focused()).toBe(text);
		};
		await tabTo("+ 1 week");
		await page.keyboard.press("Enter");
		await page.getByText("Day 7", { exact: true }).waitFor();
		await tabTo("Pay one instalment");
		await page.keyboard.press("Space");
		await page.getByText("Pay one instalment: done.").waitFor();
		await page.getByRole("slider").focus();
		await page.keyboard.press("End");
		await standing(page, "released");
		await page.context().close();
	});

	it("plays, and stops at the end", async () => {
		const page = await stage.open();
		await page.getByLabel("Story").selectOption("neverPays");
		await goTo(page, 88 * DAY);
		await page.getByRole("button", { name: "Play" }).click();
		await page.getByText("Day 90", { exact: true }).waitFor();
		await page.getByRole("button", { name: "Play" }).waitFor();
		await page.context().close();
	});

	it.each([
		["light", 320],
		["light", 1280],
		["dark", 320],
		["dark", 1280],
	] as const)("fits and can be used by everybody, %s at %i px", async (theme, width) => {
		const page = await stage.open({ context: { viewport: { width, height: 900 } }, look: { theme } });
		await page.getByLabel("Story").selectOption("neverPays");
		for (const details of await page.locator("summary").all()) await details.click();
		for (const [day, name] of [
			[1, "unlocked"],
			[31, "grace"],
			[36, "limited"],
			[45, "full"],
		] as const) {
			await goTo(page, day * DAY + 10);
			await standing(page, name);
			expect(await axeViolations(page)).toEqual([]);
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
		}
		await page.getByRole("button", { name: "Look ahead" }).click();
		await page.getByRole("button", { name: "Switch off" }).click();
		await page.getByText("Switched off", { exact: true }).waitFor();
		expect(await axeViolations(page)).toEqual([]);
		const shots = process.env.HOLDFAST_SCREENSHOTS;
		if (shots !== undefined) await page.screenshot({ path: join(shots, `simulator-${theme}-${width}.png`), fullPage: true });
		await page.context().close();
	});

	it.each(["es", "pt-BR", "hi", "id", "sw"])("speaks %s, without a width too much", async (language) => {
		const page = await stage.open({ context: { viewport: { width: 320, height: 900 } }, look: { language } });
		await page.locator(`html[lang="${language}"]`).waitFor();
		await page.getByRole("slider").fill(String(96 * DAY));
		await standing(page, "limited");
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
		await page.context().close();
	});
});
