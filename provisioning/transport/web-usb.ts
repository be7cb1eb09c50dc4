import { type AdbCredentialStore, AdbDaemonTransport } from "@yume-chan/adb";
import { AdbDaemonWebUsbDevice, AdbDefaultInterfaceFilter, findUsbInterface } from "@yume-chan/adb-daemon-webusb";

import { FaultError, faultError } from "../handset/fault.ts";
import type { FaultCode } from "../handset/fault-codes.ts";
import type { HandsetPort } from "../handset/port.ts";
import { askingForAllow } from "./allow-dialog.ts";
import { daemonLink } from "./daemon-link.ts";
import { linkedHandset } from "./linked-handset.ts";
import { closeQuietly, guardUsb } from "./web-usb-guard.ts";

/** Xiaomi, Redmi and POCO. */
const XIAOMI = 0x2717;

/** A phone that the browser may open for this site. */
export interface UsbHandset {
	/** Serial number that its USB tells; empty where it tells none. Not proof of identity. */
	readonly serial: string;
	/** What its USB calls it: a model number as a rule. */
	readonly name: string;
	/**
	 * Opens it at its adbd. A phone that was plugged in again is found by its serial number.
	 *
	 * @throws {FaultError} USB_LOST (not plugged in), USB_GRANT_LOST (the browser forgot it), AMBIGUOUS_DEVICE (two with this serial
	 * number), NO_DEVICE (debugging is off), HANDSET_BUSY (this page has it open), USB_BUSY (another program holds it),
	 * USB_ACCESS_DENIED (udev, WinUSB), ADB_OFFLINE (no hello), ADB_AUTH_TIMEOUT, ADB_UNAUTHORIZED, ANDROID_TOO_OLD, CANCELLED.
	 */
	open(options: UsbOpenOptions): Promise<HandsetPort>;
}

export interface UsbOpenOptions {
	/** The keys by which phones know this browser. */
	readonly credentials: AdbCredentialStore;
	/** How long the browser and the phone may take to say hello. Default 10,000. */
	readonly deadlineMs?: number;
	/** How long somebody may take to tap "Allow". Default 240,000: a tap after the link was closed counts for nothing. */
	readonly authDeadlineMs?: number;
	/** Called when the phone shows its dialog. */
	readonly onAuthorizationNeeded?: () => void;
	/** Gives up, and frees the phone. */
	readonly signal?: AbortSignal;
}

export interface PickOptions {
	/** Lists phones of other makers too: some Xiaomi phones carry Google's number. Default false. */
	readonly anyMaker?: boolean;
}

/**
 * Lets the person choose a phone in the browser's own list. Needs a click.
 *
 * @returns `undefined` if nothing was chosen.
 * @throws {FaultError} USB_ACCESS_DENIED if the browser shows no list: a policy, or no click.
 */
export async function pickHandset(usb: USB, { anyMaker = false }: PickOptions = {}): Promise<UsbHandset | undefined> {
	const filter = anyMaker ? AdbDefaultInterfaceFilter : { ...AdbDefaultInterfaceFilter, vendorId: XIAOMI };
	try {
		return handsetOf(usb, await usb.requestDevice({ filters: [filter] }));
	} catch (error) {
		if (isNamed(error, "NotFoundError")) return undefined;
		throw faultError("USB_ACCESS_DENIED", { raw: textOf(error) }, { cause: error });
	}
}

/** The phones that are plugged in, have debugging on, and were chosen on this site before. */
export async function grantedHandsets(usb: USB): Promise<readonly UsbHandset[]> {
	const devices = await usb.getDevices();
	return devices.filter(hasAdb).map((device) => handsetOf(usb, device));
}

function hasAdb(device: USBDevice): boolean {
	return findUsbInterface(device, AdbDefaultInterfaceFilter) !== undefined;
}

function handsetOf(usb: USB, device: USBDevice): UsbHandset {
	let left = false;
	const onDisconnect = (event: USBConnectionEvent) => {
		if (event.device !== device) return;
		left = true;
		usb.removeEventListener("disconnect", onDisconnect);
	};
	usb.addEventListener("disconnect", onDisconnect);
	const serial = device.serialNumber ?? "";
	return {
		serial,
		name: device.productName ?? "",
		open: async (options) => openDevice(usb, await presentDevice(usb, device, left), options),
	};
}

