import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import type { World } from "../../../e2e/world.ts";
import { ROOT } from "../../../house/source-tree.ts";
import type { LabHandset } from "../../../lab/lab-handset.ts";
import { openUsbBus, type UsbBus } from "../../../lab/web-usb/usb-bus.ts";
import { launchChromium } from "../chromium.ts";

/** A shop: a browser with USB ports, before a lender's registry. */
export interface DeskStage {
	readonly browser: Browser;
	open(options?: DeskOptions): Promise<DeskScene>;
	close(): Promise<void>;
}

interface DeskOptions {
	readonly theme?: "light" | "dark";
	readonly context?: BrowserContextOptions;
	/** What stands in the browser before the page does. */
	readonly before?: string;
	/** Unix milliseconds that the page takes for now, for good. Default: the machine's clock. */
	readonly nowMs?: number;
	/** Without a stand-in for `navigator.usb`. */
	readonly noUsb?: boolean;
}

/** One browser profile with the desk's page. */
export interface DeskScene {
	readonly page: Page;
	readonly context: BrowserContext;
	readonly bus: UsbBus;
	/** Whether the shop reaches the registry. The phones' cable does not depend on it. */
	isOnline: boolean;
	/** Whether the registry knows who asks. The page is told of a session all the same, as one that ends later. */
	isSignedIn: boolean;
	/** Paths that reached the registry, each with its method, such as `POST /v1/enrollments`. */
	readonly calls: readonly string[];
	/** A file that the registry hands out in place of its own, by its path. */
	readonly instead: Map<string, (own: string) => string>;
	/** What went wrong in the page and was not caught, and what its policy refused. */
	readonly errors: readonly string[];
	/** Another tab of the same browser. */
	tab(): Promise<Page>;
	plug(handset: LabHandset, options?: Parameters<UsbBus["plug"]>[1]): void;
	/** Presses a button by its words. */
	press(name: string | RegExp): Promise<void>;
	/** Waits for a text. */
	told(text: string | RegExp): Promise<void>;
	/** From the first card to the terms of a contract that the registry knows. */
	find(contractId: string): Promise<void>;
	/** From the first card to the phone's. */
	toPhone(contractId: string): Promise<void>;
}

/** @param shared a browser that is open already, and stays open. */
export async function openDeskStage(world: Pick<World, "registryUrl" | "adminToken">, shared?: Browser): Promise<DeskStage> {
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
		async open({ theme = "light", context: contextOptions = {}, before, noUsb = false, nowMs } = {}) {
			await strike();
			const net = { isOnline: true, isSignedIn: true };
			const calls: string[] = [];
			const instead: DeskScene["instead"] = new Map();
			const bus = await openUsbBus({
				target: world.registryUrl,
				headers: () => (net.isSignedIn ? { authorization: `Bearer ${token}` } : {}),
				answer: (request, response) => {
					if (!net.isOnline) {
						request.socket.destroy();
						return true;
					}
					calls.push(`${request.method} ${request.url}`);
					// A page whose clock stands still asks what time it is at the registry's.
					if (nowMs !== undefined && request.url === "/readyz") {
						void fetch(`${world.registryUrl}/readyz`).then(async (own) => {
							response.setHeader("content-type", own.headers.get("content-type") ?? "");
							response.setHeader("date", new Date(nowMs).toUTCString());
							response.end(await own.text());
						});
						return true;
					}
					const change = instead.get(request.url ?? "");
					if (change) {
						void fetch(`${world.registryUrl}${request.url}`).then(async (own) => {
							for (const name of ["content-type", "cache-control", "content-security-policy"])
								response.setHeader(name, own.headers.get(name) ?? "");
							response.end(change(await own.text()));
						});
						return true;
					}
					if (request.url !== "/v1/session") return false;
					response.setHeader("content-type", "application/json");
					response.end(
						JSON.stringify({ actor: "person/0", kind: "person", name: "Asha R.", roles: ["operator"], pages: ["desk"] }),
					);
					return true;
				},
			});
			const context = await browser.newContext({
				viewport: { width: 1280, height: 900 },
				locale: "en-GB",
				reducedMotion: "reduce",
				permissions: ["clipboard-read", "clipboard-write"],
				...contextOptions,
			});
			context.setDefaultTimeout(20_000);
			if (nowMs !== undefined) await context.clock.setFixedTime(nowMs);
			open.add(async () => {
				await context.close();
				await bus.close();
			});
			const look = JSON.stringify({ theme, language: "en" });
			await context.addInitScript((kept) => {
				if (!localStorage.getItem("holdfast-look")) localStorage.setItem("holdfast-look", kept);
			}, look);
			if (before !== undefined) await context.addInitScript(before);
			if (!noUsb) await context.addInitScript(bus.script);
			const errors: string[] = [];
			const tab = async () => {
				const page = await context.newPage();
				page.on("pageerror", (error) => errors.push(error.message));
				page.on("console", (message) => {
					if (message.type() === "error" && /Content Security Policy|integrity/.test(message.text())) errors.push(message.text());
				});
				page.on("dialog", (dialog) => void dialog.accept());
				await page.goto(`${bus.url}/desk/`);
				return page;
			};
			const page = await tab();
			const press = (name: string | RegExp) =>
				page
					.getByRole("button", { name, exact: typeof name === "string" })
					.first()
					.click();
			const told = (text: string | RegExp) => page.getByText(text).first().waitFor();
			const find = async (contractId: string) => {
				await press("Go to the contract");
				await page.getByLabel("Contract number").fill(contractId);
				await press("Find it");
				await told("Show this to the borrower");
			};
			return {
				page,
				context,
				bus,
				errors,
				calls,
				instead,
				get isOnline() {
					return net.isOnline;
				},
				set isOnline(is: boolean) {
					net.isOnline = is;
				},
				get isSignedIn() {
					return net.isSignedIn;
				},
				set isSignedIn(is: boolean) {
					net.isSignedIn = is;
				},
				tab,
				plug: (handset, options) => bus.plug({ serial: handset.serial, port: handset.port }, options),
				press,
				told,
				find,
				async toPhone(contractId) {
					await find(contractId);
					await page.getByRole("checkbox").check();
					await press("Go to the phone");
					await told("Connect the phone");
				},
			};
		},
		async close() {
			await strike();
			if (!shared) await browser.close();
		},
	};
}
