import { setTimeout as pause } from "node:timers/promises";

import { type Fault, FaultError, faultError } from "../handset/fault.ts";
import type { FaultCode } from "../handset/fault-codes.ts";
import { plainLine } from "../handset/plain-text.ts";
import { ADB_SERVER_HOST, ADB_SERVER_PORT, SmartSocket } from "./smart-socket.ts";
import type { TcpAddress } from "./tcp-socket.ts";

/** A handset as an adb server lists it, usable or not. */
export interface SeenDevice {
	/** Not unique: blank boards share `0123456789ABCDEF`, and without permission it is `????????????`. */
	readonly serial: string;
	/** `device`, `unauthorized`, `authorizing`, `offline`, `connecting`, `recovery`, `sideload`, `no permissions`, ... */
	readonly state: string;
	/** Bus and chain of ports such as `1-4.2`: names the slot, and survives a reboot of the phone. */
	readonly usbPath?: string;
	/** Unique as long as the server runs; a replug gives a new one. */
	readonly transportId?: string;
	readonly model?: string;
}

/** What is known of the handsets at one moment. `down`: nothing is known, which is not the same as nothing plugged in. */
export type Snapshot =
	| { readonly server: "up"; readonly devices: readonly SeenDevice[] }
	| { readonly server: "down"; readonly devices: readonly []; readonly fault: Fault };

export interface Change {
	readonly kind: "added" | "changed" | "removed";
	readonly device: SeenDevice;
}

export interface ServerPlace {
	readonly host?: string;
	readonly port?: number;
}

const LINE = /^(\S+)\s+(no permissions\b|\S+)(.*)$/s;
const LIST_DEADLINE_MS = 5_000;
const RETRY_MS = 300;
const MAX_VALUE = 128;

/**
 * Reads the lines of `host:devices-l`. Takes every state, also ones of several words and ones that adb will invent.
 */
export function parseDeviceList(text: string): SeenDevice[] {
	return text.split("\n").flatMap((line) => {
		const [, serial, state, rest = ""] = LINE.exec(line.replace(/\r$/, "")) ?? [];
		if (serial === undefined || state === undefined) return [];
		const value = (name: string) => new RegExp(`(?:^|\\s)${name}:(\\S+)`).exec(rest)?.[1];
		const [usbPath, transportId, model] = [value("usb"), value("transport_id"), value("model")];
		return {
			serial: plainLine(serial, MAX_VALUE),
			state: state.startsWith("no permissions") ? "no permissions" : plainLine(state, MAX_VALUE),
			...(usbPath === undefined ? {} : { usbPath: plainLine(usbPath, MAX_VALUE) }),
			...(transportId === undefined ? {} : { transportId: plainLine(transportId, MAX_VALUE) }),
			...(model === undefined ? {} : { model: plainLine(model, MAX_VALUE) }),
		};
	});
}

/** Why a handset in this state cannot be worked with; `undefined` for one that can. */
export function faultOfState(state: string): FaultCode | undefined {
	switch (state) {
		case "device":
			return undefined;
		case "unauthorized":
		case "authorizing":
			return "ADB_UNAUTHORIZED";
		case "no permissions":
			return "ADB_NO_PERMISSION";
		case "recovery":
		case "rescue":
		case "sideload":
		case "bootloader":
			return "HANDSET_BOOTING";
		default:
			return "ADB_OFFLINE";
	}
}

/**
 * Lists the handsets once.
 *
 * @throws {FaultError} ADB_SERVER_GONE, also if the server does not answer within five seconds.
 */
export async function listDevices(
	port: number = ADB_SERVER_PORT,
	host: string = ADB_SERVER_HOST,
): Promise<readonly SeenDevice[]> {
	const ending = new AbortController();
	const timer = setTimeout(() => ending.abort(), LIST_DEADLINE_MS);
	try {
		const connection = await open({ host, port }, "host:devices-l", ending.signal);
		return parseDeviceList(await connection.readText());
	} catch (error) {
		throw gone(error, { host, port });
	} finally {
		clearTimeout(timer);
		ending.abort();
	}
}

/**
 * Follows the handsets: the whole list at once and again at every change of any state. A server that goes away is one `down`,
 * and is tried again until it is back. Ends with the signal; keeps the process alive until then.
 */
export async function* trackDevices(
	signal: AbortSignal,
	{ host = ADB_SERVER_HOST, port = ADB_SERVER_PORT }: ServerPlace = {},
	retryMs: number = RETRY_MS,
): AsyncGenerator<Snapshot, void, void> {
	let down = false;
	while (!signal.aborted) {
		const ending = new AbortController();
		const stop = () => ending.abort();
		signal.addEventListener("abort", stop, { once: true });
		try {
			const connection = await open({ host, port }, "host:track-devices-l", ending.signal);
			while (true) {
				const devices = parseDeviceList(await connection.readText());
				down = false;
				yield { server: "up", devices };
			}
		} catch (error) {
			if (signal.aborted) return;
			if (!down) yield { server: "down", devices: [], fault: gone(error, { host, port }).fault };
			down = true;
			await pause(retryMs, undefined, { signal }).catch(() => {});
		} finally {
			signal.removeEventListener("abort", stop);
			ending.abort();
		}
	}
}

/** What changed from one list to the next. A handset whose slot, transport and serial stay is the same one. */
export function compareLists(before: readonly SeenDevice[], after: readonly SeenDevice[]): Change[] {
	const old = new Map(before.map((device) => [keyOf(device), device]));
	const changes: Change[] = [];
	for (const device of after) {
		const previous = old.get(keyOf(device));
		old.delete(keyOf(device));
		if (!previous) changes.push({ kind: "added", device });
		else if (previous.state !== device.state || previous.serial !== device.serial) changes.push({ kind: "changed", device });
	}
	return [...[...old.values()].map((device) => ({ kind: "removed", device }) as const), ...changes];
}

function keyOf({ transportId, usbPath, serial }: SeenDevice): string {
	return transportId ?? usbPath ?? serial;
}

async function open(address: TcpAddress, service: string, signal: AbortSignal): Promise<SmartSocket> {
	const connection = await SmartSocket.connect(address, (socket) => {
		const end = () => socket.destroy();
		if (signal.aborted) end();
		signal.addEventListener("abort", end, { once: true });
		socket.once("close", () => signal.removeEventListener("abort", end));
	});
	await connection.request(service);
	return connection;
}

function gone(error: unknown, { host, port }: TcpAddress): FaultError {
	if (error instanceof FaultError) return error;
	const problem = error instanceof Error ? error.message : String(error);
	return faultError("ADB_SERVER_GONE", { details: { "adb server": `${host}:${port}`, problem } }, { cause: error });
}