/** The device as it is plugged in now: a phone that comes back is another object with the same serial number. */
async function presentDevice(usb: USB, device: USBDevice, left: boolean): Promise<USBDevice> {
	const granted = await usb.getDevices();
	const { serialNumber, vendorId } = device;
	const same = granted.includes(device)
		? [device]
		: granted.filter((other) => serialNumber && other.serialNumber === serialNumber && other.vendorId === vendorId);
	const [present, second] = same;
	if (second) throw faultError("AMBIGUOUS_DEVICE", { details: { serial: serialNumber ?? "" } });
	// A browser remembers a phone without a serial number only until the cable is pulled.
	if (!present) throw faultError(left && serialNumber ? "USB_LOST" : "USB_GRANT_LOST");
	return present;
}

async function openDevice(usb: USB, raw: USBDevice, options: UsbOpenOptions): Promise<HandsetPort> {
	const { credentials, deadlineMs = 10_000, authDeadlineMs = 240_000, onAuthorizationNeeded, signal } = options;
	const adbSerial = raw.serialNumber ?? "";
	if (signal?.aborted) throw faultError("CANCELLED");
	// Two connections would take each other's packets: the interface is claimed once for the whole page.
	if (raw.opened) throw faultError("HANDSET_BUSY", { details: { handset: adbSerial } });
	const identifier = findUsbInterface(raw, AdbDefaultInterfaceFilter);
	if (!identifier) throw faultError("NO_DEVICE", { details: { handset: adbSerial } });

	const guard = guardUsb(usb, raw);
	let phase: Phase = "claim";
	let late: FaultError | undefined;
	let giveUp: (why: FaultError) => void = () => {};
	const ended = new Promise<never>((_, reject) => {
		giveUp = (why) => {
			late ??= why;
			guard.lose();
			reject(why);
		};
	});
	const endAfter = (ms: number, code: "ADB_OFFLINE" | "ADB_AUTH_TIMEOUT") =>
		setTimeout(() => giveUp(faultError(code, { details: { waited: `${ms / 1000} s`, handset: adbSerial } })), ms);
	let timer = endAfter(deadlineMs, "ADB_OFFLINE");
	const shown = () => {
		if (phase === "dialog") return;
		phase = "dialog";
		clearTimeout(timer);
		timer = endAfter(authDeadlineMs, "ADB_AUTH_TIMEOUT");
		onAuthorizationNeeded?.();
	};
	const cancel = () => giveUp(faultError("CANCELLED"));
	signal?.addEventListener("abort", cancel, { once: true });

	const opening = (async () => {
		const connection = await new AdbDaemonWebUsbDevice(guard.device, identifier, guard.usb).connect();
		phase = "hello";
		const { readable, writable } = connection;
		return await AdbDaemonTransport.authenticate({
			serial: adbSerial,
			connection: { readable, writable },
			credentialStore: credentials,
			authenticators: askingForAllow(shown),
		});
	})();
	// The browser may open the device after we gave up: then it is closed again.
	const settled = () => {
		if (guard.isLost()) closeQuietly(raw);
	};
	opening.then(settled, settled);
	try {
		const link = daemonLink(await Promise.race([opening, ended]), guard.lose);
		if (!link.features.has("shell_v2"))
			throw faultError("ANDROID_TOO_OLD", { details: { missing: "the shell protocol of Android 7" } });
		return linkedHandset(link, { adbSerial });
	} catch (error) {
		const wasLost = guard.isLost();
		guard.lose();
		throw late ?? explained(error, { handset: adbSerial, phase, wasLost });
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener("abort", cancel);
	}
}

/** How far opening came: the browser's part, the phone's first answer, the person's tap. */
type Phase = "claim" | "hello" | "dialog";

function explained(error: unknown, about: { handset: string; phase: Phase; wasLost: boolean }): FaultError {
	if (error instanceof FaultError) return error;
	return faultError(codeOf(error, about), { raw: textOf(error), details: { handset: about.handset } }, { cause: error });
}

function codeOf(error: unknown, { phase, wasLost }: { phase: Phase; wasLost: boolean }): FaultCode {
	if (wasLost) return "USB_LOST";
	if (phase === "dialog") return "ADB_UNAUTHORIZED";
	if (phase === "hello") return "ADB_OFFLINE";
	if (error instanceof AdbDaemonWebUsbDevice.DeviceBusyError) return "USB_BUSY";
	if (isNamed(error, "SecurityError")) return "USB_ACCESS_DENIED";
	if (isNamed(error, "NotFoundError")) return "USB_LOST";
	// Another open of the same device under way, or a configuration that somebody else holds.
	if (isNamed(error, "InvalidStateError") || isNamed(error, "NetworkError")) return "USB_BUSY";
	return "UNCLASSIFIED";
}

function isNamed(error: unknown, name: string): boolean {
	return error instanceof Error && error.name === name;
}

function textOf(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
