import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { FaultError } from "../../../provisioning/handset/fault.ts";
import { rsaKeyFile } from "../../../provisioning/transport/rsa-key-file.ts";
import { grantedHandsets, pickHandset, type UsbHandset, type UsbOpenOptions } from "../../../provisioning/transport/web-usb.ts";
import { type Lab, openLab } from "../../lab/lab.ts";
import type { LabHandset } from "../../lab/lab-handset.ts";
import { asUsb, FakeUsb } from "../../lab/web-usb/fake-usb.ts";
import { FakeUsbDevice, type UnplugOrder } from "../../lab/web-usb/fake-usb-device.ts";
import { tcpPipe } from "../../lab/web-usb/tcp-pipe.ts";

let folder = "";
let lab: Lab;
let usb: FakeUsb;
let unhandled: unknown[] = [];
const devices: FakeUsbDevice[] = [];
const note = (error: unknown) => unhandled.push(error);

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "holdfast-web-usb-"));
	lab = await openLab({ stateFolder: join(folder, "lab"), transport: "in-process" });
	usb = new FakeUsb();
	unhandled = [];
	process.on("unhandledRejection", note);
});

// Whatever a test did: nothing went unheard, and no rule of USB was broken.
afterEach(async () => {
	await lab.close();
	await new Promise((resolve) => setTimeout(resolve, 150)); // Tango looks again 100 ms after a failed transfer
	process.off("unhandledRejection", note);
	await rm(folder, { recursive: true, force: true });
	expect(unhandled).toEqual([]);
	expect(devices.splice(0).flatMap(({ violations }) => violations)).toEqual([]);
});

function plug(phone: LabHandset, options: { granted?: boolean; serial?: string | undefined; vendorId?: number } = {}) {
	const serial = "serial" in options ? options.serial : phone.serial;
	const device = new FakeUsbDevice(serial, tcpPipe(phone.port), "M2101K6G", options.vendorId);
	devices.push(device);
	usb.plug(device, options);
	return device;
}

const open = (handset: UsbHandset | undefined, options: Partial<UsbOpenOptions> = {}) => {
	if (!handset) throw new Error("nothing was picked");
	return handset.open({ credentials: rsaKeyFile(join(folder, "keys")), ...options });
};

const codeOf = (work: Promise<unknown>) =>
	work.then(
		() => "no fault",
		(error: FaultError) => error.fault?.code ?? String(error),
	);

async function only(): Promise<UsbHandset> {
	const [handset, ...others] = await grantedHandsets(asUsb(usb));
	if (!handset || others.length > 0) throw new Error("one phone was expected");
	return handset;
}

describe("choosing a phone in a browser", () => {
	it("offers phones with debugging on of this maker, or of all when asked", async () => {
		const xiaomi = plug(await lab.add(), { granted: false });
		const other = plug(await lab.add(), { granted: false, vendorId: 0x18d1 });
		const offered: (readonly FakeUsbDevice[])[] = [];
		usb.pick = (list) => {
			offered.push(list);
			return list[0];
		};
		const picked = await pickHandset(asUsb(usb));
		expect(picked).toMatchObject({ serial: xiaomi.serialNumber, name: "M2101K6G" });
		await pickHandset(asUsb(usb), { anyMaker: true });
		expect(offered).toEqual([[xiaomi], [xiaomi, other]]);
		expect(usb.filters).toEqual([{ classCode: 0xff, subclassCode: 0x42, protocolCode: 1 }]);
	});

	it("is undefined when nothing is chosen, and a fault when the browser shows no list", async () => {
		usb.pick = () => undefined;
		expect(await pickHandset(asUsb(usb))).toBeUndefined();
		usb.pick = () => {
			throw new DOMException("Access to the feature is disallowed by permissions policy.", "SecurityError");
		};
		expect(await codeOf(pickHandset(asUsb(usb)))).toBe("USB_ACCESS_DENIED");
	});

	it("finds again what was chosen before, and nothing else", async () => {
		const phone = await lab.add();
		plug(phone);
		plug(await lab.add(), { granted: false });
		expect((await only()).serial).toBe(phone.serial);
	});
});

