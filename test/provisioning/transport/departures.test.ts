import { afterEach, describe, expect, it } from "vitest";

import { openThroughServer } from "../../../provisioning/transport/adb-server.ts";
import { type Departures, departuresFrom } from "../../../provisioning/transport/departures.ts";
import { prints, ScriptedAdbServer } from "./scripted-adb-server.ts";

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ended.splice(0)) await end();
});

const line = (id: number) => `R58N device usb:1-${id} transport_id:${id}`;

async function serverWith(...ids: number[]) {
	const server = new ScriptedAdbServer();
	server.phone = { service: () => prints("ok") };
	server.setDevices(...ids.map(line));
	const port = await server.listen();
	ended.push(() => server.stop());
	return { server, port, departures: departuresFrom({ port }) };
}

/** What was told of each handset, in order. */
function watchAll(departures: Departures, ids: readonly number[]) {
	const told: string[] = [];
	const ends = ids.map((id) => departures.watch(String(id), (why) => told.push(`${id} ${why}`)));
	return { told, ends };
}

const trackers = (server: ScriptedAdbServer) => server.requests.filter((request) => request === "host:track-devices-l").length;

describe("hearing of handsets that leave", () => {
	it("tells of the one that left, once, and of no other", async () => {
		const { server, departures } = await serverWith(1, 2, 3);
		const { told, ends } = watchAll(departures, [1, 2, 3]);
		await expect.poll(() => trackers(server)).toBe(1);
		server.setDevices(line(1), line(3));
		await expect.poll(() => told).toEqual(["2 USB_LOST"]);
		server.setDevices(line(1), line(3), line(4));
		server.setDevices(line(3));
		await expect.poll(() => told).toEqual(["2 USB_LOST", "1 USB_LOST"]);
		for (const end of ends) end();
	});

	it("takes one connection for all of them, and none when nobody is watched", async () => {
		const { server, departures } = await serverWith(...Array.from({ length: 64 }, (_, index) => index + 1));
		const { ends } = watchAll(
			departures,
			Array.from({ length: 64 }, (_, index) => index + 1),
		);
		await expect.poll(() => server.open.size).toBe(1);
		for (const end of ends.slice(1)) end();
		expect(server.open.size).toBe(1);
		ends[0]?.();
		ends[0]?.();
		await expect.poll(() => server.open.size).toBe(0);
		expect(trackers(server)).toBe(1);
		const again = watchAll(departures, [5]);
		await expect.poll(() => trackers(server)).toBe(2);
		for (const end of again.ends) end();
	});

	it("tells of a handset that had left before anybody watched, while others are watched already or not", async () => {
		const { server, departures } = await serverWith(1);
		const first = watchAll(departures, [2]);
		await expect.poll(() => first.told).toEqual(["2 USB_LOST"]);
		const { told, ends } = watchAll(departures, [1]);
		await expect.poll(() => trackers(server)).toBe(2);
		const late = watchAll(departures, [9]);
		await expect.poll(() => late.told).toEqual(["9 USB_LOST"]);
		expect(told).toEqual([]);
		for (const end of ends) end();
	});

	it("does not take a list that is older than the handset for its departure", async () => {
		const { server, departures } = await serverWith(1);
		const { ends } = watchAll(departures, [1]);
		await expect.poll(() => trackers(server)).toBe(1);
		// The server knows it already; the list that the tracker has does not.
		server.setDevicesQuietly(line(1), line(2));
		const { told, ends: others } = watchAll(departures, [2]);
		await expect.poll(() => server.requests.filter((request) => request === "host:devices-l").length).toBe(1);
		expect(told).toEqual([]);
		server.setDevices(line(1), line(2));
		server.setDevices(line(1));
		await expect.poll(() => told).toEqual(["2 USB_LOST"]);
		for (const end of [...ends, ...others]) end();
	});

	it("tells everybody when the server is gone", async () => {
		const { server, departures } = await serverWith(1, 2);
		const { told } = watchAll(departures, [1, 2]);
		await expect.poll(() => trackers(server)).toBe(1);
		await server.stop("reset");
		await expect.poll(() => told.toSorted()).toEqual(["1 ADB_SERVER_GONE", "2 ADB_SERVER_GONE"]);
	});

	it("lets handsets share it: one leaves, the other stays", async () => {
		const { server, port, departures } = await serverWith(7, 12);
		const [one, other] = await Promise.all(
			["7", "12"].map((transportId) => openThroughServer({ serial: "R58N", transportId, port, departures })),
		);
		await expect.poll(() => server.open.size).toBe(1);
		server.setDevices(line(12));
		await one?.gone;
		expect((await other?.shell(["true"]))?.stdout).toBe("ok");
		await other?.close();
		await expect.poll(() => server.open.size).toBe(0);
	});
});
