import type { Target } from "./request.ts";

/** What the hub needs to know of a phone; a lab handset is one. */
export interface PluggedHandset {
	/** How the real server knows it: host and port. */
	readonly adbSerial: string;
	/** What the server says its serial is, unless something else is asked for. */
	readonly serial: string;
}

/** A phone as the real server lists it. */
export interface RealDevice {
	readonly transportId: string;
	readonly state: string;
	/** `product:x model:y device:z`, as it was written. */
	readonly facts: string;
}

/** One port with a cable in it. */
export interface Port {
	readonly usbPath: string;
	readonly handset: PluggedHandset;
	readonly serial: string;
	/** Instead of what the real server says. */
	state: string | undefined;
	link: Link | undefined;
}

/** A phone's presence under one transport id. A phone that comes back has another. */
export interface Link {
	/** As the hub's clients know it. */
	readonly id: string;
	readonly real: RealDevice;
	/** How to cut each connection to the phone. */
	readonly cuts: Set<() => void>;
}

export type Selection =
	| { readonly ok: true; readonly port: Port; readonly link: Link; readonly state: string }
	| { readonly ok: false; readonly text: string; readonly ambiguous?: true };

/** Which phone hangs on which port, and under which transport id. */
export class Ports {
	readonly #ports = new Map<string, Port>();
	#real: ReadonlyMap<string, RealDevice> = new Map();
	#lastId = 0;
	readonly #changed: () => void;

	/** @param changed is called after each change that a list would show. */
	constructor(changed: () => void) {
		this.#changed = changed;
	}

	get plugged(): ReadonlyMap<string, Port> {
		return this.#ports;
	}

	/** @throws {RangeError} for a port that is taken, or a phone that hangs on another one. */
	plug(handset: PluggedHandset, usbPath: string, serial: string, state?: string): void {
		if (!/^[1-9]\d*-[1-9]\d*(\.[1-9]\d*)*$/.test(usbPath)) throw new RangeError(`"${usbPath}" is no USB path such as 1-4.2`);
		if (/\s/.test(serial) || serial === "") throw new RangeError(`"${serial}" is no serial number`);
		if (this.#ports.has(usbPath)) throw new RangeError(`there is a phone at ${usbPath} already`);
		const other = [...this.#ports.values()].find((port) => port.handset.adbSerial === handset.adbSerial);
		if (other) throw new RangeError(`${handset.adbSerial} is plugged in at ${other.usbPath}`);
		this.#ports.set(usbPath, { usbPath, handset, serial, state, link: undefined });
		this.#settle(usbPath);
		this.#changed();
	}

	/** @throws {RangeError} for an empty port. */
	unplug(usbPath: string): Port {
		const port = this.at(usbPath);
		this.#ports.delete(usbPath);
		cut(port);
		this.#changed();
		return port;
	}

	setState(usbPath: string, state: string | undefined): void {
		const port = this.at(usbPath);
		port.state = state === "device" ? undefined : state;
		if (port.state !== undefined) for (const end of port.link?.cuts ?? []) end();
		this.#changed();
	}

	at(usbPath: string): Port {
		const port = this.#ports.get(usbPath);
		if (port === undefined) throw new RangeError(`there is no phone at ${usbPath}`);
		return port;
	}

	/** Takes in what the real server lists now, by its names. */
	setReal(real: ReadonlyMap<string, RealDevice>): void {
		this.#real = real;
		for (const usbPath of this.#ports.keys()) this.#settle(usbPath);
		this.#changed();
	}

	/** As a new server: every phone is found anew, and counting begins at 1. */
	restart(): void {
		for (const port of this.#ports.values()) cut(port);
		this.#lastId = 0;
		for (const usbPath of this.#ports.keys()) this.#settle(usbPath);
	}

	/** `adb devices`, with `-l` or without. */
	list(long: boolean): string {
		return this.#present()
			.map(({ port, link }) => {
				const state = stateOf(port, link);
				if (!long) return `${port.serial}\t${state}\n`;
				// Without a handshake the server has not been told what the phone is.
				const facts = isUsable(state) && link.real.facts !== "" ? ` ${link.real.facts}` : "";
				return `${port.serial.padEnd(22)} ${state} usb:${port.usbPath}${facts} transport_id:${link.id}\n`;
			})
			.join("");
	}

	/** The phone that is meant, or adb's own words for why not (`acquire_one_transport` in `transport.cpp`). */
	select(target: Target): Selection {
		const fitting = this.#present().filter(({ port, link }) => fits(target, port, link));
		const [first, second] = fitting;
		if (first === undefined) return { ok: false, text: notFound(target) };
		if (second !== undefined) {
			const text = target.by === "kind" && target.kind === "any" ? "more than one device/emulator" : "more than one device";
			return { ok: false, text, ambiguous: true };
		}
		const state = stateOf(first.port, first.link);
		return isUsable(state) ? { ok: true, state, ...first } : { ok: false, text: REFUSALS[state] ?? `device ${state}` };
	}

	#present(): { port: Port; link: Link }[] {
		return [...this.#ports.values()]
			.flatMap((port) => (port.link === undefined ? [] : [{ port, link: port.link }]))
			.sort((a, b) => Number(a.link.id) - Number(b.link.id));
	}

	#settle(usbPath: string): void {
		const port = this.#ports.get(usbPath);
		if (port === undefined) return;
		const real = this.#real.get(port.handset.adbSerial);
		if (real !== undefined && port.link?.real.transportId === real.transportId) {
			port.link = { ...port.link, real };
			return;
		}
		cut(port);
		if (real === undefined) return;
		this.#lastId += 1;
		port.link = { id: String(this.#lastId), real, cuts: new Set() };
	}
}

function cut(port: Port): void {
	const { link } = port;
	port.link = undefined;
	for (const end of link?.cuts ?? []) end();
}

function fits(target: Target, port: Port, { id, real }: Link): boolean {
	if (target.by === "id") return target.id === id;
	if (target.by === "kind") return target.kind !== "local";
	const { name } = target;
	return name === port.serial || name === `usb:${port.usbPath}` || (name.includes(":") && real.facts.split(" ").includes(name));
}

/** What a client is told: the state that was set, else the real one. */
export function stateOf(port: Port, link: Link): string {
	return port.state ?? link.real.state;
}

function isUsable(state: string): boolean {
	return !(state in REFUSALS);
}

function notFound(target: Target): string {
	if (target.by === "id") return `no device with transport id '${target.id}'`;
	return target.by === "name" ? `device '${target.name}' not found` : "no devices/emulators found";
}

const REFUSALS: Readonly<Record<string, string>> = {
	offline: "device offline",
	connecting: "device still connecting",
	authorizing: "device still authorizing",
	unauthorized:
		"device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set\nTry 'adb kill-server' if that seems wrong.\nOtherwise check for a confirmation dialog on your device.",
	"no permissions":
		"insufficient permissions for device: user in plugdev group; are your udev rules wrong?\nSee [http://developer.android.com/tools/device.html] for more information",
};
