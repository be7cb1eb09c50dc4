import { describe, expect, it } from "vitest";

import { EMPTY_HUB_MAP } from "../../../../provisioning/station/slots/hub-map.ts";
import { SlotBook } from "../../../../provisioning/station/slots/slot-book.ts";
import type { SeenDevice } from "../../../../provisioning/transport/device-list.ts";
import { down, mapOf, phone, short, up } from "./seen-phones.ts";

describe("the book of slots", () => {
	it("tells who came, who changed and who left, by number, the ones that left first", () => {
		const book = new SlotBook(mapOf("1-1", "1-2", "1-3"));
		expect(short(book.apply(up(phone("1-3", "9"), phone("1-1", "4", "S", "unauthorized")), 1))).toEqual([
			"server-up",
			"+1",
			"+3",
		]);
		expect(short(book.apply(up(phone("1-2", "10"), phone("1-1", "4")), 2))).toEqual(["-3", "~1", "+2"]);
		expect(book.apply(up(phone("1-2", "10"), phone("1-1", "4")), 3)).toEqual([]);
	});

	it("counts a new transport id in a slot as another plugging, although serial and port are the same", () => {
		const book = new SlotBook(mapOf("1-1"));
		const first = book.apply(up(phone("1-1", "4")), 1)[1];
		expect(first).toMatchObject({ type: "plugged", generation: 1, found: true });
		expect(book.apply(up(phone("1-1", "5")), 2)).toMatchObject([
			{ type: "unplugged", generation: 1, device: { transportId: "4" }, sinceMs: 1, atMs: 2 },
			{ type: "plugged", generation: 2, device: { transportId: "5" }, sinceMs: 2, found: false },
		]);
	});

	it("knows two phones with one serial apart, and one phone in another port as unplugged and plugged in", () => {
		const book = new SlotBook(mapOf("1-1", "1-2", "1-3"));
		book.apply(up(phone("1-1", "1", "0123456789ABCDEF"), phone("1-2", "2", "0123456789ABCDEF")), 0);
		expect(short(book.apply(up(phone("1-1", "1", "0123456789ABCDEF"), phone("1-3", "3", "0123456789ABCDEF")), 1))).toEqual([
			"-2",
			"+3",
		]);
	});

	it("knows nothing while the server is down, and says of nobody that they left", () => {
		const book = new SlotBook(mapOf("1-1", "1-2"));
		book.apply(up(phone("1-1", "1"), phone("1-2", "2")), 0);
		expect(book.apply(down, 1)).toMatchObject([{ type: "server-down", lost: [{ slot: 1 }, { slot: 2 }] }]);
		expect(book.apply(down, 2)).toEqual([]);
		expect(book.slots().every(({ plugging }) => plugging === undefined)).toBe(true);
		// A new server counts from 1 again: the same id proves nothing.
		expect(book.apply(up(phone("1-1", "1")), 3)).toMatchObject([
			{ type: "server-up" },
			{ type: "plugged", slot: 1, generation: 3, found: true },
		]);
	});

	it("gives a port that is not on the map the next number, and the same one when a phone comes back", () => {
		const book = new SlotBook(mapOf("1-1", "1-2"));
		book.apply(up(phone("2-7", "1"), phone("2-8", "2")), 0);
		book.apply(up(phone("2-8", "2")), 1);
		book.apply(up(phone("2-8", "2"), phone("2-7", "3")), 2);
		expect(book.slots()).toMatchObject([
			{ slot: 1, calibrated: true },
			{ slot: 2, calibrated: true },
			{ slot: 3, usbPath: "2-7", calibrated: false, controller: "usb2" },
			{ slot: 4, usbPath: "2-8", calibrated: false },
		]);
	});

	it("gives a phone that is not on USB a slot by its serial, and none to a phone that calls itself a port", () => {
		const book = new SlotBook(mapOf("1-1"));
		book.apply(
			up({ serial: "127.0.0.1:5801", state: "device", transportId: "1" }, { serial: "1-1", state: "device", transportId: "2" }),
			0,
		);
		expect(book.slots()).toMatchObject([
			{ slot: 1, usbPath: "1-1", calibrated: true },
			{ slot: 2, usbPath: "127.0.0.1:5801", controller: "network", plugging: {} },
			{ slot: 3, usbPath: "1-1", calibrated: false, plugging: {} },
		]);
		expect(book.slots()[0]?.plugging).toBeUndefined();
	});

	it("keeps blank boards apart where the server tells no ports, and each in its slot when one leaves", () => {
		const book = new SlotBook(EMPTY_HUB_MAP);
		const board = (transportId: string): SeenDevice => ({ serial: "0123456789ABCDEF", state: "device", transportId });
		expect(short(book.apply(up(board("1"), board("2")), 0))).toEqual(["server-up", "+1", "+2"]);
		expect(short(book.apply(up(board("2")), 1))).toEqual(["-1"]);
		expect(short(book.apply(up(board("2"), board("3")), 2))).toEqual(["+1"]);
	});

	it("takes the newer of two links that are listed for one port", () => {
		const book = new SlotBook(mapOf("1-1"));
		book.apply(up(phone("1-1", "9", "S", "offline")), 0);
		expect(short(book.apply(up(phone("1-1", "10"), phone("1-1", "9", "S", "offline")), 1))).toEqual(["-1", "+1"]);
		expect(book.slots()[0]?.plugging?.device).toMatchObject({ transportId: "10", state: "device" });
	});

	it("takes another serial on one link for another phone, unless the first could not be read", () => {
		const book = new SlotBook(mapOf("1-1"));
		book.apply(up(phone("1-1", "1", "????????????", "no permissions")), 0);
		expect(short(book.apply(up(phone("1-1", "1", "A")), 1))).toEqual(["~1"]);
		expect(short(book.apply(up(phone("1-1", "1", "B")), 2))).toEqual(["-1", "+1"]);
	});

	it("hears a server that lists ten thousand phones as far as there are slots, those on the map first", () => {
		const book = new SlotBook(mapOf("1-1"));
		const rubbish = (from: number) =>
			Array.from({ length: 10_000 }, (_, index) => phone(`7-${from + index}`, String(from + index)));
		const events = book.apply(up(...rubbish(100), phone("1-1", "1")), 0);
		expect(events.length).toBe(1 + 256);
		expect(book.slots()).toHaveLength(256);
		expect(book.slots()[0]).toMatchObject({ slot: 1, plugging: { device: { transportId: "1" } } });
		expect(book.ignored).toBe(9_745);
		for (let from = 20_000; from < 200_000; from += 20_000) book.apply(up(...rubbish(from), phone("1-1", "1")), 0);
		expect(book.slots()).toHaveLength(256);
		expect(Math.max(...book.slots().map(({ slot }) => slot))).toBeLessThanOrEqual(1024);
		expect(new Set(book.slots().map(({ slot }) => slot)).size).toBe(256);
	});
});
