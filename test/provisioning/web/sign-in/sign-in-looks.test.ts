import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { LANGUAGES } from "../../../../provisioning/web/frame/language.ts";
import { CLIENT, type FakeProvider, startFakeProvider } from "../../registry/access/fake-provider.ts";
import { axeViolations } from "../axe.ts";
import { noBrowser } from "../chromium.ts";
import { openSignInStage, type SignInStage } from "./sign-in-stage.ts";

const isWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** A folder to keep screenshots in, for whoever wants to look: HOLDFAST_SHOTS. */
const shots = process.env.HOLDFAST_SHOTS;

describe.skipIf(noBrowser)("how the sign-in page looks", { timeout: 120_000 }, () => {
	let stage: SignInStage;
	let provider: FakeProvider;
	beforeAll(async () => {
		provider = await startFakeProvider();
		stage = await openSignInStage({ provider: { issuer: provider.issuer, name: "Lender ID", ...CLIENT } });
		if (shots !== undefined) await mkdir(shots, { recursive: true });
	});
	afterAll(async () => {
		await stage?.close();
		await provider?.close();
	});

	it.each([
		["light", 1280, "en"],
		["dark", 1280, "en"],
		["light", 320, "pt-BR"],
		["dark", 320, "hi"],
	] as const)("everybody can use it in the %s theme at %i px in %s", async (theme, width, language) => {
		const invitation = await stage.admin.addPerson({ name: `Maria Aparecida ${theme} ${width}`, roles: ["admin", "operator"] });
		const { page, complaints, close } = await stage.person({ viewport: { width, height: 800 } });
		await page.addInitScript((kept) => localStorage.setItem("holdfast-look", kept), JSON.stringify({ theme, language }));
		const look = async (name: string) => {
			expect([name, await axeViolations(page)]).toEqual([name, []]);
			expect([name, await isWide(page)]).toEqual([name, false]);
			if (shots !== undefined)
				await page.screenshot({ path: join(shots, `sign-in-${name}-${theme}-${width}.png`), fullPage: true });
		};
		const main = page.locator(".main-button").first();
		await page.goto(`${stage.origin}/sign-in/`);
		await main.waitFor();
		await look("nobody");
		await page.goto(`${stage.origin}/sign-in/#problem=PROVIDER_REFUSED`);
		await page.getByRole("alert").first().waitFor();
		await look("problem");
		await page.goto(invitation.address ?? "");
		await page.locator(".facts").waitFor();
		await look("invitation");
		await main.click();
		await page.locator(".passkey-list").waitFor();
		await look("home");
		await page.locator(".passkey-list button").click();
		await page.getByRole("dialog").waitFor();
		await look("dialog");
		expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
		await close();
	});

	it("no language is cut off on the smallest screen", async () => {
		for (const language of LANGUAGES) {
			const { page, close } = await stage.person({ viewport: { width: 320, height: 640 } });
			await page.addInitScript((kept) => localStorage.setItem("holdfast-look", kept), JSON.stringify({ language }));
			await page.goto(`${stage.origin}/sign-in/`);
			await page.locator(".main-button").waitFor();
			expect([language, await isWide(page)]).toEqual([language, false]);
			await close();
		}
	});

	it("is used by the keyboard alone: from the skip link to the passkey", async () => {
		const { page, close } = await stage.person();
		await page.goto(`${stage.origin}/sign-in/`);
		await page.locator(".main-button").waitFor();
		await page.keyboard.press("Tab");
		expect(await page.evaluate(() => document.activeElement?.className)).toBe("skip");
		await page.keyboard.press("Enter");
		await page.keyboard.press("Tab");
		expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Sign in with a passkey");
		await close();
	});

	it("leads through the identity provider and back to where the person came from", async () => {
		const { person } = await stage.admin.addPerson({ name: "Omar", roles: ["agent"], email: "omar@lender.example" });
		provider.claims = { sub: "omar", email: "omar@lender.example", email_verified: true };
		const { page, close } = await stage.person();
		await page.goto(`${stage.origin}/sign-in/#to=${encodeURIComponent("/openapi.json")}`);
		await page.getByRole("link", { name: "Sign in with Lender ID" }).click();
		await page.waitForURL(`${stage.origin}/openapi.json`);
		// An answer of the API lets no script of it ask anything: the question is a page's.
		await page.goto(`${stage.origin}/sign-in/`);
		const who = await page.evaluate(async () => (await (await fetch("/v1/session")).json()).personId as string); // as the API says
		expect(who).toBe(person.personId);
		await close();
	});
});