describe("a phone over WebUSB", () => {
	it("runs commands, takes whole and odd sizes, and gives them back the same", async () => {
		plug(await lab.add());
		const port = await open(await only());
		expect(port.adbSerial).toBe("VH000001");
		expect(port.usbPath).toBeUndefined();
		expect(port.features?.has("shell_v2")).toBe(true);
		expect(await port.script("echo out; echo err >&2; exit 5")).toEqual({
			stdout: "out\n",
			stderr: "err\n",
			exitCode: 5,
		});
		for (const size of [1, 480, 488, 504, 512, 1024, 3_000_000]) {
			const content = new Uint8Array(size).fill(7);
			await port.push("/data/local/tmp/a", content);
			const digest = createHash("sha256").update(content).digest("hex");
			expect((await port.shell(["sha256sum", "/data/local/tmp/a"])).stdout.slice(0, 64)).toBe(digest);
			expect((await port.shell(["wc", "-c"], { stdin: content })).stdout.trim()).toBe(String(size));
		}
		await port.close();
		expect(usb.devices[0]?.opened).toBe(false);
		const again = await open(await only());
		expect((await again.shell(["echo", "again"])).stdout).toBe("again\n");
		await again.close();
	});

	it.each(["transfer-first", "event-first"] satisfies UnplugOrder[])(
		"ends running and later calls with USB_LOST when the cable is pulled, %s",
		async (order) => {
			const device = plug(await lab.add());
			const port = await open(await only());
			const running = [
				codeOf(port.shell(["sleep", "30"])),
				codeOf(port.push("/data/local/tmp/x", new Uint8Array(32 << 20))),
				codeOf(port.install(new Uint8Array(32 << 20), [])),
			];
			device.unplug(order);
			for (const call of running) expect(await call).toBe("USB_LOST");
			await port.gone;
			expect(await codeOf(port.shell(["true"]))).toBe("USB_LOST");
			await port.close();
		},
	);

	it.each([
		["a write that fails before any event", { writeFails: true }],
		["a stalled transfer", { stall: "stall" }],
		["a babbling transfer", { stall: "babble" }],
	] as const)("is USB_LOST after %s, and closes the device", async (_, troubles) => {
		const device = plug(await lab.add());
		const port = await open(await only());
		const running = codeOf(port.shell(["sleep", "30"]));
		await port.shell(["true"]);
		device.setTroubles(troubles);
		expect(await codeOf(port.shell(["true"]))).toBe("USB_LOST");
		expect(await running).toBe("USB_LOST");
		expect(device.opened).toBe(false);
		device.setTroubles({});
		const again = await open(await only());
		expect((await again.shell(["echo", "ok"])).stdout).toBe("ok\n");
		await again.close();
	});

	it("is LINK_STALLED when a transfer hangs, and frees the device", async () => {
		const device = plug(await lab.add());
		const port = await open(await only());
		device.setTroubles({ writeHangs: true });
		expect(await codeOf(port.shell(["true"], { deadlineMs: 80 }))).toBe("LINK_STALLED");
		expect(await codeOf(port.shell(["true"]))).toBe("LINK_STALLED");
		expect(device.opened).toBe(false);
	});

	it("comes back after a replug by its serial number, and as another object", async () => {
		const phone = await lab.add();
		const device = plug(phone);
		const handset = await only();
		const port = await open(handset);
		device.unplug("event-first");
		await port.gone;
		expect(await codeOf(open(handset))).toBe("USB_LOST");
		plug(phone);
		const again = await open(handset);
		expect((await again.shell(["echo", "back"])).stdout).toBe("back\n");
		await again.close();
	});
});

