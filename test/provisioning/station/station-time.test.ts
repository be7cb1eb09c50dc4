import { describe, expect, it } from "vitest";

import { stationTime } from "../../../provisioning/station/station-time.ts";

describe("a moment at the station", () => {
	it.each([
		["UTC", "2026-11-21", "18:45"],
		["Asia/Kolkata", "2026-11-22", "00:15"],
		["America/Mexico_City", "2026-11-21", "12:45"],
		["Pacific/Kiritimati", "2026-11-22", "08:45"],
	])("in %s is %s %s", (timeZone, date, time) => {
		expect(stationTime(Date.UTC(2026, 10, 21, 18, 45, 59, 999), timeZone)).toEqual({ date, time });
	});

	it("knows midnight and summer time", () => {
		expect(stationTime(Date.UTC(2026, 0, 1), "UTC")).toEqual({ date: "2026-01-01", time: "00:00" });
		expect(stationTime(Date.UTC(2026, 6, 1), "Europe/Berlin").time).toBe("02:00");
	});

	it("refuses a zone that is not one", () => {
		expect(() => stationTime(0, "Mars/Olympus")).toThrow(RangeError);
	});
});
