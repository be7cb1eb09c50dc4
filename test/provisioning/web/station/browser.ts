import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import {
	type StationServer,
	type StationServerOptions,
	startStationServer,
} from "../../../../provisioning/station/server/start-station-server.ts";
import { ROOT } from "../../../house/source-tree.ts";
import { createFakeStation, type FakeStation } from "../../station/server/fake-station.ts";
import { launchChromium } from "../chromium.ts";

/** A browser, and pages of a real server over a station in memory. */
export interface Stage {
	readonly browser: Browser;
	/** Opens a page; the one before is closed. */
	open(options?: OpenOptions): Promise<Scene>;
	close(): Promise<void>;
}

interface OpenOptions {
	readonly station?: FakeStation;
	readonly server?: Partial<StationServerOptions>;
	readonly context?: BrowserContextOptions;
	/** Unix milliseconds that the page takes for now, for good. Default: the machine's clock. */
	readonly nowMs?: number;
	/** As kept by the page itself. */
	readonly preferences?: { readonly language?: string; readonly theme?: string; readonly isMuted?: boolean };
}

export interface Scene {
	readonly station: FakeStation;
	readonly server: StationServer;
	readonly page: Page;
	/** Types like a scanner: every character at once, then Enter. */
	scan(text: string): Promise<void>;
}

export const PAGE_FOLDER = join(ROOT, "provisioning/web/build/station");

/**
 * Builds the page if a source is newer, and opens the browser.
 *
 * @param shared a browser that is open already, and stays open.
 */
export async function openStage(shared?: Browser): Promise<Stage> {
	await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build-web.mjs"), "--if-stale"], { cwd: ROOT });
	const browser = shared ?? (await launchChromium());
	const open = new Set<() => Promise<void>>();
	const strike = async () => {
		for (const close of open) await close();
		open.clear();
	};
	return {
		browser,
		async open({
			station = createFakeStation(),
			server: options = {},
			context: contextOptions = {},
			preferences = {},
			nowMs,
		} = {}) {
			await strike();
			const server = await startStationServer({ station, pageFolder: PAGE_FOLDER, heartbeatMs: 500, coalesceMs: 20, ...options });
			const context = await browser.newContext({
				viewport: { width: 1920, height: 1080 },
				locale: "en-GB",
				reducedMotion: "reduce",
				...contextOptions,
			});
			open.add(async () => {
				await context.close();
				await server.close();
			});
			context.setDefaultTimeout(30_000);
			await context.addInitScript((kept) => {
				if (!localStorage.getItem("holdfast-look")) localStorage.setItem("holdfast-look", kept);
			}, JSON.stringify(preferences));
			const page = await context.newPage();
			if (nowMs !== undefined) await page.clock.setFixedTime(nowMs);
			await page.goto(server.url);
			await page.locator(".top").waitFor();
			return { station, server, page, scan: (text) => scan(page, text) };
		},
		async close() {
			await strike();
			if (!shared) await browser.close();
		},
	};
}

async function scan(page: Page, text: string): Promise<void> {
	const client = await page.context().newCDPSession(page);
	let timestamp = Date.now() / 1000;
	const at = () => {
		timestamp += 0.004;
		return timestamp;
	};
	// With its own clock: however slow this machine is, the scanner is not.
	for (const character of text) {
		await client.send("Input.dispatchKeyEvent", { type: "keyDown", text: character, key: character, timestamp: at() });
		await client.send("Input.dispatchKeyEvent", { type: "keyUp", key: character, timestamp: at() });
	}
	await client.send("Input.dispatchKeyEvent", {
		type: "keyDown",
		text: "\r",
		key: "Enter",
		code: "Enter",
		windowsVirtualKeyCode: 13,
		timestamp: at(),
	});
	await client.send("Input.dispatchKeyEvent", {
		type: "keyUp",
		key: "Enter",
		code: "Enter",
		windowsVirtualKeyCode: 13,
		timestamp: at(),
	});
	await client.detach();
}
