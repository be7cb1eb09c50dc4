import { execFile } from "node:child_process";
import { loadavg } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";

import { startHoldfast } from "../e2e/holdfast-process.ts";
import type { World } from "../e2e/world.ts";
import { ROOT } from "../house/source-tree.ts";
import { openUsbBus, type UsbBus } from "../lab/web-usb/usb-bus.ts";
import { launchChromium } from "../provisioning/web/chromium.ts";
import { type Contracted, contracted, inWorld, timed, tokenOf } from "./bench-world.ts";
import { pageWeight } from "./page-weight.ts";
import { atMost, type BenchOptions, median, type Row, within } from "./row.ts";

const LOADS = 11;
const ROUNDS = 9;
const WEIGHT_LIMIT_KB = 150;
const USABLE_LIMIT_MS = 1000;
/** Goal: part of the command line's wall time. */
const GOAL_RATIO = 1.2;
const DEADLINE_MS = 60_000;

/** Notes, by the page's own clock, when the first card's button can be pressed: milliseconds since the navigation began. */
const WATCH_FIRST_BUTTON = `globalThis.usable = new Promise((resolve) => {
	const look = () => {
		const button = document.querySelector("main .main-button");
		if (!button || button.getAttribute("aria-disabled") === "true") return;
		watch.disconnect();
		requestAnimationFrame(() => resolve(performance.now()));
	};
	const watch = new MutationObserver(look);
	watch.observe(document, { subtree: true, childList: true, attributes: true });
})`;

/** Presses what a clerk presses, as soon as it is there, and answers how long it took from the first click to the last screen. */
const ENROLL = `new Promise((resolve, reject) => {
	const begun = performance.now();
	const marks = [];
	let step = "";
	const buttonNamed = (name) => [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name);
	const look = () => {
		const now = document.querySelector("[aria-current=step][data-step]")?.dataset.step ?? "";
		if (now !== step) marks.push([Math.round(performance.now() - begun), step = now]);
		buttonNamed("Yes, this phone")?.click();
		const heading = document.querySelector("main h2")?.textContent ?? "";
		const isDone = heading === "The phone is enrolled";
		const isStopped = document.querySelector("main [role=alert] code") !== null;
		if (!isDone && !isStopped) return;
		watch.disconnect();
		if (isStopped) reject(new Error(document.querySelector("main").innerText));
		// What is on the screen then is drawn.
		else requestAnimationFrame(() => resolve({ tookMs: performance.now() - begun, marks }));
	};
	const watch = new MutationObserver(look);
	watch.observe(document, { subtree: true, childList: true, attributes: true });
	buttonNamed("Choose the phone").click();
})`;

interface EnrolledInPage {
	readonly tookMs: number;
	/** When each step began, after the click. */
	readonly marks: readonly (readonly [atMs: number, step: string])[];
}

/** The desk's page: what its scripts weigh, how soon it can be used, and one enrolment over WebUSB against the command line. */
export async function benchDesk(_: BenchOptions): Promise<Row[]> {
	await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build-web.mjs"), "--if-stale"], { cwd: ROOT });
	const { first, all } = pageWeight(join(ROOT, "provisioning/web/build/desk"), "/desk/");
	const rows = [within("desk, gzipped scripts of the first screen", first / 1000, "KB", WEIGHT_LIMIT_KB)];
	process.stderr.write(`all scripts of the desk, gzipped: ${(all / 1000).toFixed(1)} KB\n`);
	const browser = await launchChromium();
	try {
		return await inWorld(async (world) => [...rows, await usable(world, browser), await overWebUsb(world, browser)]);
	} finally {
		await browser.close();
	}
}

/** Cold loads: a profile that has never seen the page, each time. */
async function usable(world: World, browser: Browser): Promise<Row> {
	const times: number[] = [];
	for (let load = 0; load < LOADS; load += 1) {
		const context = await browser.newContext({ extraHTTPHeaders: { authorization: `Bearer ${await tokenOf(world)}` } });
		const page = await context.newPage();
		await page.addInitScript(WATCH_FIRST_BUTTON);
		await page.goto(`${world.registryUrl}/desk/`);
		times.push(Number(await page.evaluate("globalThis.usable")));
		await context.close();
	}
	process.stderr.write(`cold loads: ${times.map(Math.round).join(", ")} ms; load ${loadOf()}\n`);
	return within("desk, from the address to the first button, cold", median(times), "ms", USABLE_LIMIT_MS);
}

async function overWebUsb(world: World, browser: Browser): Promise<Row> {
	const token = await tokenOf(world);
	const bus = await openUsbBus({ target: world.registryUrl, headers: () => ({ authorization: `Bearer ${token}` }) });
	const [page, command]: [number[], number[]] = [[], []];
	try {
		for (let round = 0; round < ROUNDS; round += 1) {
			const [mine, other] = [await contracted(world, `DESK-${round}-A`), await contracted(world, `DESK-${round}-B`)];
			const turns = [
				async () => {
					const { tookMs, marks } = await enrollInPage(browser, bus, mine);
					page.push(tookMs);
					process.stderr.write(`${Math.round(tookMs)} ms: ${marks.map(([atMs, step]) => `${step || "-"} ${atMs}`).join(", ")}\n`);
				},
				async () => command.push(await timed(() => enrollByCommand(world, other))),
			];
			// Whoever is second finds warm caches: they take turns.
			for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
			await mine.handset.close();
			await other.handset.close();
		}
	} finally {
		await bus.close();
	}
	const ratios = page.map((ms, round) => (ms / (command[round] ?? Number.NaN)).toFixed(2));
	process.stderr.write(`ratio of each round: ${ratios.join(", ")}; load ${loadOf()}\n`);
	return atMost("enroll one handset over WebUSB, against the command line", median(page), median(command), "ms", GOAL_RATIO);
}

/** A clerk who has the phone's card open: the time begins with the click on the button. */
async function enrollInPage(browser: Browser, bus: UsbBus, { handset, contractId }: Contracted): Promise<EnrolledInPage> {
	const context = await browser.newContext();
	context.setDefaultTimeout(DEADLINE_MS);
	try {
		await context.addInitScript(bus.script);
		const page = await context.newPage();
		await page.goto(`${bus.url}/desk/`);
		await toPhone(page, contractId);
		bus.plug({ serial: handset.serial, port: handset.port });
		return (await page.evaluate(ENROLL)) as EnrolledInPage; // made in the script above
	} finally {
		await context.close();
		bus.unplug(handset.serial);
	}
}

async function toPhone(page: Page, contractId: string): Promise<void> {
	const press = (name: string) => page.getByRole("button", { name, exact: true }).first().click();
	await press("Go to the contract");
	await page.getByLabel("Contract number").fill(contractId);
	await press("Find it");
	await page.getByText("Show this to the borrower").waitFor();
	await page.getByRole("checkbox").check();
	await press("Go to the phone");
	await page.getByText("Connect the phone").waitFor();
	// A person needs longer than this to plug a phone in.
	await page.waitForLoadState("networkidle");
}

async function enrollByCommand(world: World, { handset, contractId }: Contracted): Promise<void> {
	const { code, stderr } = await startHoldfast(["enroll", contractId, "-s", handset.adbSerial, "--no-input"], {
		env: world.env,
	}).ended;
	if (code !== 0) throw new Error(`not enrolled: ${stderr}`);
}

function loadOf(): string {
	return loadavg()
		.map((load) => load.toFixed(1))
		.join(" ");
}
