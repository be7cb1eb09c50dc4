import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { type WebSocket, WebSocketServer } from "ws";

import { BUS_PATH, type BusDevice, type BusMessage, type PageMessage } from "./bus-message.ts";
import type { UnplugOrder, UsbTroubles } from "./fake-usb-device.ts";

/** A phone that is plugged in: its serial number, and where its adbd listens. */
export interface PluggedPhone {
	readonly serial: string;
	readonly port: number;
}

export interface PlugOptions {
	/** The site was given it before. Default: if it was, by its serial number. */
	readonly isGranted?: boolean;
	readonly productName?: string;
	readonly vendorId?: number;
	/** `null`: its USB tells no serial number. Default: the phone's. */
	readonly serial?: string | null;
}

/** The USB ports of one computer, for any number of pages in one browser. */
export interface UsbBus {
	/** The origin of the pages: what is asked of it goes on to the real server. */
	readonly url: string;
	/** Replaces `navigator.usb`: to be run before a page's own scripts. */
	readonly script: string;
	/** Rules of USB that any page broke. */
	readonly violations: readonly string[];
	/** What the person chooses in the browser's list: a serial number, `null` for nothing. Default: the first. */
	pick: string | null | undefined;
	plug(phone: PluggedPhone, options?: PlugOptions): void;
	unplug(serial: string, order?: UnplugOrder): void;
	/** Sets what goes wrong with a phone that is plugged in. */
	setTroubles(serial: string, troubles: UsbTroubles): void;
	/** The browser forgets what it was given. */
	forget(serial: string): void;
	/** Serial numbers that are plugged in. */
	readonly plugged: readonly string[];
	close(): Promise<void>;
}

export interface UsbBusOptions {
	/** Base URL of the server whose pages are looked at. */
	readonly target: string;
	/** Headers that each request gets beside its own, such as who asks. */
	readonly headers?: () => Readonly<Record<string, string>>;
	/** Answers a request instead of the server. */
	readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

type Plugged = BusDevice & { readonly port: number };

/** Opens a bus on a port of its own. */
export async function openUsbBus(options: UsbBusOptions): Promise<UsbBus> {
	const script = await bundled();
	const violations: string[] = [];
	const granted = new Set<string>();
	const pages = new Set<WebSocket>();
	const claimed = new Map<number, WebSocket>();
	let devices: readonly Plugged[] = [];
	let lastId = 0;

	const tell = (message: BusMessage, to: Iterable<WebSocket> = pages) => {
		for (const page of to) page.send(JSON.stringify(message));
	};
	const show = (order: UnplugOrder = "transfer-first", to?: Iterable<WebSocket>) =>
		tell({ type: "devices", devices: devices.map(({ port: _, ...device }) => device), order }, to);
	const change = (serial: string, changed: (device: Plugged) => Plugged | undefined, order?: UnplugOrder) => {
		devices = devices.flatMap((device) => (device.serial === serial ? (changed(device) ?? []) : device));
		show(order);
	};
	const onPage = (page: WebSocket, message: PageMessage) => {
		if (message.type === "violation") {
			violations.push(message.rule);
			return;
		}
		if (message.type === "tell") return tell({ type: "told", id: message.id }, [page]);
		const offered = devices.filter(({ id }) => message.offered.includes(id));
		const chosen = bus.pick === null ? undefined : offered.find(({ serial }) => bus.pick === undefined || serial === bus.pick);
		if (chosen?.serial !== undefined) granted.add(chosen.serial);
		devices = devices.map((device) => (device === chosen ? { ...device, isGranted: true } : device));
		tell({ type: "picked", id: chosen?.id }, [page]);
	};
	/** Bytes between a page that claimed the interface and the phone's adbd. */
	const carry = (web: WebSocket, { id, port }: Plugged) => {
		claimed.set(id, web);
		const tcp = connect(port, "127.0.0.1");
		tcp.setNoDelay(true);
		web.on("message", (data: Buffer) => {
			if (tcp.write(data)) return;
			web.pause();
			tcp.once("drain", () => web.resume());
		});
		tcp.on("data", (data) => web.send(data));
		tcp.on("error", () => web.close());
		tcp.on("close", () => {
			// The phone hung up, not the page: it has left the bus.
			const isOut = claimed.get(id) === web;
			web.close();
			if (!isOut) return;
			devices = devices.filter((device) => device.id !== id);
			show();
		});
		web.on("close", () => {
			if (claimed.get(id) === web) claimed.delete(id);
			tcp.destroy();
		});
	};

	const server = createServer((request, response) => {
		if (!options.answer?.(request, response)) forward(options, request, response);
	});
	const sockets = new WebSocketServer({ noServer: true });
	server.on("upgrade", (request, socket, head) => {
		const [, id] = new RegExp(`^${BUS_PATH}(?:/(\\d+))?$`).exec(request.url ?? "") ?? [];
		const device = devices.find((each) => String(each.id) === id);
		if (request.url !== BUS_PATH && (!device || claimed.has(device.id))) {
			socket.destroy();
			return;
		}
		sockets.handleUpgrade(request, socket, head, (web) => {
			if (device) return carry(web, device);
			pages.add(web);
			web.on("message", (data: Buffer) => onPage(web, JSON.parse(data.toString()) as PageMessage)); // our own script
			web.on("close", () => pages.delete(web));
			show(undefined, [web]);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo; // it listens on TCP

	const bus: UsbBus = {
		url: `http://localhost:${port}`,
		script,
		violations,
		pick: undefined,
		get plugged() {
			return devices.flatMap(({ serial }) => serial ?? []);
		},
		plug(phone, { isGranted, productName = "Redmi", vendorId = 0x2717, serial = phone.serial } = {}) {
			lastId += 1;
			const isKnown = isGranted ?? (serial !== null && granted.has(serial));
			if (isKnown && serial !== null) granted.add(serial);
			const device = { id: lastId, serial: serial ?? undefined, productName, vendorId, isGranted: isKnown, troubles: {} };
			devices = [...devices, { ...device, port: phone.port }];
			show();
		},
		unplug(serial, order) {
			const left = devices.find((device) => device.serial === serial);
			if (!left) return;
			const web = claimed.get(left.id);
			claimed.delete(left.id);
			change(serial, () => undefined, order);
			web?.close();
		},
		setTroubles: (serial, troubles) => change(serial, (device) => ({ ...device, troubles })),
		forget(serial) {
			granted.delete(serial);
			change(serial, (device) => ({ ...device, isGranted: false }));
		},
		async close() {
			for (const socket of [...pages, ...claimed.values()]) socket.terminate();
			sockets.close();
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
	return bus;
}

async function bundled(): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: [fileURLToPath(new URL("in-page.ts", import.meta.url))],
		bundle: true,
		format: "iife",
		platform: "browser",
		target: "es2022",
		write: false,
	});
	return outputFiles[0]?.text ?? "";
}

function forward({ target, headers }: UsbBusOptions, request: IncomingMessage, response: ServerResponse): void {
	const { hostname, port } = new URL(target);
	const onward = send(
		{ hostname, port, path: request.url, method: request.method, headers: { ...request.headers, ...headers?.() } },
		(answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		},
	);
	onward.on("error", () => {
		if (!response.headersSent) response.writeHead(502);
		response.end();
	});
	request.pipe(onward);
}
