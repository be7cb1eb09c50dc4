import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noBrowser } from "../chromium.ts";
import { type ConsoleStage, openConsoleStage } from "./console-stage.ts";

if (noBrowser) console.warn(`The console's programs were not looked at: ${noBrowser}`);

describe.skipIf(noBrowser)("programs on the console", () => {
	let stage: ConsoleStage;
	beforeAll(async () => {
		stage = await openConsoleStage();
	}, 120_000);
	afterAll(() => stage?.close());

	it("a program is given a token, another one, and none any more", { timeout: 60_000 }, async () => {
		const boss = await stage.person(["admin"]);
		await boss.goto("?view=people");
		const { page } = boss;
		const programs = page.getByRole("region", { name: "Programs", exact: true });
		await page.getByRole("button", { name: "Add a program", exact: true }).click();
		const adding = page.getByRole("region", { name: "Add a program", exact: true });
		await adding.getByLabel("Name", { exact: true }).fill("Line A");
		await adding.getByLabel(/^Station/).fill("no station");
		await page.getByText("Letters, digits, dots and dashes").waitFor();
		await adding.getByLabel(/^Station/).fill("S-A");
		await adding.getByLabel(/^Operator/).check();
		await page.getByRole("button", { name: "Make its token", exact: true }).click();
		const token = adding.locator("code.value");
		await token.waitFor();
		const first = await token.innerText();
		const status = async (bearer: string) =>
			(await fetch(`${stage.registry.url}/v1/session`, { headers: { authorization: `Bearer ${bearer}` } })).status;
		expect([first.startsWith("hfp_"), await status(first)]).toEqual([true, 200]);
		await programs.getByRole("button", { name: "Change Line A" }).click();
		const changing = page.getByRole("region", { name: "Change Line A" });
		await changing.getByLabel(/^Ends at once/).check();
		await page.getByRole("button", { name: "Make another token", exact: true }).click();
		await changing.locator("code.value").waitFor();
		const second = await changing.locator("code.value").innerText();
		expect([await status(first), await status(second)]).toEqual([401, 200]);
		await page.getByRole("button", { name: "Revoke", exact: true }).click();
		await programs.getByRole("table").getByText("Revoked").waitFor();
		expect(await status(second)).toBe(401);
		expect(boss.complaints).toEqual([]);
		await boss.close();
		const auditor = await stage.person(["auditor"]);
		await auditor.goto("?view=people");
		await auditor.page.getByText("Line A").waitFor();
		expect(await auditor.page.getByRole("button", { name: "Add a program", exact: true }).count()).toBe(0);
		await auditor.close();
	});

	it("are on a page that is cleared when its session ends while nobody is at it", { timeout: 60_000 }, async () => {
		const boss = await stage.person(["admin"]);
		const { page } = boss;
		await boss.goto("?view=people");
		await page.getByRole("region", { name: "Programs", exact: true }).waitFor();
		const before = stage.registry.now;
		stage.registry.now += 31 * 60;
		await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
		await page.waitForURL(/\/sign-in\/#to=/);
		expect(await page.getByText("Test admin").count()).toBe(0);
		stage.registry.now = before;
		await boss.close();
	});
});
