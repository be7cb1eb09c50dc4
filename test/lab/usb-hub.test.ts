import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import type { HandsetPort } from "../../provisioning/handset/port.ts";
import { openThroughServer, type ServerHandset } from "../../provisioning/transport/adb-server.ts";
import { listDevices, type Snapshot, trackDevices } from "../../provisioning/transport/device-list.ts";
import { adbIsHere } from "./adb-client.ts";
import { freePort } from "./free-port.ts";
import { type Lab, type LabHandset, openLab } from "./lab.ts";
import { prepareRealAdbd } from "./real-adbd/prepare.ts";
import { openUsbHub, type UsbHub } from "./usb-hub.ts";

const run = promisify(execFile);
const hasAdb = await adbIsHere();
const prepared = await prepareRealAdbd();
if (!hasAdb) process.stderr.write("virtual USB hub: skipped, there is no adb on this machine\n");
if (!prepared.ok) process.stderr.write(`virtual USB hub over real adbd: skipped, ${prepared.reason}\n`);

const TRANSPORTS = [
	{ transport: "in-process", skip: !hasAdb },
	{ transport: "adbd", skip: !hasAdb || !prepared.ok },
] as const;

describe.each(TRANSPORTS)("a virtual USB hub before handsets over $transport", ({ transport, skip }) => {
	const it = test.skipIf(skip);
	const folder = mkdtempSync(join(tmpdir(), "usb-hub-test-"));
	let lab: Lab;
	let adbServerPort: number;
	let one: LabHandset;
	let two: LabHandset;
	let hub: UsbHub;
	const ended: (() => unknown)[] = [];

	beforeAll(async () => {
		if (skip) return;
		adbServerPort = await freePort();
		lab = await openLab({ stateFolder: folder, transport, adbServerPort, bootMs: 10 });
		[one, two] = [await lab.add(), await lab.add()];
	});
	afterAll(async () => {
		await lab?.close();
		rmSync(folder, { recursive: true, force: true });
	});
	afterEach(async () => {
		for (const end of ended.splice(0).reverse()) await end();
	});

	/** A hub with both phones in, each usable. */
	const withHub = async (serials: { one?: string; two?: string } = {}) => {
		await Promise.all([one.plug(), two.plug()]);
		hub = await openUsbHub({ adbServerPort });
		ended.push(() => hub.close());
		hub.plug(one, "1-4.2", serials.one === undefined ? {} : { serial: serials.one });
		hub.plug(two, "1-4.3", serials.two === undefined ? {} : { serial: serials.two });
		await expect.poll(async () => (await list()).map(({ state }) => state)).toEqual(["device", "device"]);
	};
	const list = () => listDevices(hub.port);
	const open = async (handset: ServerHandset): Promise<HandsetPort> => {
		const port = await openThroughServer({ ...handset, port: hub.port });
		ended.push(() => port.close());
		return port;
	};
	const serialOf = async (port: HandsetPort) => (await port.shell(["getprop", "ro.serialno"])).stdout.trim();
	const codeOf = (promise: Promise<unknown>) =>
		promise.then(
			() => "no fault",
			(error: { fault?: { code: string } }) => error.fault?.code ?? String(error),
		);
	const adb = async (...words: string[]) => {
		const { stdout, stderr } = await run("adb", ["-P", String(hub.port), ...words], { timeout: 10_000 }).catch(
			(error: { stdout: string; stderr: string }) => error,
		);
		return stdout + stderr;
	};

	it("lists phones by their own serials in USB ports, and nothing that is not plugged into it", async () => {
		await withHub();
		expect(await list()).toMatchObject([
			{ serial: one.serial, state: "device", usbPath: "1-4.2", transportId: "1" },
			{ serial: two.serial, state: "device", usbPath: "1-4.3", transportId: "2" },
		]);
		hub.unplug("1-4.2");
		expect((await list()).map(({ usbPath }) => usbPath)).toEqual(["1-4.3"]);
		expect((await listDevices(adbServerPort)).length).toBe(2);
	});

	it("reaches a phone by port, by transport id and by serial, and the right one each time", async () => {
		await withHub();
		expect(await serialOf(await open({ usbPath: "1-4.3" }))).toBe(two.serial);
		expect(await serialOf(await open({ transportId: "1", serial: "whatever" }))).toBe(one.serial);
		expect(await serialOf(await open({ serial: two.serial }))).toBe(two.serial);
		expect(await codeOf(openThroughServer({ usbPath: "1-9", port: hub.port }))).toBe("NO_DEVICE");
		expect(await codeOf(openThroughServer({ serial: one.adbSerial, port: hub.port }))).toBe("NO_DEVICE");
	});

	it("serves the real adb client", async () => {
		await withHub();
		expect(await adb("devices", "-l")).toMatch(
			new RegExp(`^${one.serial} +device usb:1-4\\.2 .*transport_id:1\n${two.serial} +device usb:1-4\\.3 .*transport_id:2$`, "m"),
		);
		expect(await adb("devices")).toContain(`${one.serial}\tdevice\n`);
		expect(await adb("-s", "usb:1-4.2", "shell", "getprop", "ro.serialno")).toBe(`${one.serial}\n`);
		expect(await adb("-s", "usb:1-4.3", "shell", "echo hi; exit 0")).toBe("hi\n");
		expect(await adb("-s", two.serial, "get-devpath")).toBe("usb:1-4.3\n");
		expect(await adb("-t", "2", "get-serialno")).toBe(`${two.serial}\n`);
		expect(await adb("shell", "true")).toContain("more than one device/emulator");
		expect(await adb("-s", "usb:1-4.2", "wait-for-usb-device", "shell", "echo there")).toBe("there\n");
		hub.unplug("1-4.3");
		expect(await adb("-d", "shell", "echo", "alone")).toBe("alone\n");
		expect(await adb("-s", "usb:1-4.3", "shell", "true")).toContain("device 'usb:1-4.3' not found");
	});

	it("carries a push and its content whole, either way", async () => {
		await withHub();
		const port = await open({ usbPath: "1-4.2" });
		const content = "0123456789abcde\n".repeat(1 << 15);
		await port.push("/data/local/tmp/big", new TextEncoder().encode(content));
		expect((await port.shell(["cat", "/data/local/tmp/big"])).stdout === content).toBe(true);
	});

	it("can hold two phones of one serial, which only port and transport id tell apart", async () => {
		await withHub({ one: "0123456789ABCDEF", two: "0123456789ABCDEF" });
		expect((await list()).map(({ serial }) => serial)).toEqual(["0123456789ABCDEF", "0123456789ABCDEF"]);
		expect(await codeOf(openThroughServer({ serial: "0123456789ABCDEF", port: hub.port }))).toBe("AMBIGUOUS_DEVICE");
		expect(await serialOf(await open({ usbPath: "1-4.2" }))).toBe(one.serial);
		expect(await serialOf(await open({ transportId: "2", serial: "0123456789ABCDEF" }))).toBe(two.serial);
	});

	it("cuts the connections of a phone that is unplugged, and of no other", async () => {
		await withHub();
		const [first, second] = [await open({ usbPath: "1-4.2" }), await open({ usbPath: "1-4.3" })];
		const call = codeOf(first.shell(["sleep", "30"]));
		await first.shell(["true"]);
		hub.unplug("1-4.2");
		expect(await call).toBe("USB_LOST");
		await first.gone;
		expect(await serialOf(second)).toBe(two.serial);
	});

	it("gives a phone another transport id with each plugging, and the old one to nobody", async () => {
		await withHub();
		hub.move("1-4.2", "2-1");
		expect(await list()).toMatchObject([
			{ usbPath: "1-4.3", transportId: "2" },
			{ usbPath: "2-1", transportId: "3" },
		]);
		expect(await codeOf(openThroughServer({ transportId: "1", serial: one.serial, port: hub.port }))).toBe("NO_DEVICE");
		expect(await serialOf(await open({ usbPath: "2-1" }))).toBe(one.serial);
	});

	it("loses and finds a link in one breath: trackers see both, and calls end", async () => {
		await withHub();
		const { seen } = follow();
		await expect.poll(() => seen.length).toBe(1);
		const port = await open({ usbPath: "1-4.2" });
		const call = codeOf(port.shell(["sleep", "30"]));
		await port.shell(["true"]);
		hub.drop("1-4.2");
		expect(await call).toBe("USB_LOST");
		await expect.poll(() => seen).toEqual(["1-4.2#1 1-4.3#2", "1-4.3#2", "1-4.3#2 1-4.2#3"]);
		expect(await serialOf(await open({ usbPath: "1-4.2" }))).toBe(one.serial);
	});

	it.each([
		["unauthorized", "ADB_UNAUTHORIZED"],
		["offline", "ADB_OFFLINE"],
		["authorizing", "ADB_UNAUTHORIZED"],
		["no permissions", "ADB_NO_PERMISSION"],
	])("says %s in adb's own words until somebody puts it right, on the same link", async (state, code) => {
		await withHub();
		hub.setState("1-4.2", state);
		expect((await list())[0]).toMatchObject({ state, transportId: "1" });
		expect(await codeOf(openThroughServer({ usbPath: "1-4.2", port: hub.port }))).toBe(code);
		hub.setState("1-4.2", "device");
		expect((await list())[0]).toMatchObject({ state: "device", transportId: "1" });
		expect(await serialOf(await open({ usbPath: "1-4.2" }))).toBe(one.serial);
	});

	it("dies as a server does, and comes back as another that counts from one", async () => {
		await withHub();
		const { seen } = follow();
		await expect.poll(() => seen.length).toBe(1);
		hub.drop("1-4.2");
		const port = await open({ usbPath: "1-4.3" });
		const call = codeOf(port.shell(["sleep", "30"]));
		await port.shell(["true"]);
		await hub.killServer();
		expect(await call).toBe("ADB_SERVER_GONE");
		expect(await codeOf(list())).toBe("ADB_SERVER_GONE");
		await expect.poll(() => seen.at(-1)).toBe("down");
		await hub.startServer();
		await expect.poll(() => seen.at(-1)).toBe("1-4.3#1 1-4.2#2");
		expect(await serialOf(await open({ usbPath: "1-4.2" }))).toBe(one.serial);
	});

	it("shows a phone that restarts as gone and as come back, under another transport id", async () => {
		await withHub();
		const port = await open({ usbPath: "1-4.2" });
		await one.reboot();
		await port.gone;
		await expect.poll(async () => (await list()).find(({ usbPath }) => usbPath === "1-4.2")).toMatchObject({ state: "device" });
		expect((await list()).find(({ usbPath }) => usbPath === "1-4.2")?.transportId).not.toBe("1");
		expect(await serialOf(await open({ usbPath: "1-4.2" }))).toBe(one.serial);
	});

	it("unplugs a hub with everything below it, and nothing beside it", async () => {
		await withHub();
		hub.move("1-4.3", "1-40");
		const plugIn = hub.unplugHub("1-4");
		expect((await list()).map(({ usbPath }) => usbPath)).toEqual(["1-40"]);
		plugIn();
		expect((await list()).map(({ usbPath }) => usbPath)).toEqual(["1-40", "1-4.2"]);
	});

	it("ends for the real client's kill-server, and keeps no connection of anybody who left", async () => {
		await withHub();
		for (let call = 0; call < 20; call += 1) {
			const port = await openThroughServer({ usbPath: "1-4.2", port: hub.port });
			await port.shell(["true"]);
			await port.close();
		}
		await adb("-s", "usb:1-4.3", "shell", "true");
		await expect.poll(() => hub.connections).toBe(0);
		await adb("kill-server");
		expect(await codeOf(list())).toBe("ADB_SERVER_GONE");
		await hub.startServer();
		expect(await list()).toHaveLength(2);
	});

	it("refuses what no bench can do", async () => {
		await withHub();
		expect(() => hub.plug(one, "1-5")).toThrow(/is plugged in at 1-4.2/);
		expect(() => hub.plug({ adbSerial: "x", serial: "X" }, "1-4.2")).toThrow(/a phone at 1-4.2 already/);
		expect(() => hub.move("1-4.2", "1-4.3")).toThrow(/a phone at 1-4.3 already/);
		expect(() => hub.unplug("1-7")).toThrow(/no phone at 1-7/);
		expect(() => hub.plug({ adbSerial: "x", serial: "X" }, "usb:1-7")).toThrow(/no USB path/);
		expect(hub.usbPaths).toEqual(["1-4.2", "1-4.3"]);
	});

	function follow() {
		const ending = new AbortController();
		const seen: string[] = [];
		const words = (snapshot: Snapshot) =>
			snapshot.server === "down"
				? "down"
				: snapshot.devices.map(({ usbPath, transportId }) => `${usbPath}#${transportId}`).join(" ");
		const over = (async () => {
			for await (const snapshot of trackDevices(ending.signal, { port: hub.port }, 20)) seen.push(words(snapshot));
		})();
		ended.push(async () => {
			ending.abort();
			await over;
		});
		return { seen };
	}
});

test("a virtual USB hub does not open without an adb server", async () => {
	await expect(openUsbHub({ adbServerPort: await freePort(), deadlineMs: 200 })).rejects.toThrow(/no adb server answers/);
});
