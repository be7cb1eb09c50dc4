import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { worldOfThisFile } from "../../../e2e/test-world.ts";
import type { LabHandset } from "../../../lab/lab-handset.ts";
import { noBrowser } from "../chromium.ts";
import { type DeskScene, type DeskStage, openDeskStage } from "./desk-stage.ts";

const SHOTS = process.env.HOLDFAST_SHOTS;
const DAY_MS = 24 * 3600_000;

/** For people who want to see it: HOLDFAST_SHOTS names a folder. */
async function shot(page: Page, name: string): Promise<void> {
	if (SHOTS === undefined) return;
	mkdirSync(SHOTS, { recursive: true });
	await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

describe.skipIf(noBrowser)("a desk without network", { timeout: 120_000 }, () => {
	const here = worldOfThisFile("desk-offline");
	let stage: DeskStage;
	let scene: DeskScene;
	let contracts = 0;
	beforeAll(async () => {
		stage = await openDeskStage(here.world);
	}, 120_000);
	afterAll(() => stage?.close());
	afterEach(async ({ task }) => {
		if (task.result?.state === "fail") await shot(scene.page, `failed-${task.name.slice(0, 40)}`);
		expect(scene.errors).toEqual([]);
		expect(scene.bus.violations).toEqual([]);
	});

	/** A new phone, which reaches nobody by itself, and a contract for it. */
	async function sale(): Promise<{ handset: LabHandset; contractId: string }> {
		contracts += 1;
		const handset = await here.world.lab.add();
		handset.setOnline(false);
		const contractId = `O-${contracts}`;
		await here.world.enterContract(contractId, handset);
		return { handset, contractId };
	}

	/** The page is kept: from here on it needs no server. */
	const kept = (page: Page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

	async function getReady(page: Page, contractId: string, handset: LabHandset): Promise<void> {
		await page.getByText("Make a contract ready").click();
		await page.getByLabel("Number of the contract").fill(contractId);
		await page.getByLabel("First IMEI").fill(handset.imeis[0] ?? "");
		await page.getByLabel("Second IMEI").fill(handset.imeis[1] ?? "");
		await page.getByLabel("Serial number that the phone tells").fill(handset.serial);
		// Twice: a clerk's finger.
		await page.getByRole("button", { name: "Fetch the voucher" }).dblclick();
		await page.getByText(`${contractId} is ready.`).waitFor();
		await page.getByText("Make a contract ready").click();
	}

	/** A desk whose contracts are ready, and whose network is gone. */
	async function readyAndCutOff(sales: readonly { handset: LabHandset; contractId: string }[]): Promise<void> {
		scene = await stage.open();
		await scene.press("Go to the contract");
		for (const { contractId, handset } of sales) await getReady(scene.page, contractId, handset);
		await kept(scene.page);
		scene.isOnline = false;
	}

	async function bind(page: Page, contractId: string, handset: LabHandset): Promise<void> {
		const press = (name: string) => page.getByRole("button", { name, exact: true }).first().click();
		await page.getByLabel("Contract number").fill(contractId);
		await press("Find it");
		await page.getByText("Show this to the borrower").waitFor();
		await page.getByRole("checkbox").check();
		await press("Go to the phone");
		scene.bus.pick = handset.serial;
		scene.plug(handset);
		await press("Choose the phone");
		await press("Yes, this phone");
	}

	const receiptsSent = () => scene.calls.filter((call) => call.endsWith("/receipt"));
	const enrollmentOf = async (contractId: string) => (await here.world.admin.getContract(contractId)).enrollment;

	it("binds phones with vouchers, keeps what they signed over a reload and a closed tab, and tells it once, in order", async () => {
		const [first, second] = [await sale(), await sale()];
		await readyAndCutOff([first, second]);
		expect(scene.calls.filter((call) => call === "POST /v1/enrollments")).toHaveLength(2);
		// The server is gone: the page stands all the same, for whoever made it ready.
		await scene.page.reload();
		await scene.told("this computer is ready to work without it");
		await scene.told(/^Without network: 2 phones can still be enrolled until \w/);
		await shot(scene.page, "offline-1-preflight");
		await scene.press("Go to the contract");
		await scene.told("A new one cannot be entered.");
		await shot(scene.page, "offline-2-contract");
		await bind(scene.page, second.contractId, second.handset);
		await scene.told("Bound without network: not done yet");
		await scene.told(/^Without network: 1 phone can still/);
		await shot(scene.page, "offline-3-queued");
		expect(second.handset.restrictions()).not.toContain("debugging");
		await scene.press("Next phone");
		await bind(scene.page, first.contractId, first.handset);
		await scene.told("Bound without network: not done yet");
		expect((await enrollmentOf(first.contractId))?.state).toBe("offered");
		await scene.page.reload();
		await scene.press("Go to the contract");
		await expect.poll(() => scene.page.getByText("The lender has yet to hear of it.").count()).toBe(2);

		// A second tab has no part in it until the first is gone.
		const later = await scene.tab();
		await later.getByText("The desk is open in another tab").waitFor();
		await scene.page.close();
		await later.getByText("this computer is ready to work without it").waitFor();
		expect(receiptsSent()).toEqual([]);
		scene.isOnline = true;
		await later.getByRole("button", { name: "Go to the contract" }).click();
		await later.getByText("Plug the phone in again: it is confirmed and sealed then.").nth(1).waitFor();
		await shot(later, "offline-4-delivered");
		const ids = [(await enrollmentOf(second.contractId))?.enrollmentId, (await enrollmentOf(first.contractId))?.enrollmentId];
		expect(receiptsSent()).toEqual(ids.map((id) => `POST /v1/enrollments/${id}/receipt`));
		expect((await enrollmentOf(first.contractId))?.state).toBe("confirmed");

		// The same phone once more, with the network: only what is left is done.
		first.handset.setOnline(true);
		await later.getByRole("button", { name: `Finish this phone: ${first.contractId}` }).click();
		scene.bus.pick = first.handset.serial;
		await later.getByRole("button", { name: "Choose the phone" }).click();
		await later.getByRole("button", { name: "Yes, this phone" }).click();
		await later.getByText("The phone is enrolled").waitFor();
		expect(first.handset.restrictions()).toContain("debugging");
		expect((await enrollmentOf(first.contractId))?.state).toMatch(/contacted|sealed/);
		await later.getByRole("button", { name: "Next phone" }).click();
		await expect.poll(() => later.getByText("Finish this phone").count()).toBe(1);
		const leases = await here.world.admin.getContract(first.contractId);
		expect(leases.enrollment?.serial).toBe(first.handset.serial);
		expect(receiptsSent()).toHaveLength(2);
	});

	it("delivers nothing for somebody who is signed out, leaves the sale alone, and goes on after the sign-in", async () => {
		const [first, second] = [await sale(), await sale()];
		await readyAndCutOff([first, second]);
		const { page, press, told } = scene;
		await told(/^Without network: 2 phones/);
		await press(`Work on it: ${first.contractId}`);
		await told("Show this to the borrower");
		await page.getByRole("checkbox").check();
		await press("Go to the phone");
		scene.bus.pick = first.handset.serial;
		scene.plug(first.handset);
		await press("Choose the phone");
		await press("Yes, this phone");
		await told("Bound without network: not done yet");
		await press("Next phone");
		await press(`Work on it: ${second.contractId}`);
		await told("Show this to the borrower");
		scene.isSignedIn = false;
		scene.isOnline = true;
		await told("nobody is signed in");
		expect(page.url()).toMatch(/\/desk\/$/);
		await told("Show this to the borrower");
		expect((await enrollmentOf(first.contractId))?.state).toBe("offered");
		scene.isSignedIn = true;
		await page.reload();
		await press("Go to the contract");
		await told("Plug the phone in again: it is confirmed and sealed then.");
		expect((await enrollmentOf(first.contractId))?.state).toBe("confirmed");
		// What was not used is given back, and the contract is free for whoever has no voucher.
		await press(`Give back the voucher of ${second.contractId}`);
		await told(`The voucher of ${second.contractId} was given back.`);
		expect(await enrollmentOf(second.contractId)).toBeUndefined();
	});

	it("refuses a voucher that has ended, one of the future, a contract that was not made ready, and another phone", async () => {
		const ready = await sale();
		const other = await here.world.lab.add();
		await readyAndCutOff([ready]);
		const { page, press, told } = scene;
		await told(/^Without network: 1 phone can still be enrolled/);
		const find = async (contractId: string, code: string, remedy: string) => {
			await page.getByLabel("Contract number").fill(contractId);
			await press("Find it");
			await told(code);
			await told(remedy);
			await press("Close");
		};
		await find("O-none", "VOUCHER_MISSING", "Put the phone aside");
		await page.clock.setSystemTime(Date.now() + 8 * DAY_MS);
		await find(ready.contractId, "VOUCHER_EXPIRED", "Put the phone aside");
		await told("Without network: no phone can be enrolled.");
		await page.clock.setSystemTime(Date.now() - DAY_MS);
		await find(ready.contractId, "STATION_CLOCK_WRONG", "Set the date and time of this computer");
		await page.clock.setSystemTime(Date.now());
		await bind(page, ready.contractId, other);
		await told("VOUCHER_MISSING");
		expect(other.restrictions()).not.toContain("debugging");
		expect(scene.calls.filter((call) => call.endsWith("/receipt"))).toEqual([]);
	});

	it("says that a newer version is there, exchanges nothing under a phone, and loads it when asked", async () => {
		const { handset, contractId } = await sale();
		scene = await stage.open();
		const { page, press, told } = scene;
		await kept(page);
		scene.instead.set("/desk/service-worker.js", (own) => `${own}\n// newer`);
		await scene.find(contractId);
		await page.getByRole("checkbox").check();
		await press("Go to the phone");
		await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
		await told("It can be loaded after this phone.");
		expect(await page.getByRole("button", { name: "Load it now" }).count()).toBe(0);
		scene.plug(handset);
		await press("Choose the phone");
		await press("Yes, this phone");
		await told("The phone is enrolled");
		expect(await page.getByRole("button", { name: "Load it now" }).count()).toBe(0);
		await press("Next phone");
		await shot(page, "newer-version");
		// A tab that waits for its turn is of the older version, and is loaded again as well.
		const second = await scene.tab();
		// Half a minute, where the older worker was busy with the second tab: Chromium lets it fall asleep first.
		await Promise.all([...[page, second].map((tab) => tab.waitForEvent("load", { timeout: 45_000 })), press("Load it now")]);
		await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.waiting === null);
	});

	it("lets nobody begin a phone while a newer version takes its time to take over", async () => {
		scene = await stage.open();
		const { page, press, told } = scene;
		await kept(page);
		scene.instead.set("/desk/service-worker.js", (own) => own.replace(".skipWaiting()", ".clients.matchAll()"));
		await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
		await press("Load it now");
		await told("The newer version is being loaded");
		await shot(page, "newer-version-loading");
		for (let i = 0; i < 3; i++) await page.keyboard.press("Escape");
		await page.getByRole("dialog", { name: "The newer version is being loaded" }).waitFor();
		const button = page.getByRole("button", { name: "Go to the contract" });
		await expect(button.click({ trial: true, timeout: 1000 })).rejects.toThrow("intercepts pointer events");
		await page.keyboard.press("Tab");
		expect(await button.evaluate((element) => document.activeElement === element)).toBe(false);
	});

	it("keeps no answer of the registry, and nothing of a person who signed out", async () => {
		const { handset, contractId } = await sale();
		scene = await stage.open();
		const { page, press, told } = scene;
		await press("Go to the contract");
		await getReady(page, contractId, handset);
		await told(/^Ready for work without network: 1 phone until/);
		await kept(page);
		const cached = await page.evaluate(async () => {
			const names = await caches.keys();
			const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
			return requests.flat().map(({ url }) => new URL(url).pathname);
		});
		expect(cached.length).toBeGreaterThan(20);
		expect(cached.filter((path) => !/^\/desk\/(?:$|assets\/[^/]+$|[a-z0-9-]+\.(?:png|webmanifest)$)/.test(path))).toEqual([]);
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.waitForURL(/sign-in/);
		expect(scene.calls.some((call) => /^POST \/v1\/enrollments\/.*\/withdraw/.test(call))).toBe(true);
		expect(await enrollmentOf(contractId)).toBeUndefined();
		const left = await page.evaluate(
			() =>
				new Promise<string[]>((resolve, reject) => {
					const request = indexedDB.open("holdfast-desk");
					request.onerror = () => reject(request.error);
					request.onsuccess = () => {
						const stores = [...request.result.objectStoreNames];
						const transaction = request.result.transaction(stores);
						const keys: string[] = [];
						for (const store of stores) {
							const asked = transaction.objectStore(store).getAllKeys();
							asked.onsuccess = () => keys.push(...asked.result.map(String));
						}
						transaction.oncomplete = () => resolve(keys);
					};
				}),
		);
		expect(left).toEqual(["name"]);
	});
});
