import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

import type { FaultError } from "../../../provisioning/handset/fault.ts";
import {
	compareLists,
	faultOfState,
	listDevices,
	parseDeviceList,
	type SeenDevice,
	type Snapshot,
	trackDevices,
} from "../../../provisioning/transport/device-list.ts";
import { ScriptedAdbServer } from "./scripted-adb-server.ts";

const R58N = "R58N         unauthorized usb:1-4.2 transport_id:7";
const X1 = "X1           device usb:1-4.3 product:sweet model:M2101K6G device:sweet transport_id:8";
const DENIED =
	"abc123       no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-1 transport_id:3";

describe("device list", () => {
	it("takes every line, whatever the state, with USB path and transport id (trap 5c, 5d)", () => {
		expect(parseDeviceList(`${R58N}\n${X1}\n${DENIED}\n`)).toEqual([
			{ serial: "R58N", state: "unauthorized", usbPath: "1-4.2", transportId: "7" },
			{ serial: "X1", state: "device", usbPath: "1-4.3", transportId: "8", model: "M2101K6G" },
			{ serial: "abc123", state: "no permissions", usbPath: "1-1", transportId: "3" },
		]);
	});

	it("takes a line without a transport id, a network handset, repeated serials, and states of the future (trap 5f)", () => {
		const text =
			"0123456789ABCDEF device usb:1-1 transport_id:1\n0123456789ABCDEF hibernating usb:1-2\r\n127.0.0.1:5801 device transport_id:9\n\n";
		expect(parseDeviceList(text)).toEqual([
			{ serial: "0123456789ABCDEF", state: "device", usbPath: "1-1", transportId: "1" },
			{ serial: "0123456789ABCDEF", state: "hibernating", usbPath: "1-2" },
			{ serial: "127.0.0.1:5801", state: "device", transportId: "9" },
		]);
	});

	it("never throws, and gives plain bounded words", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
				for (const device of parseDeviceList(text)) {
					for (const value of Object.values(device)) {
						expect(value.length).toBeLessThanOrEqual(128);
						expect(value).not.toMatch(/[\p{Cc}]/u);
					}
				}
			}),
		);
	});

	it.each([
		["device", undefined],
		["unauthorized", "ADB_UNAUTHORIZED"],
		["authorizing", "ADB_UNAUTHORIZED"],
		["offline", "ADB_OFFLINE"],
		["connecting", "ADB_OFFLINE"],
		["no permissions", "ADB_NO_PERMISSION"],
		["recovery", "HANDSET_BOOTING"],
		["sideload", "HANDSET_BOOTING"],
		["hibernating", "ADB_OFFLINE"],
	])("state %s is %s", (state, code) => {
		expect(faultOfState(state)).toBe(code);
	});

	it("compares: added, changed, removed; a replug in one slot is both (trap 5b)", () => {
		const before = parseDeviceList(`${R58N}\n${X1}`);
		expect(compareLists(before, parseDeviceList(`${R58N.replace("unauthorized", "device")}\n${X1}`))).toEqual([
			{ kind: "changed", device: { serial: "R58N", state: "device", usbPath: "1-4.2", transportId: "7" } },
		]);
		const replugged = compareLists(before, parseDeviceList(`${R58N}\n${X1.replace("transport_id:8", "transport_id:9")}`));
		expect(replugged.map(({ kind, device }) => [kind, device.transportId])).toEqual([
			["removed", "8"],
			["added", "9"],
		]);
		expect(compareLists(before, before)).toEqual([]);
	});

	it("applied to the list before, its changes give the list after", () => {
		const device = fc.record({
			serial: fc.constantFrom("A", "B"),
			state: fc.constantFrom("device", "offline"),
			transportId: fc.constantFrom("1", "2", "3", "4"),
		});
		const list = fc.uniqueArray(device, { selector: ({ transportId }) => transportId });
		fc.assert(
			fc.property(list, list, (before, after) => {
				const now = new Map<string | undefined, SeenDevice>(before.map((each) => [each.transportId, each]));
				for (const { kind, device: each } of compareLists(before, after)) {
					if (kind === "removed") now.delete(each.transportId);
					else now.set(each.transportId, each);
				}
				expect(new Map(after.map((each) => [each.transportId, each]))).toEqual(now);
			}),
		);
	});
});

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const end of ended.splice(0)) await end();
});

async function scripted() {
	const server = new ScriptedAdbServer();
	const port = await server.listen();
	ended.push(() => server.stop());
	return { server, port };
}

describe("listing", () => {
	it("asks once and leaves no connection", async () => {
		const { server, port } = await scripted();
		server.setDevices(X1);
		expect(await listDevices(port)).toHaveLength(1);
		await expect.poll(() => server.open.size).toBe(0);
	});

	it("is ADB_SERVER_GONE without a server, also for one that resets", async () => {
		const { server, port } = await scripted();
		server.silent = true;
		const asked = listDevices(port).catch((error: FaultError) => error.fault.code);
		await expect.poll(() => server.requests.length).toBe(1);
		await server.stop("reset");
		expect(await asked).toBe("ADB_SERVER_GONE");
		expect(await listDevices(port).catch((error: FaultError) => error.fault.code)).toBe("ADB_SERVER_GONE");
	});
});

describe("tracking", () => {
	/** Follows until the end; hands out one snapshot at a time. */
	function follow(port: number) {
		const ending = new AbortController();
		const snapshots = trackDevices(ending.signal, { port }, 20);
		const next = async (): Promise<Snapshot> => {
			const { value, done } = await snapshots.next();
			if (done || !value) throw new Error("ended");
			return value;
		};
		ended.unshift(async () => {
			ending.abort();
			await snapshots.return();
		});
		return { next, ending, snapshots };
	}

	it("gives the list at once, and again when a state changes (trap 5b)", async () => {
		const { server, port } = await scripted();
		server.setDevices(R58N);
		const { next } = follow(port);
		expect(await next()).toMatchObject({ server: "up", devices: [{ state: "unauthorized" }] });
		server.setDevices(R58N.replace("unauthorized", "device"));
		expect(await next()).toMatchObject({ server: "up", devices: [{ state: "device" }] });
		server.setDevices();
		expect(await next()).toEqual({ server: "up", devices: [] });
	});

	it.each(["end", "reset"] as const)(
		"says once that the server is down, and goes on when it is back (%s; traps 2, 5e)",
		async (how) => {
			const { server, port } = await scripted();
			server.setDevices(X1);
			const { next } = follow(port);
			await next();
			await server.stop(how);
			expect(await next()).toMatchObject({ server: "down", devices: [], fault: { code: "ADB_SERVER_GONE" } });
			const pending = next();
			await server.listen(port);
			expect(await pending).toMatchObject({ server: "up", devices: [{ serial: "X1" }] });
		},
	);

	it("ends with its signal, while it waits for the server and while it waits for a change", async () => {
		const { server, port } = await scripted();
		const { next, ending, snapshots } = follow(port);
		await next();
		const waiting = snapshots.next();
		ending.abort();
		expect(await waiting).toEqual({ done: true, value: undefined });
		await expect.poll(() => server.open.size).toBe(0);
	});
});
