import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { type CreateRegistryOptions, createRegistry } from "../../../provisioning/registry/http/create-registry.ts";
import { openRoleSigners } from "../../../provisioning/registry/keys/lender-keys.ts";
import { ROOT } from "../../house/source-tree.ts";
import { ADMIN_TOKEN, startTestRegistry, type TestRegistry } from "../registry/test-registry.ts";
import { chromiumPath, launchChromium } from "./chromium.ts";

interface OpenOptions {
	readonly theme?: string;
	readonly language?: string;
	/** Unix milliseconds that the page takes for now, for good. Default: the machine's clock. */
	readonly nowMs?: number;
	readonly context?: BrowserContextOptions;
}

/** A registry with its pages, and a browser that looks at them. */
export interface RegistryStage {
	readonly registry: TestRegistry;
	readonly browser: Browser;
	/** Base URL of the registry that hands out the pages; its database and clock are the test registry's. */
	readonly url: string;
	/** Opens an address below the base; the page before is closed. */
	open(path: string, options?: OpenOptions): Promise<Page>;
	close(): Promise<void>;
}

/**
 * Builds the pages if a source is newer, and starts the registry and the browser.
 *
 * @param more options of the registry besides the stage's own.
 */
export async function openRegistryStage(more: Pick<CreateRegistryOptions, "agentApk"> = {}): Promise<RegistryStage> {
	await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build-web.mjs"), "--if-stale"], { cwd: ROOT });
	const registry = await startTestRegistry();
	let url = "";
	const app = await createRegistry({
		database: registry.database,
		keys: await openRoleSigners(registry.keysFolder, { insecureDev: true }),
		clock: { nowMs: () => registry.now * 1000 },
		monotonicMs: () => registry.monotonicMs(),
		adminToken: ADMIN_TOKEN,
		publicUrl: () => url,
		pagesFolder: join(ROOT, "provisioning/web/build"),
		// Each test's browser is another caller, as it says itself.
		proxies: ["127.0.0.1"],
		...more,
	});
	url = await app.listen({ host: "127.0.0.1", port: 0 });
	const browser = await launchChromium();
	let callers = 0;
	const strike = async () => {
		for (const context of browser.contexts()) await context.close();
	};
	return {
		registry,
		browser,
		url,
		async open(path, { theme = "light", language = "en", nowMs, context: contextOptions = {} } = {}) {
			await strike();
			callers += 1;
			const context = await browser.newContext({
				viewport: { width: 390, height: 844 },
				locale: "en-GB",
				timezoneId: "UTC",
				reducedMotion: "reduce",
				extraHTTPHeaders: { "x-forwarded-for": `198.51.100.${callers}` },
				...contextOptions,
			});
			context.setDefaultTimeout(30_000);
			await context.addInitScript((kept) => {
				if (!localStorage.getItem("holdfast-look")) localStorage.setItem("holdfast-look", kept);
			}, JSON.stringify({ theme, language }));
			const page = await context.newPage();
			if (nowMs !== undefined) await page.clock.setFixedTime(nowMs);
			await page.goto(`${url}${path}`);
			await page.locator("main").waitFor();
			return page;
		},
		async close() {
			await browser.close();
			await app.close();
			await registry.close();
		},
	};
}

/** As the browser says it itself, such as `156.0.8078.79`. */
export async function browserVersion(): Promise<string> {
	const { stdout } = await promisify(execFile)(chromiumPath ?? "chromium", ["--version"], { timeout: 20_000 });
	return /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim();
}

/** Whether a page has to be scrolled sideways. */
export function isWide(page: Page): Promise<boolean> {
	return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
