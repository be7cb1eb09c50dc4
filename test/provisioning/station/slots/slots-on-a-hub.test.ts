import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import type { HandsetPort } from "../../../../provisioning/handset/port.ts";
import { type BrownOut, watchBrownOuts } from "../../../../provisioning/station/slots/brown-out.ts";
import { type HubMap, readHubMap } from "../../../../provisioning/station/slots/hub-map.ts";
import { identify } from "../../../../provisioning/station/slots/identify.ts";
import type { SlotEvent } from "../../../../provisioning/station/slots/slot-event.ts";
import { type SlotWatch, watchSlots } from "../../../../provisioning/station/slots/slot-watch.ts";
import { openThroughServer } from "../../../../provisioning/transport/adb-server.ts";
import { trackDevices } from "../../../../provisioning/transport/device-list.ts";
import { adbIsHere } from "../../../lab/adb-client.ts";
import { freePort } from "../../../lab/free-port.ts";
import { type Lab, openLab } from "../../../lab/lab.ts";
import { openUsbHub, type UsbHub } from "../../../lab/usb-hub.ts";
import { manualClock } from "./manual-clock.ts";

const PHONES = 16;
const hasAdb = await adbIsHere();
if (!hasAdb) process.stderr.write("slots over an adb server: skipped, there is no adb on this machine\n");

const path = (port: number) => `1-4.${port}`;
const ports = Array.from({ length: PHONES }, (_, index) => index + 1);

