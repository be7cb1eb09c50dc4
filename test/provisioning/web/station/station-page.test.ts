import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startStationServer } from "../../../../provisioning/station/server/start-station-server.ts";
import type { StationView } from "../../../../provisioning/station/view.ts";
import { isUnderWay } from "../../../../provisioning/web/station/slot-acts.ts";
import {
	busyView,
	CHECKS,
	createFakeStation,
	OPERATOR_BADGE,
	SUPERVISOR_BADGE,
	viewOf,
} from "../../station/server/fake-station.ts";
import { noBrowser } from "../chromium.ts";
import { openStage, PAGE_FOLDER, type Stage } from "./browser.ts";

const BOX = "490154203237518";

function without<Name extends keyof StationView>(view: StationView, name: Name): Omit<StationView, Name> {
	const { [name]: _gone, ...rest } = view;
	return rest;
}

if (noBrowser) console.warn(`The station page was not looked at: ${noBrowser}`);

describe.skipIf(noBrowser)("the station page", () => {
	let stage: Stage;
	beforeAll(async () => {
		stage = await openStage();
	});
	afterAll(() => stage?.close());

	it("goes from badge to box to plug by scans alone, with nothing in focus", async () => {
		const station = createFakeStation(without(viewOf(8), "shift") as StationView); // what is left is a view: shift is optional
		const { page, scan } = await stage.open({ station });
		await page.getByText("Scan your badge to sign in.").waitFor();
		await scan(OPERATOR_BADGE);
		await page.getByText("Scan the IMEI on the next box.").waitFor();
		await scan(BOX);
		await page.getByText("Box …7518 scanned. Plug its phone in.", { exact: true }).first().waitFor();
		station.slot(3, {
			word: "running",
			imeiTail: "7518",
			step: { name: "install", title: "Install the agent", number: 3, count: 8 },
		});
		await page.getByRole("button", { name: /Slot 3, Running, IMEI ends in 7518, step 3 of 8, Install the agent/ }).waitFor();
		expect(station.commands).toEqual([
			{ type: "scan", text: OPERATOR_BADGE },
			{ type: "scan", text: BOX },
		]);
	});

	it("scans over a button in focus without pressing it, and over a field without leaving anything in it", async () => {
		const { page, scan, station } = await stage.open({ station: createFakeStation(busyView(8)) });
		await page.getByRole("button", { name: "Sign out Asha R." }).focus();
		await scan("BOX 12 34");
		await expect.poll(() => station.commands).toEqual([{ type: "scan", text: "BOX 12 34" }]);
		await page.getByRole("button", { name: /^Slot 8,/ }).click();
		await page.getByRole("button", { name: "Hold", exact: true }).click();
		await page.getByLabel("Reason (for the journal)").pressSequentially("scratched", { delay: 90 });
		await scan(BOX);
		await expect.poll(() => station.commands.length).toBe(2);
		expect(station.commands[1]).toEqual({ type: "scan", text: BOX });
		expect(await page.getByLabel("Reason (for the journal)").inputValue()).toBe("scratched");
		await page.keyboard.press("Enter"); // a person's: sends the form
		await expect.poll(() => station.commands[2]).toEqual({ type: "hold", contractId: "C-1008", reason: "scratched" });
	});

	it("stops at a mismatch until a supervisor's badge clears it, and sends each thing once however it is clicked", async () => {
		const view = busyView(8);
		const station = createFakeStation({
			...view,
			slots: view.slots.map((slot) => (slot.slot === 8 ? { ...slot, locked: true } : slot)),
		});
		const { page, scan } = await stage.open({ station });
		station.change({ stop: { text: "Wrong phone in slot 8.", slot: 8 } });
		await page.getByRole("alert").filter({ hasText: "Wrong phone in slot 8." }).waitFor();
		await page.getByRole("button", { name: "Supervisor: clear slot 8" }).dblclick();
		await page.getByLabel("Reason (for the journal)").pressSequentially("box was swapped", { delay: 60 });
		await scan(OPERATOR_BADGE);
		await page.getByText("A badge is there.").waitFor();
		await page.getByRole("button", { name: "Confirm" }).dblclick();
		await page.getByText("This is not a supervisor's badge.").waitFor();
		await scan(SUPERVISOR_BADGE);
		await page.getByText("A badge is there.").waitFor();
		await page.getByRole("button", { name: "Confirm" }).dblclick();
		await page.getByText("Wrong phone in slot 8.").waitFor({ state: "detached" });
		await page.getByRole("dialog").waitFor({ state: "detached" });
		expect(station.commands).toEqual([
			{ type: "clear-mismatch", slot: 8, reason: "box was swapped", badge: OPERATOR_BADGE },
			{ type: "clear-mismatch", slot: 8, reason: "box was swapped", badge: SUPERVISOR_BADGE },
		]);
		expect(await page.content()).not.toContain(SUPERVISOR_BADGE);
	});

	it("does each thing once when everything is clicked twice", async () => {
		const { page, station } = await stage.open({
			station: createFakeStation({ ...busyView(20), scan: { contractId: "C-1", imeiTail: "7518", atMs: 0 } }),
		});
		await page.getByRole("button", { name: /^Slot 8,/ }).dblclick();
		const panel = page.getByRole("complementary");
		for (const name of ["Retry", "Identify", "Seen to"]) await panel.getByRole("button", { name, exact: true }).dblclick();
		await page.getByRole("button", { name: "Forget this scan" }).dblclick();
		await page.getByRole("button", { name: "Batch", exact: true }).dblclick();
		await page.getByRole("button", { name: "Close the batch" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Close the batch" }).dblclick();
		await page.getByText("This batch is closed.").waitFor();
		const types = station.commands.map(({ type }) => type);
		expect(types).toEqual(["retry", "identify", "acknowledge", "clear-scan", "close-batch"]);
	});

	it("acts on the slots that were shown, after their number was typed", async () => {
		const { page, station } = await stage.open({ station: createFakeStation(busyView(20)) });
		await page.getByRole("button", { name: "Select several" }).click();
		await page.getByRole("button", { name: "All shown" }).click();
		await page.getByRole("button", { name: /^Stop \(/ }).click();
		const dialog = page.getByRole("dialog");
		station.slot(20, { word: "running" }); // comes too late for the list
		await dialog.getByRole("button", { name: "Stop" }).click({ force: true });
		const asked = await dialog.locator(".frozen strong").allTextContents();
		await dialog.getByLabel("Type how many there are").fill(String(asked.length + 1));
		await dialog.getByRole("button", { name: "Stop" }).click({ force: true });
		expect(station.commands).toEqual([]);
		await dialog.getByLabel("Type how many there are").fill(String(asked.length));
		await dialog.getByRole("button", { name: "Stop" }).dblclick();
		const underWay = busyView(20)
			.slots.filter(isUnderWay)
			.map(({ slot }) => slot);
		expect(underWay.length).toBeGreaterThan(5);
		await expect.poll(() => station.commands).toEqual([{ type: "stop", slots: underWay, count: underWay.length }]);
	});

	it("says how old it is when the station is gone, and is live again when it is back", async () => {
		const station = createFakeStation(busyView(8));
		const { page, server } = await stage.open({ station });
		const { port } = new URL(server.url);
		expect(await page.locator(".page").getAttribute("data-link")).toBe("live");
		await server.close();
		await page.getByText("Connection lost.").waitFor();
		await page.getByText(/As it was 0:0\d ago/).waitFor();
		expect(await page.locator(".main").evaluate((element) => getComputedStyle(element).filter)).toBe("grayscale(1)");
		await page.getByRole("button", { name: /^Slot 8,/ }).click();
		station.slot(8, { word: "pass", imeiTail: "0042" });
		const again = await startStationServer({ station, pageFolder: PAGE_FOLDER, port: Number(port), heartbeatMs: 500 });
		await page.getByRole("button", { name: /Slot 8, PASS, IMEI ends in 0042/ }).waitFor();
		expect(await page.getByText("Connection lost.").count()).toBe(0);
		await again.close();
	});

	it("is walked with the keyboard alone", async () => {
		const { page, station } = await stage.open({ station: createFakeStation(busyView(20)) });
		const focused = () =>
			page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");
		const tabTo = async (name: RegExp) => {
			for (let count = 0; count < 40; count += 1) {
				if (name.test(await focused())) return;
				await page.keyboard.press("Tab");
			}
			throw new Error(`the focus never came to ${name}`);
		};
		await tabTo(/^Slot 1,/);
		await page.keyboard.press("ArrowRight");
		await page.keyboard.press("ArrowRight");
		expect(await focused()).toMatch(/^Slot 3,/);
		await page.keyboard.press("End");
		expect(await focused()).toMatch(/^Slot 20,/);
		await page.keyboard.press("Home");
		for (let count = 1; count < 8; count += 1) await page.keyboard.press("ArrowRight");
		await page.keyboard.press("Enter");
		expect(await focused()).toMatch(/FAIL/); // the panel's heading
		await tabTo(/^Hold$/);
		await page.keyboard.press("Enter");
		await page.keyboard.type("dented", { delay: 70 });
		await page.keyboard.press("Escape");
		expect(await focused()).toBe("Hold");
		await page.keyboard.press("Escape");
		expect(await focused()).toMatch(/^Slot 8,/);
		expect(station.commands).toEqual([]);
	});

	it("shows the check list of a shift, and has a supervisor skip it with a reason", async () => {
		const view = viewOf(4);
		const checks = CHECKS.map((check) =>
			check.name === "printer" ? { ...check, ok: false, detail: "The printer does not answer." } : check,
		);
		const station = createFakeStation({ ...view, shift: { operator: "Asha R.", startedAtMs: view.nowMs, checks } });
		const { page, scan } = await stage.open({ station });
		await page.getByRole("heading", { name: "Before you start" }).waitFor();
		await page.getByText("The printer does not answer.").waitFor();
		await page.getByRole("button", { name: "Check again" }).click();
		await page.getByRole("button", { name: "Supervisor: start anyway" }).click();
		await scan(SUPERVISOR_BADGE);
		await page.getByLabel("Reason (for the journal)").fill("labels come later");
		await page.getByRole("button", { name: "Confirm" }).click();
		await page.getByRole("heading", { name: "Before you start" }).waitFor({ state: "detached" });
		expect(station.commands.map(({ type }) => type)).toEqual(["check-shift", "skip-shift-check"]);
	});

	it("sounds each signal once somebody touched it, unless it is muted, and always shows it", async () => {
		const { page, station } = await stage.open();
		await page.evaluate(() => {
			const heard: number[] = [];
			Object.assign(window, { heard });
			const node = () => ({
				connect: (next: unknown) => next,
				start() {},
				stop() {},
				gain: { setValueAtTime() {}, linearRampToValueAtTime() {} },
				frequency: { setValueAtTime: (hertz: number) => void heard.push(hertz) },
			});
			Object.assign(window, {
				AudioContext: class {
					currentTime = 0;
					state = "running";
					destination = {};
					createOscillator = node;
					createGain = node;
				},
			});
		});
		const heard = () => page.evaluate(() => (Reflect.get(window, "heard") as number[]).length); // set above
		await page.getByText("Sounds are off until you click or press a key.").waitFor();
		station.signal("ok", "Nobody touched the page yet.", 1);
		await page.getByText("Nobody touched the page yet.").waitFor();
		expect(await heard()).toBe(0);
		await page.getByRole("button", { name: "Turn sounds on" }).click();
		expect(await page.getByText("Sounds are off").count()).toBe(0);
		station.signal("device", "Slot 2 failed.", 2);
		await page.getByRole("alert").filter({ hasText: "Slot 2 failed." }).waitFor();
		expect(await heard()).toBe(3);
		expect(await page.locator("[data-slot='2']").getAttribute("data-flash")).toBe("device");
		await page.getByRole("button", { name: "Mute sounds" }).click();
		station.signal("station", "The registry is gone.");
		await page.getByText("The registry is gone.").waitFor();
		expect(await heard()).toBe(3);
	});

	it("asks before it is left while runs are under way", async () => {
		const { page, station } = await stage.open({ station: createFakeStation(busyView(4)) });
		await page.getByRole("button", { name: "Dashboard" }).click();
		const asked: string[] = [];
		page.on("dialog", (dialog) => {
			asked.push(dialog.type());
			void dialog.accept();
		});
		await page.reload();
		expect(asked).toEqual(["beforeunload"]);
		station.change({ slots: viewOf(4).slots });
		await page.getByRole("button", { name: "Slot 2, Empty" }).waitFor();
		await page.getByRole("button", { name: "Dashboard" }).click();
		await page.reload();
		expect(asked).toEqual(["beforeunload"]);
	});

	it("asks no other machine for anything, and keeps its own rules about what may run", async () => {
		const { page, server } = await stage.open({ station: createFakeStation(busyView(64)) });
		const foreign: string[] = [];
		const broken: string[] = [];
		page.on("request", (request) => {
			if (!request.url().startsWith(server.url)) foreign.push(request.url());
		});
		page.on("console", (message) => {
			if (message.type() === "error") broken.push(message.text());
		});
		await page.reload();
		await page.locator(".card").first().waitFor();
		for (const view of ["Dashboard", "Batch", "Slots"]) await page.getByRole("button", { name: view, exact: true }).click();
		await page.getByLabel("Language").selectOption("hi");
		await page.getByRole("button", { name: "डैशबोर्ड" }).waitFor();
		expect([foreign, broken]).toEqual([[], []]);
	});

	it("gives the batch's reports to keep", async () => {
		const { page } = await stage.open({ server: { reports: async (format) => new TextEncoder().encode(`the ${format}`) } });
		await page.getByRole("button", { name: "Batch", exact: true }).click();
		const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
		expect(download.suggestedFilename()).toBe("batch-PO-2026-0314.csv");
	});
});
