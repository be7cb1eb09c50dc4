import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fault } from "../../../../provisioning/handset/fault.ts";
import { calibrate } from "../../../../provisioning/station/slots/calibrate.ts";
import { Calibration } from "../../../../provisioning/station/slots/calibration.ts";
import { EMPTY_HUB_MAP, type HubMap } from "../../../../provisioning/station/slots/hub-map.ts";
import { SlotBook } from "../../../../provisioning/station/slots/slot-book.ts";
import type { SlotEvent } from "../../../../provisioning/station/slots/slot-event.ts";
import type { SeenDevice, Snapshot } from "../../../../provisioning/transport/device-list.ts";
import { settled } from "./manual-clock.ts";

const phone = (usbPath: string, id = usbPath): SeenDevice => ({ serial: "S", state: "unauthorized", usbPath, transportId: id });
const up = (...devices: SeenDevice[]): Snapshot => ({ server: "up", devices });
const down: Snapshot = { server: "down", devices: [], fault: fault("ADB_SERVER_GONE") };

/** A calibration that hears of the bench what a watch would tell it. */
function bench(count: number, map: HubMap = EMPTY_HUB_MAP) {
	const calibration = new Calibration(map, count);
	const book = new SlotBook(EMPTY_HUB_MAP);
	const see = (snapshot: Snapshot) => {
		for (const event of book.apply(snapshot, 0)) calibration.hear(event);
		return calibration.prompt;
	};
	return { calibration, see };
}

const paths = ({ slots }: HubMap) => slots.map(({ slot, usbPath }) => `${slot}=${usbPath}`);

describe("a calibration", () => {
	it("gives ports their numbers in the order in which a phone is put into them, also a phone that trusts nobody yet", () => {
		const { calibration, see } = bench(2);
		expect(calibration.prompt.kind).toBe("server-down");
		expect(see(up())).toMatchObject({ kind: "plug", slot: 1, text: "Plug one phone into port 1." });
		expect(see(up(phone("1-4.3")))).toMatchObject({ kind: "unplug", slot: 1, usbPath: "1-4.3" });
		expect(see(up())).toMatchObject({ kind: "plug", slot: 2 });
		see(up(phone("1-4.1")));
		expect(see(up())).toMatchObject({ kind: "done", slots: 2 });
		expect(paths(calibration.map)).toEqual(["1=1-4.3", "2=1-4.1"]);
		expect(calibration.map.slots[0]?.controller).toBe("usb1");
	});

	it("refuses a port that has a number, and says which", () => {
		const { calibration, see } = bench(2);
		see(up());
		see(up(phone("1-1")));
		see(up());
		expect(see(up(phone("1-1", "2")))).toMatchObject({ kind: "taken", isSlot: 1, slot: 2 });
		expect(see(up())).toMatchObject({ kind: "plug", slot: 2 });
		expect(paths(calibration.map)).toEqual(["1=1-1"]);
	});

	it.each([
		["together", [up(phone("1-1"), phone("1-2"))]],
		["one after the other", [up(phone("1-1")), up(phone("1-1"), phone("1-2"))]],
	])("refuses two phones that are plugged in %s, until both are out", (_name, lists) => {
		const { calibration, see } = bench(2);
		see(up());
		for (const list of lists) see(list);
		expect(calibration.prompt).toMatchObject({ kind: "several", usbPaths: ["1-1", "1-2"] });
		expect(see(up(phone("1-2")))).toMatchObject({ kind: "several" });
		expect(see(up())).toMatchObject({ kind: "plug", slot: 1 });
		expect(paths(calibration.map)).toEqual([]);
	});

	it("begins with empty hubs, and does not take a phone that was there before", () => {
		const { calibration, see } = bench(1);
		expect(see(up(phone("1-1")))).toMatchObject({ kind: "several" });
		expect(see(up())).toMatchObject({ kind: "plug", slot: 1 });
		expect(paths(calibration.map)).toEqual([]);
	});

	it("takes no phone that is not on USB", () => {
		const { calibration, see } = bench(1);
		see(up());
		expect(see(up({ serial: "127.0.0.1:5801", state: "device", transportId: "1" }))).toMatchObject({ kind: "not-usb" });
		see(up());
		expect(paths(calibration.map)).toEqual([]);
	});

	it("forgets what was in doubt when the server goes, and goes on when it is back", () => {
		const { calibration, see } = bench(1);
		see(up());
		see(up(phone("1-1")));
		expect(see(down).kind).toBe("server-down");
		expect(see(up())).toMatchObject({ kind: "plug", slot: 1 });
		expect(paths(calibration.map)).toEqual([]);
	});

	it("goes on with the first number that has no port", () => {
		const map: HubMap = {
			format: 1,
			slots: [
				{ slot: 1, usbPath: "1-1", controller: "usb1" },
				{ slot: 3, usbPath: "1-3", controller: "usb1" },
			],
		};
		const { calibration, see } = bench(3, map);
		see(up());
		see(up(phone("1-2")));
		expect(see(up()).kind).toBe("done");
		expect(paths(calibration.map)).toEqual(["1=1-1", "2=1-2", "3=1-3"]);
	});

	it("whatever is plugged where, numbers only ports that had one phone alone, each once, in order", () => {
		const port = fc.constantFrom("1-1", "1-2", "1-3", "1-4");
		fc.assert(
			fc.property(fc.array(fc.oneof(port, fc.constant("down" as const)), { maxLength: 40 }), (toggles) => {
				const { calibration, see } = bench(3);
				see(up());
				const inside = new Map<string, number>();
				// The rule, said once more: a port counts when from empty hubs to empty hubs nothing else was plugged in.
				let alone: string | undefined;
				let isClean = true;
				const expected: string[] = [];
				for (const [index, toggle] of toggles.entries()) {
					if (toggle === "down") {
						see(down);
						alone = undefined;
						isClean = inside.size === 0;
					} else if (inside.delete(toggle)) {
						if (isClean && alone === toggle && inside.size === 0) expected.push(toggle);
						alone = undefined;
						if (inside.size === 0) isClean = true;
					} else {
						inside.set(toggle, index);
						if (inside.size > 1 || expected.includes(toggle) || expected.length === 3) isClean = false;
						alone = isClean ? toggle : undefined;
					}
					see(up(...[...inside].map(([path, id]) => phone(path, String(id + 1)))));
				}
				expect(paths(calibration.map)).toEqual(expected.slice(0, 3).map((path, at) => `${at + 1}=${path}`));
			}),
		);
	});

	it("is of no more ports than a station has", () => {
		expect(() => new Calibration(EMPTY_HUB_MAP, 0)).toThrow(RangeError);
		expect(() => new Calibration(EMPTY_HUB_MAP, 257)).toThrow(RangeError);
	});
});

