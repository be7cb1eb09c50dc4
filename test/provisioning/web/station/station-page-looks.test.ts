import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fault } from "../../../../provisioning/handset/fault.ts";
import { busyView, CHECKS, createFakeStation, viewOf } from "../../station/server/fake-station.ts";
import { axeViolations } from "../axe.ts";
import { noBrowser } from "../chromium.ts";
import { drawableLanguages } from "../drawable-languages.ts";
import { openStage, type Stage } from "./browser.ts";

/** Texts on cards and in the bar that are cut off, as `where: text`. */
function clipped(page: Page): Promise<string[]> {
	return page.evaluate(() => {
		const parts = [
			".card-word",
			".card-line",
			".card-number",
			".card-step",
			".card-foot",
			".top button",
			".supply",
			".instruction p",
			".grid-tools button",
			".tile",
			".big",
		];
		return [...document.querySelectorAll<HTMLElement>(parts.join(","))]
			.filter((element) => {
				if (element.offsetParent === null && getComputedStyle(element).position !== "fixed") return false;
				const card = element.closest<HTMLElement>(".card");
				const inner = element.getBoundingClientRect();
				const outer = card?.getBoundingClientRect();
				const isOut = outer !== undefined && (inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1);
				return element.scrollWidth > element.clientWidth + 1 || isOut;
			})
			.map((element) => `${element.className}: ${element.textContent}`);
	});
}

const isWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** What does not fit, once the page stays as it is: two frames at least, for the grid measures itself after the first. */
async function expectFits(page: Page, where: readonly (string | number)[]): Promise<void> {
	const look = async () => {
		await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
		return [...where, await isWide(page), await clipped(page)];
	};
	await expect.poll(look).toEqual([...where, false, []]);
}

if (noBrowser) console.warn(`The station page was not looked at: ${noBrowser}`);

describe.skipIf(noBrowser)("how the station page looks", () => {
	let stage: Stage;
	beforeAll(async () => {
		stage = await openStage();
	});
	afterAll(() => stage?.close());

	it.each(["light", "dark"])("everybody can use every view in the %s theme", { timeout: 120_000 }, async (theme) => {
		const busy = busyView(20);
		const station = createFakeStation(busy);
		const { page, scan, server } = await stage.open({
			station,
			preferences: { theme },
			context: { viewport: { width: 1440, height: 900 } },
		});
		const sound = async (name: string) => expect([name, await axeViolations(page)]).toEqual([name, []]);
		const press = (name: string | RegExp) => page.getByRole("button", { name, exact: true }).first().click();
		const told = (text: string) => page.getByText(text).first().waitFor();
		const unfit = CHECKS.map((check, index) => ({ ...check, ok: index > 0 }));

		await sound("the slots");
		await press(/^Slot 8,/);
		await sound("a slot's panel");
		await press("Dashboard");
		await sound("the dashboard");
		await press("Batch");
		await sound("the batch");
		await press("Slots");
		await press("Type an IMEI");
		await sound("a supervisor's dialog");
		await press("Cancel");
		for (const name of [/^Select several/, /^All shown/, /^Stop \(/]) await press(name);
		await sound("many slots at once");
		await press("Cancel");
		await scan("NOT-A-CODE");
		await told("That is not a code of this batch.");
		await sound("a refusal");
		station.change({ scan: { contractId: "C-1", imeiTail: "7518", atMs: 0 } });
		await told("Plug its phone in.");
		await sound("a box that was scanned");
		station.change({ stop: { text: "Wrong phone.", slot: 3 }, adbServer: "down", registry: { ...busy.registry, state: "down" } });
		await told("Wrong phone.");
		await sound("a stop, no registry and no adb");
		station.change({ down: fault("STATION_DISK_FULL") }, ["stop"]);
		await told("The station cannot go on.");
		await sound("a station that is down");
		station.change(
			{ adbServer: "up", registry: busy.registry, shift: { operator: "Asha R.", startedAtMs: busy.nowMs, checks: unfit } },
			["down"],
		);
		await told("Before you start");
		await sound("a shift's check list");
		station.change({}, ["shift"]);
		await told("Scan your badge to sign in.");
		await sound("nobody signed in");
		await server.close();
		await told("Connection lost.");
		await sound("a lost connection");
	});

	it("shows 1 to 64 slots on every screen, none of them cut off", { timeout: 120_000 }, async () => {
		const station = createFakeStation(busyView(64));
		const { page } = await stage.open({ station });
		for (const [width, height, isWhole] of [
			[1920, 1080, true],
			[1024, 768, true],
			[390, 844, false],
			[320, 640, false],
		] as const) {
			await page.setViewportSize({ width, height });
			await expectFits(page, [width]);
			const last = await page.locator(".card").nth(63).boundingBox();
			expect([width, last && last.y + last.height <= height]).toEqual([width, isWhole]);
			const number = page.locator(".card-number").nth(63);
			expect(await number.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))).toBeGreaterThanOrEqual(
				width === 1920 ? 32 : 22,
			);
		}
		await page.setViewportSize({ width: 1366, height: 768 });
		for (const count of [1, 2, 5, 8, 16, 24, 48]) {
			station.change({ slots: busyView(count).slots });
			await expect.poll(() => page.locator(".card").count()).toBe(count);
			await expectFits(page, [count]);
		}
	});

	it("cuts no text off in any language", { timeout: 120_000 }, async () => {
		const view = busyView(64);
		const station = createFakeStation(view);
		const { page } = await stage.open({ station });
		for (const language of drawableLanguages()) {
			await page.locator(".top-end select").last().selectOption(language);
			await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe(language);
			for (const [width, height, views] of [
				[1920, 1080, [0]],
				[1024, 768, [0]],
				[320, 640, [2, 1, 0]],
			] as const) {
				await page.setViewportSize({ width, height });
				for (const index of views) {
					await page.locator(".top-views button").nth(index).click();
					await expectFits(page, [language, width]);
				}
			}
			station.change({ stop: { text: "Wrong phone in slot 3.", slot: 3 }, registry: { ...view.registry, state: "down" } });
			await page.locator(".banner.stop").waitFor();
			await expectFits(page, [language]);
			station.change({ registry: view.registry }, ["stop"]);
			await page.locator(".banner.stop").waitFor({ state: "detached" });
		}
	});

	it("makes everything that is pressed at least 24 pixels in both directions", async () => {
		const { page } = await stage.open({
			station: createFakeStation(busyView(64)),
			context: { viewport: { width: 1024, height: 768 } },
		});
		const small = await page.evaluate(
			() =>
				[...document.querySelectorAll("button, a, select, input")].filter((element) => {
					const { width, height } = element.getBoundingClientRect();
					return width > 0 && (width < 24 || height < 24);
				}).length,
		);
		expect(small).toBe(0);
	});

	it("keeps what was chosen", async () => {
		const { page } = await stage.open({ station: createFakeStation(viewOf(4)) });
		await page.getByLabel("Theme").selectOption("dark");
		await page.getByLabel("Language").selectOption("sw");
		await page.getByRole("button", { name: "Dashibodi" }).waitFor();
		await page.reload();
		await page.getByRole("button", { name: "Dashibodi" }).waitFor();
		expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
	});
});
