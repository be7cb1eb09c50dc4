import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

import { serve } from "./usb-hub/connection.ts";
import { type PluggedHandset, Ports } from "./usb-hub/ports.ts";
import { followRealServer } from "./usb-hub/real-server.ts";

export type { PluggedHandset } from "./usb-hub/ports.ts";

export interface UsbHubOptions {
	/** The real adb server, into which the handsets are plugged by host and port. */
	readonly adbServerPort: number;
	/** Where the hub is reached as if it were the adb server. Default: any free port. */
	readonly port?: number;
	/** How long the real server may take to answer at first. Default 5,000. */
	readonly deadlineMs?: number;
}

export interface PlugOptions {
	/** What the phone says its serial is; two may say the same. Default: the handset's own. */
	readonly serial?: string;
	/** As for {@link UsbHub.setState}. */
	readonly state?: string;
}

/**
 * A virtual USB hub: an adb server to whoever asks, with phones in USB ports. It stands before a real one, which knows the same phones by
 * host and port. Only what is plugged into the hub is seen. Transport ids are the hub's own: a phone that is plugged in again has another,
 * as on a real server. Once a phone is chosen, bytes go through untouched.
 */
export interface UsbHub {
	/** An adb server's port: `adb -P`. Do not let anything start a real server there while the hub's is killed. */
	readonly port: number;
	/** Clients that are connected now. */
	readonly connections: number;
	/** USB paths that have a phone. */
	readonly usbPaths: readonly string[];
	/**
	 * Puts a handset's cable into a port. It is listed as soon as, and as long as, the real server knows the handset.
	 *
	 * @throws {RangeError} for a port that is taken, a handset that is elsewhere, or a path that is none.
	 */
	plug(handset: PluggedHandset, usbPath: string, options?: PlugOptions): void;
	/** @throws {RangeError} for an empty port. */
	unplug(usbPath: string): void;
	/** Takes a phone out of one port and puts it into another. */
	move(from: string, to: string): void;
	/** Unplugs the hub at this path (`1-4`) with everything below it, phone by phone as a kernel does. Returns how to plug it in again. */
	unplugHub(usbPath: string): () => void;
	/** What the server says of a phone: `unauthorized`, `offline`, `no permissions`, ...; `device` says the truth again. Ends its connections. */
	setState(usbPath: string, state: string): void;
	/** The link is lost and comes back at once, as when a cable is knocked: every connection ends, and the transport id is new. */
	drop(usbPath: string): void;
	/** The server dies: a reset to everybody, and nothing listens. The phones stay plugged in. */
	killServer(): Promise<void>;
	/** Another server starts on the same port, and counts its transports from 1. */
	startServer(): Promise<void>;
	close(): Promise<void>;
}

/** Resolves when the real server has told what it knows. @throws {Error} when it does not answer in time. */
export async function openUsbHub({ adbServerPort, port: wanted = 0, deadlineMs = 5_000 }: UsbHubOptions): Promise<UsbHub> {
	const onList = new Set<() => void>();
	const ports = new Ports(() => {
		for (const look of [...onList]) look();
	});
	const clients = new Set<Socket>();
	const ending = new AbortController();
	let isRealUp = false;
	let server: Server | undefined;
	let port = wanted;

	const reset = () => {
		for (const client of clients) client.resetAndDestroy();
	};
	const stop = async () => {
		const closing = server;
		server = undefined;
		reset();
		if (closing) await new Promise((resolve) => closing.close(resolve));
	};
	const start = async () => {
		const next = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
			client.on("error", () => {});
			if (!isRealUp) return void client.resetAndDestroy();
			clients.add(client);
			client.once("close", () => clients.delete(client));
			serve(client, { ports, realPort: adbServerPort, onList, kill: () => void setImmediate(() => void stop()) }).catch(
				(error: unknown) => client.destroy(error instanceof Error ? error : new Error(String(error))),
			);
		});
		await new Promise<void>((resolve, reject) => {
			next.once("error", reject);
			next.listen(port, "127.0.0.1", resolve);
		});
		server = next;
		port = (next.address() as AddressInfo).port; // a TCP server's address is one
	};

	let timer: NodeJS.Timeout | undefined;
	const following = await new Promise<{ over: Promise<void> }>((resolve, reject) => {
		const over = followRealServer(adbServerPort, ending.signal, (devices) => {
			if (devices === undefined && isRealUp) {
				// The hub has no server of its own: it dies with the real one, and comes back with it as another.
				isRealUp = false;
				reset();
				ports.setReal(new Map());
				ports.restart();
			}
			if (devices === undefined) return;
			isRealUp = true;
			ports.setReal(devices);
			resolve({ over });
		});
		timer = setTimeout(() => {
			ending.abort();
			reject(new Error(`no adb server answers on port ${adbServerPort}`));
		}, deadlineMs);
	}).finally(() => clearTimeout(timer));
	await start();

	const hub: UsbHub = {
		get port() {
			return port;
		},
		get connections() {
			return clients.size;
		},
		get usbPaths() {
			return [...ports.plugged.keys()];
		},
		plug: (handset, usbPath, { serial = handset.serial, state } = {}) =>
			ports.plug(handset, usbPath, serial, state === "device" ? undefined : state),
		unplug: (usbPath) => void ports.unplug(usbPath),
		move(from, to) {
			if (ports.plugged.has(to)) throw new RangeError(`there is a phone at ${to} already`);
			const { handset, serial, state } = ports.unplug(from);
			ports.plug(handset, to, serial, state);
		},
		unplugHub(usbPath) {
			const below = hub.usbPaths.filter((path) => path === usbPath || path.startsWith(`${usbPath}.`));
			const gone = below.map((path) => ports.unplug(path));
			return () => {
				for (const { handset, usbPath: path, serial, state } of gone) ports.plug(handset, path, serial, state);
			};
		},
		setState: (usbPath, state) => ports.setState(usbPath, state),
		drop(usbPath) {
			const { handset, serial, state } = ports.unplug(usbPath);
			ports.plug(handset, usbPath, serial, state);
		},
		killServer: stop,
		async startServer() {
			if (server) return;
			ports.restart();
			await start();
		},
		async close() {
			ending.abort();
			await Promise.all([stop(), following.over]);
		},
	};
	return hub;
}