describe("opening a phone over WebUSB", () => {
	it("is USB_BUSY while another program holds it, and works once that lets go", async () => {
		const device = plug(await lab.add());
		device.setTroubles({ busy: true });
		const handset = await only();
		expect(await codeOf(open(handset))).toBe("USB_BUSY");
		expect(device.opened).toBe(false);
		device.setTroubles({});
		await (await open(handset)).close();
	});

	it("is HANDSET_BUSY while this page has it open, and leaves that alone", async () => {
		plug(await lab.add());
		const port = await open(await only());
		expect(await codeOf(open(await only()))).toBe("HANDSET_BUSY");
		expect((await port.shell(["echo", "mine"])).stdout).toBe("mine\n");
		await port.close();
	});

	it("is USB_ACCESS_DENIED where the system refuses", async () => {
		plug(await lab.add()).setTroubles({ denied: true });
		expect(await codeOf(open(await only()))).toBe("USB_ACCESS_DENIED");
	});

	it("is USB_GRANT_LOST for a phone that the browser forgot, or that has no serial number to be known by", async () => {
		const phone = await lab.add();
		const device = plug(phone);
		const handset = await only();
		usb.granted.delete(device);
		expect(await codeOf(open(handset))).toBe("USB_GRANT_LOST");
		device.unplug("event-first");
		const nameless = plug(phone, { serial: undefined });
		const picked = await only();
		nameless.unplug("event-first");
		plug(phone, { serial: undefined });
		expect(await codeOf(open(picked))).toBe("USB_GRANT_LOST");
	});

	it("is AMBIGUOUS_DEVICE where two phones came back with one serial number", async () => {
		const [first, second] = [await lab.add(), await lab.add()];
		const device = plug(first);
		const handset = await only();
		device.unplug("event-first");
		for (const phone of [first, second]) plug(phone, { serial: first.serial });
		expect(await codeOf(open(handset))).toBe("AMBIGUOUS_DEVICE");
	});

	it("is ADB_OFFLINE when the browser or the phone never answers, and frees the device", async () => {
		const device = plug(await lab.add());
		device.setTroubles({ openHangs: true });
		expect(await codeOf(open(await only(), { deadlineMs: 50 }))).toBe("ADB_OFFLINE");
		device.setTroubles({ writeHangs: true });
		expect(await codeOf(open(await only(), { deadlineMs: 50 }))).toBe("ADB_OFFLINE");
		device.setTroubles({});
		await (await open(await only())).close();
	});

	it("is USB_LOST when the cable is pulled before the phone said hello", async () => {
		const device = plug(await lab.add());
		device.setTroubles({ writeHangs: true });
		const opening = codeOf(open(await only()));
		while (!device.opened) await new Promise((resolve) => setTimeout(resolve, 1));
		device.unplug();
		expect(await opening).toBe("USB_LOST");
	});

	it("waits for Allow, says when, and is ADB_AUTH_TIMEOUT when nobody taps", async () => {
		const phone = await lab.add({ faults: ["key-ignored"] });
		const device = plug(phone);
		let asked = 0;
		const onAuthorizationNeeded = () => {
			asked += 1;
		};
		expect(await codeOf(open(await only(), { authDeadlineMs: 60, onAuthorizationNeeded }))).toBe("ADB_AUTH_TIMEOUT");
		expect(device.opened).toBe(false);
		const tap = () => {
			onAuthorizationNeeded();
			phone.tapAllow();
		};
		await (await open(await only(), { onAuthorizationNeeded: tap })).close();
		expect(asked).toBe(2);
		// A known key asks nobody.
		await (await open(await only(), { onAuthorizationNeeded })).close();
		expect(asked).toBe(2);
	});

	it("is CANCELLED by its signal, also while the dialog stands", async () => {
		const device = plug(await lab.add({ faults: ["key-ignored"] }));
		const cancel = new AbortController();
		const opening = open(await only(), { signal: cancel.signal, onAuthorizationNeeded: () => cancel.abort() });
		expect(await codeOf(opening)).toBe("CANCELLED");
		expect(device.opened).toBe(false);
		expect(await codeOf(open(await only(), { signal: cancel.signal }))).toBe("CANCELLED");
	});
});
