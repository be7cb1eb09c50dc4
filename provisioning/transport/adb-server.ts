import type { Socket } from "node:net";

import { FaultError, faultError } from "../handset/fault.ts";
import type { HandsetPort } from "../handset/port.ts";
import { type Departures, departuresFrom } from "./departures.ts";
import { listDevices } from "./device-list.ts";
import { linkedHandset } from "./linked-handset.ts";
import { classifyServerRefusal } from "./server-refusals.ts";
import { type LinkLoss, type ServiceLink, ServiceRefusedError, type ServiceStream } from "./service-link.ts";
import { ADB_SERVER_HOST, ADB_SERVER_PORT, SmartSocket } from "./smart-socket.ts";
import type { TcpAddress } from "./tcp-socket.ts";

/** Which handset of an adb server. Serials repeat; a transport id is unique while the server runs, a USB path names a slot. */
export type ServerHandset =
	| { readonly serial: string }
	| { readonly transportId: string; readonly serial: string; readonly usbPath?: string }
	| { readonly usbPath: string };

export type ServerOptions = ServerHandset & {
	readonly host?: string;
	readonly port?: number;
	/** How long the server may take to answer for the handset. Default 10,000. */
	readonly deadlineMs?: number;
	/** Who hears of handsets that leave this server. Default: one for this handset alone; for many at once, share one. */
	readonly departures?: Departures;
};

/**
 * Opens a handset that an adb server knows. Every call gets a connection of its own to the server, closed as soon as the call
 * ends; one more, which handsets may share, watches for it to leave. Close the port, or the process stays alive.
 *
 * @throws {FaultError} ADB_SERVER_GONE, NO_DEVICE, AMBIGUOUS_DEVICE, ADB_UNAUTHORIZED, ADB_OFFLINE, ADB_NO_PERMISSION,
 * LINK_STALLED, ANDROID_TOO_OLD (no shell protocol: Android 6).
 */
export async function openThroughServer(options: ServerOptions): Promise<HandsetPort> {
	const address = { host: options.host ?? ADB_SERVER_HOST, port: options.port ?? ADB_SERVER_PORT };
	const link = new ServerLink(address, options.departures ?? departuresFrom(address));
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(
			() => reject(faultError("LINK_STALLED", { details: { waited: "for the adb server" } })),
			options.deadlineMs ?? 10_000,
		);
	});
	try {
		await Promise.race([link.select(options), late]);
		if (!link.features.has("shell_v2"))
			throw faultError("ANDROID_TOO_OLD", { details: { missing: "the shell protocol of Android 7" } });
	} catch (error) {
		link.destroy();
		throw await explained(error, address);
	} finally {
		clearTimeout(timer);
	}
	link.watch();
	const adbSerial = "serial" in options ? options.serial : `usb:${options.usbPath}`;
	return linkedHandset(link, {
		adbSerial,
		...("usbPath" in options && options.usbPath !== undefined ? { usbPath: options.usbPath } : {}),
	});
}

async function explained(error: unknown, { host, port }: TcpAddress): Promise<FaultError> {
	if (error instanceof FaultError) return error;
	const raw = error instanceof Error ? error.message : String(error);
	if (error instanceof ServiceRefusedError) {
		return faultError(classifyServerRefusal(raw) ?? "UNCLASSIFIED", { raw }, { cause: error });
	}
	// A server that is still there cuts a connection when the phone at its other end leaves (`kick_transport` in transport.cpp).
	const isThere = await listDevices(port, host).then(
		() => true,
		() => false,
	);
	return faultError(isThere ? "NO_DEVICE" : "ADB_SERVER_GONE", { raw }, { cause: error });
}

class ServerLink implements ServiceLink {
	readonly #address: TcpAddress;
	readonly #departures: Departures;
	/** Every socket that is open, and no other. */
	readonly #sockets = new Set<Socket>();
	#transportId = "";
	#features: ReadonlySet<string> = new Set();
	#destroyed = false;
	#unwatch: () => void = () => {};
	#lost: ((why: LinkLoss) => void) | undefined;

	constructor(address: TcpAddress, departures: Departures) {
		this.#address = address;
		this.#departures = departures;
	}

	get features(): ReadonlySet<string> {
		return this.#features;
	}

	/** Pins the handset by its transport id, so that no other can slip into its place, and reads its features: one connection. */
	async select(handset: ServerHandset): Promise<void> {
		const connection = await this.#connect();
		try {
			if ("transportId" in handset) {
				await connection.request(`host:transport-id:${handset.transportId}`);
				this.#transportId = handset.transportId;
			} else {
				// `serial:` also takes a device path such as usb:1-4.2.
				await connection.request(`host:tport:serial:${"serial" in handset ? handset.serial : `usb:${handset.usbPath}`}`);
				this.#transportId = await connection.readTransportId();
			}
			await connection.request("host:features");
			this.#features = new Set((await connection.readText()).split(","));
		} finally {
			connection.close();
		}
	}

	/** Hears of it when the handset leaves, or the server ends. */
	watch(): void {
		this.#unwatch = this.#departures.watch(this.#transportId, (why) => this.#lost?.(why));
	}

	async open(service: string): Promise<ServiceStream> {
		const connection = await this.#connect();
		try {
			await connection.request(`host:transport-id:${this.#transportId}`);
			await connection.request(service);
			return connection.stream();
		} catch (error) {
			connection.close();
			throw error;
		}
	}

	onLost(callback: (why: LinkLoss) => void): void {
		this.#lost = callback;
	}

	destroy(): void {
		this.#destroyed = true;
		this.#unwatch();
		for (const socket of this.#sockets) socket.destroy();
	}

	#connect(): Promise<SmartSocket> {
		return SmartSocket.connect(this.#address, (socket) => {
			this.#sockets.add(socket);
			socket.once("close", () => this.#sockets.delete(socket));
			if (this.#destroyed) socket.destroy();
		});
	}
}
