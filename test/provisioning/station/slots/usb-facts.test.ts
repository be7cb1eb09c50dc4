import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { systemUsbTree, type UsbTree, usbFacts } from "../../../../provisioning/station/slots/usb-facts.ts";
import { sharedHub, usbPlace } from "../../../../provisioning/station/slots/usb-path.ts";

const root = mkdtempSync(join(tmpdir(), "usb-tree-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** As Linux builds it: the bus's folder is a link into the controller's. */
function tree(): UsbTree {
	const linux = systemUsbTree("linux");
	if (linux === undefined) throw new Error("no tree");
	const bus = join(root, "devices/pci0000:00/0000:00:14.0/usb1");
	const folder = join(root, "bus");
	mkdirSync(bus, { recursive: true });
	mkdirSync(folder, { recursive: true });
	symlinkSync(bus, join(folder, "usb1"));
	for (const [path, speed] of [
		["1-4.2", "480\n"],
		["1-3", "5000\n"],
		["1-2", "1.5\n"],
		["1-1", "rubbish"],
		["2-1", "480\n"],
	] as const) {
		mkdirSync(join(folder, path));
		writeFileSync(join(folder, path, "speed"), speed);
	}
	return { ...linux, folder };
}

describe("what the computer tells of a port", () => {
	const facts = usbFacts(tree());

	it("is the speed of the link and the controller's address", async () => {
		expect(await facts("1-4.2")).toEqual({ megabitsPerSecond: 480, linkSpeed: "480 Mbit/s", controller: "0000:00:14.0" });
		expect((await facts("1-3")).linkSpeed).toBe("5 Gbit/s");
		expect((await facts("1-2")).linkSpeed).toBe("1.5 Mbit/s");
	});

	it("leaves out what is not there", async () => {
		expect(await facts("1-1")).toEqual({ controller: "0000:00:14.0" });
		expect(await facts("2-1")).toEqual({ megabitsPerSecond: 480, linkSpeed: "480 Mbit/s" });
		expect(await facts("1-9")).toEqual({ controller: "0000:00:14.0" });
	});

	it("is nothing for a path that is none, and on other systems", async () => {
		for (const path of ["../../etc", "127.0.0.1:5801", "1-4/../../x", "", "337641472X"]) expect(await facts(path)).toEqual({});
		expect(systemUsbTree("darwin")).toBeUndefined();
		expect(await usbFacts(undefined)("1-4.2")).toEqual({});
	});

	it("comes in time although a read hangs, and asks no second question then", async () => {
		let asked = 0;
		const hanging: UsbTree = {
			folder: "/x",
			readText: () => {
				asked += 1;
				return new Promise(() => {});
			},
			realPath: async () => "",
		};
		const slow = usbFacts(hanging, 20);
		expect(await Promise.all([slow("1-1"), slow("1-2"), slow("1-3")])).toEqual([{}, {}, {}]);
		expect(await slow("1-4")).toEqual({});
		expect(asked).toBe(1);
	});
});

describe("a USB path", () => {
	it("is read as Linux and as macOS write it", () => {
		expect(usbPlace("1-4.2")).toEqual({ bus: 1, ports: [4, 2] });
		expect(usbPlace("12-1")).toEqual({ bus: 12, ports: [1] });
		expect(usbPlace(`${0x14230000}X`)).toEqual({ bus: 0x14, ports: [2, 3] });
	});

	it.each(["", "1-", "0-1", "1-4.", "1-4..2", "1-4.0", "127.0.0.1:5801", "R58N", "99999999999X", "1-1.1.1.1.1.1.1.1"])(
		"is not %j",
		(path) => {
			expect(usbPlace(path)).toBeUndefined();
		},
	);

	it("tells the hub that phones share", () => {
		expect(sharedHub(["1-4.1.2", "1-4.1.3"])).toBe("1-4.1");
		expect(sharedHub(["1-4.1", "1-4.1.3"])).toBe("1-4");
		expect(sharedHub(["1-4", "1-5"])).toBe("usb1");
		expect(sharedHub(["1-4.1", "2-4.1"])).toBeUndefined();
		expect(sharedHub([])).toBeUndefined();
	});
});
