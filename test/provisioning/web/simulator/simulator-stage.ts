import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import "@fastify/swagger"; // its types: routes say what the API's description leaves out
import fastify from "fastify";
import type { BrowserContextOptions, Page } from "playwright-core";

import { pageRoutes } from "../../../../provisioning/registry/http/page-routes.ts";
import { ROOT } from "../../../house/source-tree.ts";
import { launchChromium } from "../chromium.ts";

export const PAGES_FOLDER = join(ROOT, "provisioning/web/build");

/** A page as the registry hands it out, with its policy, in a real browser. */
export interface SimulatorStage {
	open(options?: { readonly context?: BrowserContextOptions; readonly look?: object }): Promise<Page>;
	/** What the console and the policy complained of since the page was opened. */
	readonly complaints: string[];
	close(): Promise<void>;
}

export async function openSimulatorStage(): Promise<SimulatorStage> {
	await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build-web.mjs"), "--if-stale"], { cwd: ROOT });
	const server = fastify();
	await server.register(pageRoutes(PAGES_FOLDER));
	const address = await server.listen({ host: "127.0.0.1", port: 0 });
	const browser = await launchChromium();
	const complaints: string[] = [];
	return {
		complaints,
		async open({ context: options = {}, look = {} } = {}) {
			complaints.length = 0;
			const context = await browser.newContext({
				viewport: { width: 1280, height: 900 },
				locale: "en-GB",
				reducedMotion: "reduce",
				...options,
			});
			context.setDefaultTimeout(20_000);
			await context.addInitScript((kept) => localStorage.setItem("holdfast-look", kept), JSON.stringify(look));
			const page = await context.newPage();
			page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
			page.on("pageerror", (error) => complaints.push(error.message));
			await page.goto(`${address}/simulator/`);
			await page.getByRole("figure").waitFor();
			return page;
		},
		async close() {
			await browser.close();
			await server.close();
		},
	};
}
