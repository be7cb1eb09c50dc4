import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { LANGUAGES } from "../../../../provisioning/web/frame/language.ts";
import { DAY, START } from "../../registry/test-registry.ts";
import { axeViolations } from "../axe.ts";
import { noBrowser } from "../chromium.ts";
import { isWide, openRegistryStage, type RegistryStage } from "../registry-stage.ts";
import { makeBorrower, OVERDUE_FULL, SHOWN, STATES } from "./borrower-in-state.ts";

if (noBrowser) console.warn(`The borrower's page was not looked at: ${noBrowser}`);

const SCREENS = process.env.HOLDFAST_SCREENS;

async function signIn(page: Page, { contractId, code }: { contractId: string; code: string }, button = "Open my contract") {
	const [number, secret] = [page.locator("input").nth(0), page.locator("input").nth(1)];
	if ((await number.inputValue()) === "") await number.fill(contractId);
	await secret.fill(code);
	await page.getByRole("button", { name: button }).click();
	await page.locator(".status-line").waitFor();
}

describe.skipIf(noBrowser)("the borrower's page", () => {
	let stage: RegistryStage;
	beforeAll(async () => {
		stage = await openRegistryStage();
	}, 120_000);
	afterAll(() => stage?.close());
	beforeEach(() => {
		stage.registry.now = START;
	});
	const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });

	describe.each(STATES)("of a phone that is $name", ({ name, line, arrange }) => {
		it("says so first, fits a small screen, and is sound in both themes", { timeout: 60_000 }, async () => {
			const borrower = await arrange(stage.registry);
			for (const theme of ["light", "dark"]) {
				const page = await stage.open(`/borrower/#contract=${borrower.contractId}`, { theme });
				await signIn(page, borrower);
				expect(await page.locator(".status-line").textContent()).toBe(line);
				expect(await page.evaluate(() => document.activeElement?.className)).toBe("status-line");
				expect([theme, await axeViolations(page)]).toEqual([theme, []]);
				for (const width of [320, 1280]) {
					await page.setViewportSize({ width, height: 800 });
					expect([width, await isWide(page)]).toEqual([width, false]);
					if (SCREENS)
						await page.screenshot({ path: `${SCREENS}/${name.replaceAll(" ", "-")}-${theme}-${width}.png`, fullPage: true });
				}
				expect(await page.locator(".open-list li").first().textContent()).toContain("Emergency calls");
			}
		});
	});

	it("keeps number and code out of storage and address, and its contract out of both", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "K-1");
		const page = await stage.open(`/borrower/#contract=K-1&code=${borrower.code}`);
		expect(await page.getByLabel("Contract number").inputValue()).toBe("K-1");
		expect(await page.getByLabel("Code", { exact: true }).inputValue()).toBe("");
		await signIn(page, borrower);
		await page.goto(`${stage.url}/borrower/`);
		await signIn(page, borrower);
		const kept = await page.evaluate(() =>
			JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
		);
		expect(kept).not.toContain(borrower.code);
		expect(kept).not.toContain("K-1");
		expect(kept).not.toMatch(/Bearer|eyJ|\[\\?"K-1/);
		await page.reload();
		await page.getByLabel("Contract number").waitFor();
	});

	it("says what is wrong at the sign-in, and no more", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "W-1");
		const page = await stage.open("/borrower/");
		await button(page, "Open my contract").click();
		expect(await page.getByRole("alert").textContent()).toContain("fill in the contract number and the code");
		await page.getByLabel("Contract number").fill("W 1 !");
		await page.getByLabel("Code", { exact: true }).fill("ABCD");
		await button(page, "Open my contract").click();
		await page.getByText("do not belong together").waitFor();
		await page.getByLabel("Contract number").fill("W-NONE");
		await page.getByLabel("Code", { exact: true }).fill(borrower.code);
		await button(page, "Open my contract").click();
		await page.getByText("do not belong together").waitFor();
		expect(await axeViolations(page)).toEqual([]);
		await stage.registry.inNoTime(async () => {
			for (let tries = 0; tries < 10; tries += 1) {
				const answered = page.waitForResponse((response) => response.url().endsWith("/v1/borrower/session"));
				await Promise.all([answered, button(page, "Open my contract").click()]);
				await page.locator(".main-button[aria-disabled=false]").waitFor();
			}
			await page.getByText(/too often.*try again in 1 min/).waitFor();
		});
		await page.context().setOffline(true);
		await button(page, "Open my contract").click();
		await page.getByText("There is no answer. Check your internet").waitFor();
	});

	it("looks again, finds a payment, and gives the code that opens a phone without internet", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "P-1");
		stage.registry.now = START + 40 * DAY;
		await borrower.reports(OVERDUE_FULL);
		const page = await stage.open("/borrower/");
		await signIn(page, borrower);
		await button(page, "I paid, check now").click();
		await page.getByText("Nothing new since you last looked.").waitFor();
		expect(await page.getByText("Open the phone without internet").count()).toBe(0);
		await stage.registry.admin.recordPayment("P-1", { reference: "pay-p1", amountMinor: 2000 });
		await button(page, "I paid, check now").click();
		await page.getByText("A new payment was found.").waitFor();
		await page.getByText("You have paid. The unlock is on its way to your phone.").waitFor();

		const digits = page.getByLabel("The 8 digits on the phone");
		await digits.fill("1234");
		await digits.press("Enter");
		await page.getByText("That is not 8 digits.").waitFor();
		await digits.fill(`${SHOWN.slice(0, 7)}${(Number(SHOWN[7]) + 1) % 10}`);
		await digits.press("Enter");
		await page.getByText("One of the eight digits is wrong.").waitFor();
		await digits.fill(`${SHOWN.slice(0, 4)} ${SHOWN.slice(4)}`);
		await digits.press("Enter");
		await page.locator(".time-code").waitFor();
		expect(await page.locator(".time-code").textContent()).toMatch(/^(\d{4} ){3}\d $/);
		expect(await page.evaluate(() => document.activeElement?.className)).toBe("time-code");
		expect(await axeViolations(page)).toEqual([]);
		await page.setViewportSize({ width: 320, height: 640 });
		expect(await isWide(page)).toBe(false);
		if (SCREENS) await page.screenshot({ path: `${SCREENS}/code-320.png`, fullPage: true });
	});

	it("shows what the lender did, and which promise stood in the way", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "O-1");
		stage.registry.now = START + 31 * DAY;
		await stage.registry.admin.issueOrder("O-1", { action: "restrict", level: "full", reason: "overdue", note: "unpaid" });
		await borrower.reports({});
		await borrower.reports(
			{ wrongfulLockMinutes: 90 },
			{
				outcomes: borrower.phone.outcomes.map((outcome) => ({ ...outcome, result: 3, rule: "F3" })),
			},
		);
		const page = await stage.open("/borrower/");
		await signIn(page, borrower);
		const order = page.locator("section", { hasText: "What the lender did" }).locator("li").first();
		expect(await order.textContent()).toContain("Asked to lock the phone");
		expect(await order.textContent()).toContain("Reason: A payment is late");
		expect(await order.textContent()).toContain("The phone refused it, to protect you");
		expect(await order.textContent()).toContain(
			"Promise F3 protected you: No lock for a debt without warnings that were seen and have aged.",
		);
		await page.getByText("Locked by mistake: 90 minutes.").waitFor();
	});

	it("opens a dispute, and says before and after what that does", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "D-1");
		stage.registry.now = START + 31 * DAY;
		const page = await stage.open("/borrower/");
		await signIn(page, borrower);
		await page.getByText("not locked any further for 14 days").waitFor();
		await button(page, "Send to the lender").click();
		await page.getByText("Please write what is wrong.").waitFor();
		await page.getByLabel("What is wrong?").fill("<img src=x onerror=document.title='pwned'> I paid at the shop.");
		await button(page, "Send to the lender").click();
		await page.getByText("It was sent. Nothing more is locked until 16 Jul 2026.").waitFor();
		await page.getByText("Your contract is on hold. Your phone is not locked.").waitFor();
		expect(await page.getByLabel("What is wrong?").count()).toBe(0);
		expect(await axeViolations(page)).toEqual([]);
		const { rows } = await stage.registry.database.pool.query("SELECT text FROM disputes WHERE contract_id = 'D-1'");
		expect(rows).toEqual([{ text: "<img src=x onerror=document.title='pwned'> I paid at the shop." }]);
	});

	it("shows what a lender wrote as text, whatever it is", { timeout: 60_000 }, async () => {
		const script = "<img src=x onerror=document.title='pwned'>";
		const plain = await makeBorrower(stage.registry, "X-1", {
			terms: {
				lenderName: `Banco ${script}`,
				accountShown: `"><b>00</b>`,
				currency: "MXN",
				instalments: [{ dueAtUnixSeconds: START + 30 * DAY, amountMinor: 1000 }],
				contact: {
					supportPhone: "+525512345678",
					payUrl: "https://lender.example/pay",
					payInstructions: `{{amount}} ${script}\nLine two`,
				},
				languages: ["es"],
			},
		});
		await stage.registry.admin.recordPayment("X-1", { reference: "<b>ref</b>", amountMinor: 10 });
		const page = await stage.open("/borrower/");
		await signIn(page, plain);
		expect(await page.title()).toBe("My phone contract");
		await page.getByText(`{{amount}} ${script}`).waitFor();
		await page.getByText(`"><b>00</b>`).first().waitFor();
		expect(await page.locator("main img, main b, main script").count()).toBe(0);
		expect(await isWide(page)).toBe(false);
		const links = await page.locator("main a").evaluateAll((all) => all.map((each) => each.getAttribute("href")));
		expect(links).toEqual(["https://lender.example/pay", "tel:+525512345678"]);
	});

	it("ends after 30 minutes, after a warning, and when its borrower leaves", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "T-1");
		const page = await stage.open("/borrower/");
		await page.clock.install();
		await signIn(page, borrower);
		await page.clock.runFor("24:50");
		expect(await page.getByText("This page closes in about").count()).toBe(0);
		await page.clock.runFor("00:20");
		await page.getByText("This page closes in about 5 min.").waitFor();
		expect(await axeViolations(page)).toEqual([]);
		await page.clock.runFor("05:00");
		await page.getByText("The 30 minutes are over.").waitFor();
		expect(await page.locator(".status-line").count()).toBe(0);
		expect(await page.getByLabel("Contract number").inputValue()).toBe("T-1");
		await signIn(page, borrower);
		await button(page, "Leave").click();
		await page.getByText("You have left. Nothing was kept here.").waitFor();
		expect(await page.getByText("Banco de Prueba").count()).toBe(0);

		await signIn(page, borrower);
		stage.registry.now += 31 * 60;
		await button(page, "I paid, check now").click();
		await page.getByText("You are not signed in any more.").waitFor();
	});

	it("says everything in every language on a small screen", { timeout: 90_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "LANG-1");
		stage.registry.now = START + 40 * DAY;
		await borrower.reports(OVERDUE_FULL);
		await stage.registry.admin.recordPayment("LANG-1", { reference: "pay-lang", amountMinor: 1500 });
		for (const language of LANGUAGES) {
			const page = await stage.open("/borrower/", { language, context: { viewport: { width: 320, height: 640 } } });
			await page.locator(`html[lang="${language}"]`).waitFor();
			expect([language, await isWide(page)]).toEqual([language, false]);
			await page.locator("input").nth(0).fill(borrower.contractId);
			await page.locator("input").nth(1).fill(borrower.code);
			await page.locator("input").nth(1).press("Enter");
			await page.locator(".status-line").waitFor();
			expect([language, await isWide(page)]).toEqual([language, false]);
			// A key that has no words would stand there itself.
			expect(await page.locator("main").textContent()).not.toMatch(/[a-z]+\.[a-z]+[A-Z]\w*|\{\{/);
			if (SCREENS) await page.screenshot({ path: `${SCREENS}/language-${language}-320.png`, fullPage: true });
		}
	});

	it("is used with the keyboard alone", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "B-1");
		const page = await stage.open("/borrower/#contract=B-1");
		const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
		await page.keyboard.press("Tab");
		expect(await focused()).toBe("Skip to the content");
		await page.keyboard.press("Enter");
		await page.keyboard.press("Tab");
		await page.keyboard.press("Tab");
		await page.keyboard.type(borrower.code);
		await page.keyboard.press("Enter");
		await page.locator(".status-line").waitFor();
		await page.keyboard.press("Tab");
		expect(await focused()).toBe("I paid, check now");
		await page.keyboard.press("Enter");
		await page.getByText("Nothing new since you last looked.").waitFor();
		const reached: string[] = [];
		for (let presses = 0; presses < 12; presses += 1) {
			await page.keyboard.press("Tab");
			reached.push(await focused());
		}
		expect(reached).toEqual(expect.arrayContaining(["Open the page to pay", "Call +525512345678", "Send to the lender"]));
	});

	it("prints a payment as a receipt that is alone on its sheet", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "R-1");
		await stage.registry.admin.recordPayment("R-1", { reference: "pay-r1", amountMinor: 1000 });
		const page = await stage.open("/borrower/", { context: { viewport: { width: 800, height: 1000 } } });
		await page.evaluate(() => {
			window.print = () => {};
		});
		await signIn(page, borrower);
		await button(page, "Print receipt pay-r1").click();
		await page.emulateMedia({ media: "print" });
		await page.getByRole("heading", { name: "Payment receipt" }).waitFor();
		expect(await page.getByRole("heading").allTextContents()).toEqual(["Payment receipt"]);
		for (const text of ["Banco de Prueba", "R-1", "00-1001", "pay-r1"])
			expect(await page.locator(".receipt").textContent()).toContain(text);
		if (SCREENS) await page.screenshot({ path: `${SCREENS}/receipt.png`, fullPage: true });
		await page.evaluate(() => dispatchEvent(new Event("afterprint")));
		await page.emulateMedia({ media: "screen" });
		await page.getByText("You are paid up. Your phone works.").waitFor();
	});
});
