import type { CDPSession, Page } from "playwright-core";

import { LANGUAGES } from "../../../../provisioning/web/frame/language.ts";
import { axeViolations } from "../axe.ts";
import { SCREENS, THEMES, type Theme, WIDTHS, type Width } from "./picture.ts";
import { steadyScript, type TextMask } from "./steady.ts";

/** One look at one state of a page. */
export interface Look {
	readonly page: string;
	readonly state: string;
	readonly theme: Theme;
	readonly width: Width;
	readonly language: string;
}

/** What is asked for while the states of the pages are gone through. */
export interface Wish {
	/** Whether this look is wanted. */
	wants(look: Look): boolean;
	/** A PNG of it, as it is kept or to be looked at. */
	readonly size: "kept" | "sheet" | "both";
	/** Whether axe and the fit are asked, too. */
	readonly isAudited: boolean;
	/** @param isLast whether it is not drawn once more. @returns whether it will do; if not, it is drawn again: the page may have moved. */
	take(look: Look, png: { readonly kept?: Buffer; readonly sheet?: Buffer }, isLast: boolean): Promise<boolean>;
	/** What is wrong in a state: axe's words, or what does not fit. */
	report(look: Look, problems: readonly string[]): void;
}

export interface StateOptions {
	/** Its words are long enough to be looked at in every language. */
	readonly inEveryLanguage?: boolean;
	/** Elements that are shown as a grey area, as each run draws them anew: codes as pictures. */
	readonly hidden?: readonly string[];
	readonly masks?: readonly TextMask[];
	/** The page fits itself to its window, so that more than the window cannot be drawn without changing it. */
	readonly isWindowOnly?: boolean;
}

/** Shows a state to whoever wants a look at it. */
export type Show = (page: Page, state: string, options?: StateOptions) => Promise<void>;

/** How often a picture is drawn until it will do. */
const TRIES = 3;

/** Looks at a page's states with the one window that each has. */
export function shower(name: string, wish: Wish): Show {
	return async (page, state, { inEveryLanguage = false, hidden = [], masks = [], isWindowOnly = false } = {}) => {
		const look = (theme: Theme, width: Width, language = "en"): Look => ({ page: name, state, theme, width, language });
		const screen = await page.context().newCDPSession(page);
		const before = page.viewportSize();
		const theme = page
			.locator("select")
			.filter({ has: page.locator("option[value=dark]") })
			.first();
		const steady = steadyScript({ hidden, masks });
		const draw = async (seen: Look) => {
			for (let tries = 1; !(await drawOnce(seen, tries === TRIES)) && tries < TRIES; tries += 1) await page.waitForTimeout(500);
		};
		const drawOnce = async (seen: Look, isLast: boolean) => {
			if (isWindowOnly) {
				// What fits itself may remember the window that it had: each time it comes from the same one.
				await page.setViewportSize({ width: 1920, height: 1080 });
				await settle(page);
			}
			await resize(page, seen.width);
			if ((await theme.inputValue()) !== seen.theme) await theme.selectOption(seen.theme);
			await settle(page);
			if (wish.isAudited) {
				const axe = seen.language === "en" && seen.width !== 3840 ? await axeViolations(page) : [];
				wish.report(seen, [...axe, ...(await misfits(page))]);
			}
			await page.evaluate(`(${steady.apply})()`);
			await settle(page);
			const png = {
				...(wish.size === "sheet" ? {} : { kept: await capture(screen, page, seen.width, "kept", isWindowOnly) }),
				...(wish.size === "kept" ? {} : { sheet: await capture(screen, page, seen.width, "sheet", isWindowOnly) }),
			};
			await page.evaluate(`(${steady.undo})()`);
			return await wish.take(seen, png, isLast);
		};
		for (const width of WIDTHS) for (const theme of THEMES) if (wish.wants(look(theme, width))) await draw(look(theme, width));
		const others = LANGUAGES.filter(
			(language) => inEveryLanguage && wish.wants(look("light", 320, language)) && language !== "en",
		);
		const language = page.locator("select").filter({ has: page.locator("option[value=sw]") });
		for (const other of others) {
			await language.first().selectOption(other);
			await page.locator(`html[lang="${other}"]`).waitFor();
			// A fault's words come after the page's own.
			await page.locator('.fault-remedy[lang="en"]').first().waitFor({ state: "detached" });
			await draw(look("light", 320, other));
		}
		if (others.length > 0) {
			await language.first().selectOption("en");
			await page.locator('html[lang="en"]').waitFor();
		}
		if (before) await page.setViewportSize(before);
		await screen.detach();
	};
}

async function resize(page: Page, width: Width): Promise<void> {
	const { height } = SCREENS[width];
	const now = page.viewportSize();
	if (now?.width !== width || now.height !== height) await page.setViewportSize({ width, height });
}

/** Letters are there, and what measures itself has done so. */
async function settle(page: Page): Promise<void> {
	await page.evaluate(async () => {
		await document.fonts.ready;
		window.scrollTo(0, 0);
		for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
	});
}

async function capture(
	screen: CDPSession,
	page: Page,
	width: Width,
	size: "kept" | "sheet",
	isWindowOnly: boolean,
): Promise<Buffer> {
	const { height: window, keptHeight, keptScale, sheetScale } = SCREENS[width];
	const whole = isWindowOnly ? window : await page.evaluate(() => document.documentElement.scrollHeight);
	const height = Math.min(Math.max(whole, window), size === "kept" || width === 3840 ? keptHeight : 8000);
	const { data } = await screen.send("Page.captureScreenshot", {
		format: "png",
		captureBeyondViewport: height > window,
		optimizeForSpeed: false,
		clip: { x: 0, y: 0, width, height, scale: size === "kept" ? keptScale : sheetScale },
	});
	return Buffer.from(data, "base64");
}

/** What sticks out of the window, or of the box that hides it. */
function misfits(page: Page): Promise<string[]> {
	return page.evaluate(() => {
		const found: string[] = [];
		const { scrollWidth, clientWidth } = document.documentElement;
		if (scrollWidth > clientWidth) found.push(`wide: the page is ${scrollWidth} px wide`);
		for (const element of document.querySelectorAll<HTMLElement>("body *")) {
			if (element.closest(".hidden, .skip, svg, [hidden], .card-slot") || !element.checkVisibility()) continue;
			const { overflowX } = getComputedStyle(element);
			const isCut = (overflowX === "hidden" || overflowX === "clip") && element.scrollWidth > element.clientWidth + 1;
			if (isCut && element.clientWidth > 1)
				found.push(`cut: ${element.tagName}.${element.className}: ${element.textContent?.slice(0, 60)}`);
		}
		return found;
	});
}
