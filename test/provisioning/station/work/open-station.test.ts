import { describe, expect, it } from "vitest";

import { faultError } from "../../../../provisioning/handset/fault.ts";
import type { FaultCode } from "../../../../provisioning/handset/fault-codes.ts";
import type { JournalEntry } from "../../../../provisioning/station/journal/entry.ts";
import { phone, up } from "../slots/seen-phones.ts";
import { deafPhone, nothingAfter, openQuietStation } from "./quiet-station.ts";

const queued: JournalEntry = { type: "webhook-queued", id: "m1", event: "unit.passed" };

describe("a station that is being opened", () => {
	it("opens although the disk was full at first, and had room again before anything else was there", async () => {
		let writes = 0;
		const { station, bugs } = await openQuietStation({
			journal: {
				async append() {
					writes += 1;
					if (writes === 1) throw faultError("STATION_DISK_FULL");
					return [];
				},
				close: async () => {},
			},
			async openAfter(log) {
				await expect(log.intend(queued)).rejects.toMatchObject({ fault: { code: "STATION_DISK_FULL" } });
				expect(log.down).toBeDefined();
				await log.intend(queued);
				return nothingAfter;
			},
		});
		expect(station.view()).toMatchObject({ slots: [{ word: "empty" }, { word: "empty" }] });
		expect(station.view().down).toBeUndefined();
		await station.close();
		expect(bugs).toEqual([]);
	});
});

describe("the card of a phone that cannot be read", () => {
	it.each<[FaultCode, "error" | "preflight-fail", "operator" | "station" | "device"]>([
		["LINK_STALLED", "error", "operator"],
		["USB_LOST", "error", "operator"],
		["UNCLASSIFIED", "error", "station"],
		["IMEI_UNREADABLE", "preflight-fail", "operator"],
		["BOOTLOADER_UNLOCKED", "preflight-fail", "device"],
	])("%s, while it is asked who it is: %s", async (code, word, kind) => {
		const { station, say, card } = await openQuietStation({ openPort: async () => deafPhone(code) });
		say(up(phone("1-1", "1")));
		const shown = await card(1, ({ fault }) => fault !== undefined);
		expect(shown).toMatchObject({ word, fault: { code } });
		expect(station.view().signal?.kind).toBe(kind);
		say(up());
		expect(await card(1, ({ fault }) => fault === undefined)).toMatchObject({ word: "empty" });
		await station.close();
	});

	it.each<[FaultCode, "error" | "preflight-fail" | "unauthorised"]>([
		["ADB_SERVER_GONE", "error"],
		["NO_DEVICE", "error"],
		["ADB_AUTH_TIMEOUT", "unauthorised"],
		["ADB_FOYER", "preflight-fail"],
	])("%s, while it is opened: %s", async (code, word) => {
		const { station, say, card } = await openQuietStation({
			openPort: async () => {
				throw faultError(code);
			},
		});
		say(up(phone("1-1", "1")));
		expect(await card(1, ({ fault }) => fault !== undefined)).toMatchObject({ word, fault: { code } });
		await station.close();
	});

	it.each([
		["offline", "error"],
		["no permissions", "error"],
		["unauthorized", "unauthorised"],
		["recovery", "preflight-fail"],
	])("that the adb server calls %s: %s", async (state, word) => {
		const { station, say, card } = await openQuietStation();
		say(up(phone("1-1", "1", "S", state)));
		expect(await card(1, ({ fault }) => fault !== undefined)).toMatchObject({ word });
		await station.close();
	});
});
