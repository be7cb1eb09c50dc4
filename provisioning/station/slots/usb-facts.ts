import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";

import { usbPlace } from "./usb-path.ts";

/** What the computer tells of the link to a port. Everything may be absent: other systems, no rights, a phone that just left. */
export interface UsbFacts {
	/** As the kernel gives it: 12 (full), 480 (high), 5000 (super), ... */
	readonly megabitsPerSecond?: number;
	/** For a card: `480 Mbit/s`. */
	readonly linkSpeed?: string;
	/** PCI address of the controller, such as `0000:00:14.0`: what its two buses have in common. */
	readonly controller?: string;
}

/** Where the facts are read. */
export interface UsbTree {
	/** A file's text; rejects if there is none. */
	readText(path: string): Promise<string>;
	/** A path without links. */
	realPath(path: string): Promise<string>;
	/** The folder with an entry for each device, as `/sys/bus/usb/devices`. */
	readonly folder: string;
}

/** Linux's own tree (Documentation/ABI/stable/sysfs-bus-usb); `undefined` on other systems, which have none. */
export function systemUsbTree(platform: NodeJS.Platform = process.platform): UsbTree | undefined {
	if (platform !== "linux") return undefined;
	return { readText: (path) => readFile(path, "utf8"), realPath: (path) => realpath(path), folder: "/sys/bus/usb/devices" };
}

/** Reads the facts of one port. Never throws and never takes longer than its deadline. */
export type ReadUsbFacts = (usbPath: string) => Promise<UsbFacts>;

/**
 * One question at a time: a read of a device that is just being reset can hang, and Node has four hands for all its files. While one
 * hangs, the others get no facts, and the journal keeps its disk.
 */
export function usbFacts(tree: UsbTree | undefined, deadlineMs: number = 500): ReadUsbFacts {
	let before: Promise<unknown> = Promise.resolve();
	return async (usbPath) => {
		const place = usbPlace(usbPath);
		// The path comes from a server, and becomes part of a file name: only a path of Linux's own form may.
		if (tree === undefined || place === undefined || !usbPath.includes("-")) return {};
		let late = false;
		const reading = before.then(() => (late ? {} : read(tree, usbPath, place.bus)));
		before = reading;
		let timer: NodeJS.Timeout | undefined;
		const deadline = new Promise<UsbFacts>((resolve) => {
			timer = setTimeout(() => {
				late = true;
				resolve({});
			}, deadlineMs);
		});
		return Promise.race([reading, deadline]).finally(() => clearTimeout(timer));
	};
}

async function read(tree: UsbTree, usbPath: string, bus: number): Promise<UsbFacts> {
	const speed = Number.parseFloat(await tree.readText(join(tree.folder, usbPath, "speed")).catch(() => ""));
	const controller = pciAddress(await tree.realPath(join(tree.folder, `usb${bus}`)).catch(() => ""));
	return {
		...(speed > 0 ? { megabitsPerSecond: speed, linkSpeed: speedText(speed) } : {}),
		...(controller === undefined ? {} : { controller }),
	};
}

/** The last PCI address before the bus: `/sys/devices/pci0000:00/0000:00:14.0/usb1`. Boards without PCI have none. */
function pciAddress(path: string): string | undefined {
	return path.match(/[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](?=\/|$)/g)?.at(-1);
}

function speedText(megabits: number): string {
	return megabits >= 1000 ? `${megabits / 1000} Gbit/s` : `${megabits} Mbit/s`;
}
