import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { requestNumber } from "../../../../proto/request-number.ts";
import { wire } from "../../../../proto/wire.ts";
import { LANGUAGES } from "../../../../provisioning/web/frame/language.ts";
import { nextImei, START } from "../../registry/test-registry.ts";
import { axeViolations } from "../axe.ts";
import { makeBorrower, SHOWN } from "../borrower/borrower-in-state.ts";
import { noBrowser } from "../chromium.ts";
import { isWide, openRegistryStage, type RegistryStage } from "../registry-stage.ts";

if (noBrowser) console.warn(`The check page was not looked at: ${noBrowser}`);

const SCREENS = process.env.HOLDFAST_SCREENS;

describe.skipIf(noBrowser)("the check page", () => {
	let stage: RegistryStage;
	beforeAll(async () => {
		stage = await openRegistryStage();
	}, 120_000);
	afterAll(() => stage?.close());
	beforeEach(() => {
		stage.registry.now = START;
	});

	const told = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();
	async function ask(page: Page, imei: string) {
		await page.getByLabel("IMEI", { exact: true }).fill(imei);
		await page.getByRole("button", { name: "Check this phone" }).click();
	}
	/** Sound in the view as it is now, and no wider than the screen. */
	async function sound(page: Page, name: string, theme: string) {
		expect([name, await axeViolations(page)]).toEqual([name, []]);
		for (const width of [320, 1280]) {
			await page.setViewportSize({ width, height: 800 });
			expect([name, width, await isWide(page)]).toEqual([name, width, false]);
			if (SCREENS) await page.screenshot({ path: `${SCREENS}/check-${name}-${theme}-${width}.png`, fullPage: true });
		}
	}

	it.each(["light", "dark"])("answers every question in the %s theme, soundly", { timeout: 90_000 }, async (theme) => {
		const borrower = await makeBorrower(stage.registry, `Q-${theme}`);
		const imei = borrower.phone.identity.imei1;
		const page = await stage.open("/check/", { theme });
		await sound(page, "empty", theme);
		await ask(page, nextImei());
		await told(page, "This lender does not know the phone.");
		await sound(page, "unknown", theme);
		await ask(page, `${imei.slice(0, 8)} ${imei.slice(8)} / 01`);
		await told(page, "Do not pay for this phone now.");
		expect(await page.evaluate(() => document.activeElement?.className)).toBe("answer-line");
		await sound(page, "financed", theme);

		const digits = page.getByLabel("The 8 digits on the phone");
		const compare = async (number: string) => {
			await digits.fill(number);
			await digits.press("Enter");
		};
		await compare("1234");
		await told(page, "That is not 8 digits.");
		await compare("12345678");
		await told(page, "One of the 8 digits is wrong.");
		await compare(requestNumber({ counter: 3, nonce: 999 }));
		await told(page, "Warning: these are not the digits");
		await sound(page, "other-phone", theme);
		await compare(SHOWN);
		await told(page, "Yes. The phone that shows these digits is the phone of this contract.");
		await sound(page, "same-phone", theme);

		const { certificateId = "" } = await stage.registry.admin.payOff(borrower.contractId, { reference: `all-${theme}` });
		await page.getByLabel("Certificate number").fill(certificateId.toLowerCase());
		await page.getByRole("button", { name: "Check the certificate" }).click();
		await told(page, "This certificate is genuine.");
		await told(page, "The phone has not reported that it is free yet.");
		await sound(page, "not-reported", theme);
		await borrower.reports({ standing: wire.Standing.STANDING_RELEASED, ownershipReturned: true });
		await page.getByRole("button", { name: "Check the certificate" }).click();
		await told(page, "The phone has reported that it is free for ever.");
		await told(page, [imei, borrower.phone.identity.imei2 ?? ""].map((each) => each.slice(-4)).join(", "));
		await sound(page, "free", theme);
		await ask(page, imei);
		await told(page, "This phone is free.");
		expect(await page.getByText("Is the phone in your hand that phone?").count()).toBe(0);
		await sound(page, "clear", theme);
	});

	it("says what is wrong with a number before anybody is asked", { timeout: 60_000 }, async () => {
		const page = await stage.open("/check/");
		const asked: string[] = [];
		page.on("request", (request) => asked.push(request.url()));
		await ask(page, "35 0000");
		await told(page, "That is not 15 digits. You typed 6.");
		await ask(page, "350000000000011");
		await told(page, "the last one does not fit the others");
		await ask(page, "111111111111111");
		await told(page, "It is not a real IMEI.");
		await page.getByLabel("Certificate number").fill("HF-123");
		await page.getByRole("button", { name: "Check the certificate" }).click();
		await told(page, "That is not a certificate number.");
		expect(asked.filter((url) => url.includes("/v1/"))).toEqual([]);
		expect(await axeViolations(page)).toEqual([]);
	});

	it("opens from a paper's QR code with its answer, and keeps nothing", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "QR-1");
		const { certificateId = "" } = await stage.registry.admin.payOff("QR-1", { reference: "back", reason: "returned" });
		const page = await stage.open(`/check/#certificate=${certificateId}`);
		await told(page, "This certificate is genuine.");
		await told(page, "The phone was given back to the lender.");
		expect(await page.getByRole("heading", { level: 2 }).first().textContent()).toBe("Check a certificate");
		await page.goto(`${stage.url}/check/#certificate=HF-0000000000000000`);
		await told(page, "This lender gave out no such certificate.");
		await ask(page, borrower.phone.identity.imei1);
		const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
		expect(kept).not.toContain(borrower.phone.identity.imei1);
		expect(kept).not.toContain(certificateId);
	});

	it("says politely when to ask again, and that there is no network", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "L-1");
		const page = await stage.open("/check/");
		await ask(page, borrower.phone.identity.imei1);
		const digits = page.getByLabel("The 8 digits on the phone");
		for (let nonce = 500; nonce < 506; nonce += 1) {
			await digits.fill(requestNumber({ counter: 3, nonce }));
			await Promise.all([page.waitForResponse((response) => response.url().includes("/possession")), digits.press("Enter")]);
			await page.getByRole("button", { name: "Compare" }).waitFor();
		}
		await digits.press("Enter");
		await told(page, /asked about too often.*try again in 10 min/);
		await stage.registry.inNoTime(async () => {
			await page.evaluate(async (imei) => {
				for (let others = 0; others < 30; others += 1) await fetch(`/v1/imei/${imei}`);
			}, nextImei());
			await ask(page, nextImei());
			await told(page, "Too many questions. Please try again in 1 min.");
		});
		await page.context().setOffline(true);
		await ask(page, nextImei());
		await told(page, "There is no answer. Check your internet");
	});

	it("says everything in every language on a small screen", { timeout: 90_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "LANG-2");
		for (const language of LANGUAGES) {
			const page = await stage.open("/check/", { language, context: { viewport: { width: 320, height: 640 } } });
			await page.locator(`html[lang="${language}"]`).waitFor();
			await page.locator("input").nth(0).fill(borrower.phone.identity.imei1);
			await page.locator("input").nth(0).press("Enter");
			await page.locator(".answer-line").waitFor();
			expect([language, await isWide(page)]).toEqual([language, false]);
			if (SCREENS) await page.screenshot({ path: `${SCREENS}/check-language-${language}-320.png`, fullPage: true });
		}
	});

	it("is used with the keyboard alone", { timeout: 60_000 }, async () => {
		const borrower = await makeBorrower(stage.registry, "KB-1");
		const page = await stage.open("/check/");
		for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press("Tab");
		await page.keyboard.type(borrower.phone.identity.imei1);
		await page.keyboard.press("Enter");
		await told(page, "Do not pay for this phone now.");
		await page.keyboard.press("Tab");
		await page.keyboard.type(SHOWN);
		await page.keyboard.press("Enter");
		await told(page, "Yes. The phone that shows these digits");
	});
});
