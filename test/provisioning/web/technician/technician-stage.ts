import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";

import type { Role } from "../../../../provisioning/registry/access/role.ts";
import type { World } from "../../../e2e/world.ts";
import { ROOT } from "../../../house/source-tree.ts";
import type { LabHandset } from "../../../lab/lab-handset.ts";
import { openUsbBus, type UsbBus } from "../../../lab/web-usb/usb-bus.ts";
import { launchChromium } from "../chromium.ts";

/** A workshop: a browser with USB ports, before a lender's registry. */
export interface TechnicianStage {
	readonly browser: Browser;
	open(options?: SceneOptions): Promise<TechnicianScene>;
	close(): Promise<void>;
}

interface SceneOptions {
	readonly roles?: readonly Role[];
	readonly theme?: "light" | "dark";
	readonly width?: number;
	/** Unix milliseconds that the page takes for now, for good. Default: the machine's clock. */
	readonly nowMs?: number;
}

/** One browser profile with the technician's page. */
export interface TechnicianScene {
	readonly page: Page;
	readonly bus: UsbBus;
	/** What went wrong in the page and was not caught, and what its policy refused. */
	readonly errors: readonly string[];
	plug(handset: LabHandset): void;
	press(name: string | RegExp): Promise<void>;
	told(text: string | RegExp): Promise<void>;
	/** From the first card to a contract's. */
	find(text: string): Promise<void>;
}

/** @param shared a browser that is open already, and stays open. */
export async function openTechnicianStage(
	world: Pick<World, "registryUrl" | "adminToken">,
	shared?: Browser,
): Promise<TechnicianStage> {
	await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build-web.mjs"), "--if-stale"], { cwd: ROOT });
	const token = world.adminToken;
	const browser = shared ?? (await launchChromium());
	const open = new Set<() => Promise<void>>();
	const strike = async () => {
		for (const close of open) await close();
		open.clear();
	};
	return {
		browser,
		async open({ roles = ["technician"], theme = "light", width = 1280, nowMs } = {}) {
			await strike();
			const session = { actor: `person/${"0".repeat(20)}`, kind: "person", name: "Budi S.", roles, pages: ["technician"] };
			const bus = await openUsbBus({
				target: world.registryUrl,
				headers: () => ({ authorization: `Bearer ${token}` }),
				answer: (request, response) => {
					if (request.url !== "/v1/session") return false;
					response.setHeader("content-type", "application/json");
					response.end(JSON.stringify(session));
					return true;
				},
			});
			const context = await browser.newContext({ viewport: { width, height: 800 }, locale: "en-GB", reducedMotion: "reduce" });
			context.setDefaultTimeout(30_000);
			if (nowMs !== undefined) await context.clock.setFixedTime(nowMs);
			open.add(async () => {
				await context.close();
				await bus.close();
			});
			await context.addInitScript(
				(kept) => {
					if (!localStorage.getItem("holdfast-look")) localStorage.setItem("holdfast-look", kept);
				},
				JSON.stringify({ theme, language: "en" }),
			);
			await context.addInitScript(bus.script);
			const page = await context.newPage();
			const errors: string[] = [];
			page.on("pageerror", (error) => errors.push(error.message));
			page.on("console", (message) => {
				if (message.type() === "error" && /Content Security Policy|integrity/.test(message.text())) errors.push(message.text());
			});
			page.on("dialog", (dialog) => void dialog.accept());
			await page.goto(`${bus.url}/technician/`);
			const press = (name: string | RegExp) =>
				page
					.getByRole("button", { name, exact: typeof name === "string" })
					.first()
					.click();
			const told = async (text: string | RegExp) => {
				try {
					await page.getByText(text).first().waitFor();
				} catch (cause) {
					throw new Error(`nobody was told "${text}" but: ${await page.locator("main").innerText()}`, { cause });
				}
			};
			return {
				page,
				bus,
				errors,
				plug: (handset) => bus.plug({ serial: handset.serial, port: handset.port }),
				press,
				told,
				async find(text) {
					await page.getByLabel("Contract number or IMEI").fill(text);
					await press("Find it");
					await page.getByRole("heading", { name: /^The contract/ }).waitFor();
				},
			};
		},
		async close() {
			await strike();
			if (!shared) await browser.close();
		},
	};
}