describe("calibrating", () => {
	/** A watch that a test speaks for. */
	function spoken() {
		const book = new SlotBook(EMPTY_HUB_MAP);
		const listeners = new Set<(event: SlotEvent) => void>();
		const watch = {
			get server() {
				return book.server === "up" ? ("up" as const) : ("down" as const);
			},
			slots: () => book.slots(),
			onEvent(listener: (event: SlotEvent) => void) {
				listeners.add(listener);
				return () => void listeners.delete(listener);
			},
		};
		const see = async (snapshot: Snapshot) => {
			for (const event of book.apply(snapshot, 0)) for (const listener of listeners) listener(event);
			await settled();
		};
		return { watch, see, listeners };
	}

	it("says each thing once, keeps each port before it asks for the next, and lets the watch go", async () => {
		const { watch, see, listeners } = spoken();
		const log: string[] = [];
		const done = calibrate({
			...{ watch, map: EMPTY_HUB_MAP, count: 2 },
			say: ({ kind, ...prompt }) => log.push(`${kind}${"slot" in prompt ? ` ${prompt.slot}` : ""}`),
			save: async (map) => void log.push(`saved ${paths(map)}`),
			facts: async () => ({ controller: "0000:00:14.0" }),
		});
		await see(up());
		await see(up(phone("1-1")));
		await see(up({ ...phone("1-1"), state: "device" }));
		await see(up());
		await see(up(phone("1-2")));
		await see(up());
		const map = await done;
		expect(log).toEqual(["server-down", "plug 1", "unplug 1", "saved 1=1-1", "plug 2", "unplug 2", "saved 1=1-1,2=1-2", "done"]);
		expect(map.slots[0]?.controller).toBe("0000:00:14.0");
		expect(listeners.size).toBe(0);
	});

	it("ends when the person has enough, with what was kept, and can go on later", async () => {
		const { watch, see } = spoken();
		await see(up());
		const ending = new AbortController();
		const saved: HubMap[] = [];
		const run = (map: HubMap, signal?: AbortSignal) =>
			calibrate({
				watch,
				map,
				count: 2,
				say: () => {},
				save: async (next) => void saved.push(next),
				...(signal ? { signal } : {}),
			});
		const first = run(EMPTY_HUB_MAP, ending.signal);
		await see(up(phone("1-1")));
		await see(up());
		await see(up(phone("1-2")));
		ending.abort();
		expect(paths(await first)).toEqual(["1=1-1"]);
		const second = run(saved.at(-1) ?? EMPTY_HUB_MAP);
		await see(up());
		await see(up(phone("1-2", "9")));
		await see(up());
		expect(paths(await second)).toEqual(["1=1-1", "2=1-2"]);
	});

	it("stops when the map cannot be kept", async () => {
		const { watch, see, listeners } = spoken();
		await see(up());
		const done = calibrate({ watch, map: EMPTY_HUB_MAP, count: 1, say: () => {}, save: () => Promise.reject(new Error("disk")) });
		const failed = expect(done).rejects.toThrow("disk");
		await see(up(phone("1-1")));
		await see(up());
		await failed;
		expect(listeners.size).toBe(0);
	});
});