describe.skipIf(!hasAdb)("the slots of a station, over a real adb server and a virtual hub with sixteen phones", () => {
	const folder = mkdtempSync(join(tmpdir(), "slots-test-"));
	let lab: Lab;
	let hub: UsbHub;
	let watch: SlotWatch;
	let events: SlotEvent[];
	let adbServerPort: number;
	const ended: (() => Promise<unknown>)[] = [];

	beforeAll(async () => {
		adbServerPort = await freePort();
		lab = await openLab({ stateFolder: folder, transport: "in-process", adbServerPort, bootMs: 10 });
		for (const _ of ports) await lab.add();
	});
	afterAll(async () => {
		await lab.close();
		rmSync(folder, { recursive: true, force: true });
	});
	afterEach(async () => {
		for (const end of ended.splice(0).reverse()) await end();
	});

	const handset = (port: number) => {
		const found = lab.handsets[port - 1];
		if (found === undefined) throw new Error(`no phone ${port}`);
		return found;
	};
	/** Numbers of the slots that hold a phone in this state. */
	const inState = (state: string) =>
		watch
			.slots()
			.filter(({ plugging }) => plugging?.device.state === state)
			.map(({ slot }) => slot);
	const short = () => events.map((event) => ("slot" in event ? `${event.type} ${event.slot}` : event.type));
	/** What the watch tells the station about one phone, taken to open it: the transport id, so that no other can slip in. */
	const open = async (slot: number): Promise<HandsetPort> => {
		const device = watch.slots().find((each) => each.slot === slot)?.plugging?.device;
		if (device?.transportId === undefined) throw new Error(`no phone in slot ${slot}`);
		const { serial, transportId, usbPath } = device;
		const port = await openThroughServer({ serial, transportId, ...(usbPath === undefined ? {} : { usbPath }), port: hub.port });
		ended.push(() => port.close());
		return port;
	};
	const serialIn = async (slot: number) => (await (await open(slot)).shell(["getprop", "ro.serialno"])).stdout.trim();

	async function station(count: number, before: (hub: UsbHub) => void = () => {}) {
		hub = await openUsbHub({ adbServerPort });
		ended.push(() => hub.close());
		before(hub);
		for (const port of ports.slice(0, count)) if (!hub.usbPaths.includes(path(port))) hub.plug(handset(port), path(port));
		events = [];
		const hubMap: HubMap | undefined = readHubMap({
			format: 1,
			slots: ports.map((port) => ({ slot: port, usbPath: path(port), controller: "usb1" })),
		});
		watch = watchSlots({
			track: (signal) => trackDevices(signal, { port: hub.port }, 20),
			...(hubMap ? { hubMap } : {}),
			clock: { nowMs: () => 0 },
			onEvent: (event) => events.push(event),
		});
		ended.push(() => watch.close());
		await watch.ready;
	}

	test("a hub that is unplugged takes sixteen phones, which is told as one thing, and gives them back as new pluggings", async () => {
		await station(PHONES);
		await expect.poll(() => inState("device")).toEqual(ports);
		const open16 = await Promise.all(ports.map(open));
		const calls = open16.map((port) =>
			port.shell(["sleep", "30"]).then(
				() => "no fault",
				(error: { fault: { code: string } }) => error.fault.code,
			),
		);
		await Promise.all(open16.map((port) => port.shell(["true"])));
		const clock = manualClock();
		const told: BrownOut[] = [];
		const brownOuts = watchBrownOuts({ clock, onBrownOut: (what) => told.push(what) });
		watch.onEvent((event) => {
			if (event.type === "unplugged") void brownOuts.dropped({ ...event, controller: "usb1" });
		});
		events.length = 0;
		const plugIn = hub.unplugHub("1-4");
		expect(await Promise.all(calls)).toEqual(ports.map(() => "USB_LOST"));
		await expect.poll(() => inState("device")).toEqual([]);
		await clock.advance(2_000);
		expect(told).toMatchObject([{ hub: "1-4", slots: ports }]);
		expect(events.map(({ type }) => type)).toEqual(ports.map(() => "unplugged"));
		events.length = 0;
		plugIn();
		await expect.poll(() => inState("device")).toEqual(ports);
		expect(short().sort()).toEqual(ports.map((port) => `plugged ${port}`).sort());
		expect(events.every((event) => event.type === "plugged" && !event.found && event.generation > PHONES)).toBe(true);
	});

	test("an adb server that dies under way is told as that, and every phone is found again when it is back", async () => {
		await station(4);
		await expect.poll(() => inState("device")).toEqual([1, 2, 3, 4]);
		const call = (await open(2)).shell(["sleep", "30"]).then(
			() => "no fault",
			(error: { fault: { code: string } }) => error.fault.code,
		);
		events.length = 0;
		await hub.killServer();
		await expect.poll(() => watch.server).toBe("down");
		// The second phone is taken out while nobody can see it.
		hub.unplug(path(2));
		expect(short()).toEqual(["server-down"]);
		expect(await call).toBe("ADB_SERVER_GONE");
		await hub.startServer();
		await expect.poll(() => inState("device")).toEqual([1, 3, 4]);
		expect(short()).toEqual(["server-down", "server-up", "plugged 1", "plugged 3", "plugged 4"]);
		expect(events.slice(2).every((event) => event.type === "plugged" && event.found)).toBe(true);
		expect(await serialIn(3)).toBe(handset(3).serial);
	});

	test("a phone that is put into another port left one slot and came to the other", async () => {
		await station(2);
		await expect.poll(() => inState("device")).toEqual([1, 2]);
		events.length = 0;
		hub.move(path(1), path(9));
		await expect.poll(() => inState("device")).toEqual([2, 9]);
		expect(short()).toEqual(["unplugged 1", "plugged 9"]);
		expect(await serialIn(9)).toBe(handset(1).serial);
	});

	test("two phones of one serial stay two phones, each in its slot", async () => {
		await station(0, (bench) => {
			for (const port of [1, 2]) bench.plug(handset(port), path(port), { serial: "0123456789ABCDEF" });
		});
		await expect.poll(() => inState("device")).toEqual([1, 2]);
		expect([await serialIn(1), await serialIn(2)]).toEqual([handset(1).serial, handset(2).serial]);
		events.length = 0;
		hub.unplug(path(1));
		await expect.poll(() => inState("device")).toEqual([2]);
		expect(short()).toEqual(["unplugged 1"]);
		expect(await serialIn(2)).toBe(handset(2).serial);
	});

	test("a phone that trusts nobody stays so until somebody taps, and is the same plugging then", async () => {
		await station(0, (bench) => bench.plug(handset(5), path(5), { state: "unauthorized" }));
		await expect.poll(() => inState("unauthorized")).toEqual([5]);
		await expect(open(5)).rejects.toMatchObject({ fault: { code: "ADB_UNAUTHORIZED" } });
		expect(short()).toEqual(["server-up", "plugged 5"]);
		hub.setState(path(5), "device");
		await expect.poll(() => inState("device")).toEqual([5]);
		expect(short()).toEqual(["server-up", "plugged 5", "state-changed 5"]);
		const [, plugged, changed] = events;
		expect(
			plugged && changed && "generation" in plugged && "generation" in changed && plugged.generation === changed.generation,
		).toBe(true);
		expect(await serialIn(5)).toBe(handset(5).serial);
	});

	test("a port that nobody calibrated gets the next number, and the phone in it is found by showing it", async () => {
		await station(0, (bench) => bench.plug(handset(3), "2-7"));
		await expect.poll(() => inState("device")).toEqual([17]);
		expect(watch.slots().at(-1)).toMatchObject({ slot: 17, usbPath: "2-7", calibrated: false });
		await identify(await open(17), { slot: 17 });
		expect(handset(3).notifications()).toMatchObject([{ title: "Slot 17" }]);
	});
});
