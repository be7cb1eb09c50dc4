import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import {
	controllerOf,
	EMPTY_HUB_MAP,
	readHubMap,
	withoutSlot,
	withSlot,
} from "../../../../provisioning/station/slots/hub-map.ts";
import { HUB_MAP_FILE, loadHubMap, saveHubMap } from "../../../../provisioning/station/slots/hub-map-file.ts";

const root = mkdtempSync(join(tmpdir(), "hub-map-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
function folder(): string {
	folders += 1;
	const path = join(root, String(folders));
	mkdirSync(path);
	return path;
}

const port = (slot: number, usbPath: string, controller = "usb1") => ({ slot, usbPath, controller });

describe("the map of the hubs", () => {
	it("is empty where nobody calibrated, and is read as it was written", async () => {
		const place = folder();
		expect(await loadHubMap(place)).toEqual(EMPTY_HUB_MAP);
		const map = withSlot(withSlot(EMPTY_HUB_MAP, port(2, "1-4.2")), { ...port(1, "1-4.1", "0000:00:14.0"), label: "left hub" });
		await saveHubMap(place, map);
		await saveHubMap(place, map);
		expect(await loadHubMap(place)).toEqual(map);
		expect(map.slots.map(({ slot }) => slot)).toEqual([1, 2]);
		expect(readdirSync(place)).toEqual([HUB_MAP_FILE]);
	});

	it.each([
		["cut off", '{"format":1,"slots":[{"slo'],
		["of a later version", '{"format":2,"slots":[]}'],
		["with a number twice", JSON.stringify({ format: 1, slots: [port(1, "1-1"), port(1, "1-2")] })],
		["with a path twice", JSON.stringify({ format: 1, slots: [port(1, "1-1"), port(2, "1-1")] })],
		["with slot 0", JSON.stringify({ format: 1, slots: [port(0, "1-1")] })],
	])("is refused when it is %s, and left as it is", async (_name, text) => {
		const place = folder();
		writeFileSync(join(place, HUB_MAP_FILE), text);
		await expect(loadHubMap(place)).rejects.toMatchObject({ fault: { code: "HUB_MAP_UNREADABLE" } });
		expect(readdirSync(place)).toEqual([HUB_MAP_FILE]);
	});

	it("says so when it cannot be written, and leaves no draft", async () => {
		await expect(saveHubMap(join(root, "nowhere"), EMPTY_HUB_MAP)).rejects.toMatchObject({ fault: { code: "UNCLASSIFIED" } });
	});

	it("never takes a number or a path twice, and gives a port up", () => {
		const map = withSlot(EMPTY_HUB_MAP, port(1, "1-1"));
		expect(() => withSlot(map, port(1, "1-2"))).toThrow(RangeError);
		expect(() => withSlot(map, port(2, "1-1"))).toThrow(RangeError);
		expect(withoutSlot(map, 1)).toEqual(EMPTY_HUB_MAP);
	});

	it("never throws, whatever the file holds, and gives only maps that can be written", () => {
		const jsonish = fc.oneof(
			fc.jsonValue(),
			fc.record({
				format: fc.constant(1),
				slots: fc.array(fc.record({ slot: fc.integer(), usbPath: fc.string(), controller: fc.string() })),
			}),
		);
		fc.assert(
			fc.property(jsonish, (value) => {
				const map = readHubMap(value);
				if (map) expect(readHubMap(JSON.parse(JSON.stringify(map)))).toEqual(map);
			}),
		);
	});

	it("knows the controller of a port: its own word, else the bus, else the network", () => {
		const map = withSlot(EMPTY_HUB_MAP, port(1, "1-1", "0000:00:14.0"));
		expect(controllerOf("1-1", map)).toBe("0000:00:14.0");
		expect(controllerOf("3-2.1", map)).toBe("usb3");
		expect(controllerOf("127.0.0.1:5801", map)).toBe("network");
	});
});
