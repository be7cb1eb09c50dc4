import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import { LANGUAGES } from "../../../../provisioning/web/frame/language.ts";
import { ADMIN_TOKEN, DAY, START } from "../../registry/test-registry.ts";
import { axeViolations } from "../axe.ts";
import { noBrowser } from "../chromium.ts";
import { type ConsoleStage, LOCKED, openConsoleStage, withTerms } from "./console-stage.ts";

if (noBrowser) console.warn(`How the console looks was not looked at: ${noBrowser}`);

describe.skipIf(noBrowser)("how the console looks", () => {
	const VIEWS = [
		"",
		"?contract=L-1",
		...["payment", "notice", "hold", "restrict", "restore", "service", "code", "payoff"].map((act) => `?contract=L-1&act=${act}`),
		...["paid-but-locked", "locked-in-error", "in-clearing", "return"].map((act) => `?contract=L-1&act=${act}`),
		...["payments", "fleet", "approvals", "audit", "people"].map((view) => `?view=${view}`),
	];
	const sound = async (page: Page, view: string) => expect([view, await axeViolations(page)]).toEqual([view, []]);
	let stage: ConsoleStage;
	beforeAll(async () => {
		stage = await openConsoleStage();
		await stage.enroll("L-1", LOCKED, withTerms({ accountShown: "W".repeat(40), lenderName: "ünbrëakable".repeat(7) }));
		await stage.registry.admin.recordPayment("L-1", { reference: "p".repeat(80), amountMinor: 1500 });
		await stage.registry.admin.issueOrder("L-1", {
			action: "hold",
			kind: "dispute",
			reason: "dispute",
			untilUnixSeconds: START + DAY,
		});
		const access = createAccessClient({ url: stage.registry.url, adminToken: ADMIN_TOKEN });
		await access.addProgram({ name: "L".repeat(40), roles: ["agent", "operator", "auditor"], station: `S-${"9".repeat(50)}` });
	}, 120_000);
	afterAll(() => stage?.close());

	it.each(["light", "dark"])("everybody can use every view in the %s theme", { timeout: 180_000 }, async (theme) => {
		const person = await stage.person(["admin"], { theme });
		for (const view of VIEWS) {
			await person.goto(view);
			await person.page.locator("h2").first().waitFor();
			await person.settled();
			await sound(person.page, view);
		}
		const { page } = person;
		await person.goto("?contract=L-1&act=restrict");
		await page.getByLabel("Limited").check();
		await page.getByLabel("Fraud").check();
		await page.getByLabel("Why, in your own words").fill("asked by the branch");
		await page.getByRole("button", { name: "Check first" }).click();
		await page.getByText("What stands against it").waitFor();
		await sound(page, "what stands against a lock");
		await person.goto("?contract=L-1&act=payoff");
		await page.getByLabel("Reference", { exact: true }).fill("L-END");
		await page.locator("form").getByRole("button", { name: "Paid off" }).click();
		await page.getByRole("dialog").waitFor();
		await sound(page, "the question whether it is this phone");
		await person.goto("?contract=L-1&act=paid-but-locked");
		await page.getByRole("button", { name: "Find out" }).click();
		await page.getByText("What to tell the borrower").waitFor();
		await sound(page, "what to tell the borrower");
		await person.goto("?view=people");
		await page.getByRole("button", { name: "Add a program" }).click();
		await page.getByRole("button", { name: /^Change\s+L{2}/ }).click();
		await sound(page, "programs");
		await person.close();
	});

	it.each(LANGUAGES)("nothing is wider than the narrowest screen in %s", { timeout: 120_000 }, async (language) => {
		const person = await stage.person(["admin"], { language, viewport: { width: 320, height: 700 } });
		for (const view of VIEWS) {
			await person.goto(view);
			await person.page.locator("h2").first().waitFor();
			await person.settled();
			const over = await person.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			expect([view, over]).toEqual([view, 0]);
		}
		await person.close();
	});
});
