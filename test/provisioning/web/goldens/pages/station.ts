import { fault } from "../../../../../provisioning/handset/fault.ts";
import { busyView, CHECKS, createFakeStation, NOW_MS } from "../../../station/server/fake-station.ts";
import { openStage } from "../../station/browser.ts";
import type { Show } from "../drawing.ts";
import type { Studio } from "../studio.ts";

/** Clocks that run as long as the page is open. */
const masks = [{ pattern: "^\\d+:\\d\\d$", shown: "0:42" }];

/** Its grid is as large as its window. */
const isWindowOnly = true;

/** A shift at a bench of 64 slots. */
export async function drawStation(studio: Studio, show: Show): Promise<void> {
	const stage = await openStage(studio.stage.browser);
	studio.later(() => stage.close());
	const busy = busyView(64);
	const unfit = CHECKS.map((check, index) => ({ ...check, ok: index > 0 }));
	const shift = { operator: "Asha R.", startedAtMs: busy.nowMs, checks: unfit };
	const station = createFakeStation({ ...busy, shift });
	const { page } = await stage.open({
		station,
		nowMs: NOW_MS,
		server: { heartbeatMs: 3_600_000 },
		context: { timezoneId: "UTC" },
		preferences: { theme: "light", language: "en" },
	});
	const told = (text: string) => page.getByText(text).first().waitFor();
	await told("Before you start");
	await page.getByRole("button", { name: "Turn sounds on" }).click();
	await show(page, "shift-start", { masks, isWindowOnly });
	station.change({ shift: busy.shift ?? shift });
	await told("Scan the IMEI on the next box.");
	await show(page, "slots", { masks, isWindowOnly, inEveryLanguage: true });
	station.change({ scan: { contractId: "C-1001", imeiTail: "7518", atMs: NOW_MS } });
	await told("Plug its phone in.");
	await show(page, "scanned", { masks, isWindowOnly });
	station.change({}, ["scan"]);
	await page.getByRole("button", { name: /^Slot 8,/ }).click();
	await show(page, "slot", { masks, isWindowOnly });
	await page.getByRole("button", { name: "Dashboard", exact: true }).first().click();
	await show(page, "dashboard", { masks, isWindowOnly });
	station.change({ down: fault("STATION_DISK_FULL") });
	await told("The station cannot go on.");
	await show(page, "down", { masks, isWindowOnly });
}
