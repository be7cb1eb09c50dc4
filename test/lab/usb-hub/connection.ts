import { Socket } from "node:net";

import { type Link, type Ports, stateOf } from "./ports.ts";
import { type HubRequest, parseRequest, type Target } from "./request.ts";

/** What a connection needs of the hub that it came to. */
export interface HubServer {
	readonly ports: Ports;
	readonly realPort: number;
	/** Everything that waits for the list to change: trackers, and clients that wait for a phone. */
	readonly onList: Set<() => void>;
	kill(): void;
}

const hex4 = (text: string) => Buffer.byteLength(text).toString(16).padStart(4, "0") + text;

/** Serves one client: reads its first request, answers what the hub knows better, and hands the rest to the real server. */
export async function serve(client: Socket, hub: HubServer): Promise<void> {
	const digits = await exactly(client, 4);
	const text = digits && (await exactly(client, Number.parseInt(digits.toString("latin1"), 16) || 0));
	if (text === undefined) return void client.destroy();
	const request = text.toString();
	const parsed = parseRequest(request);
	switch (parsed.type) {
		case "list":
			return list(client, hub, parsed);
		case "select":
			return select(client, hub, parsed);
		case "about":
			return about(client, hub, parsed);
		case "kill":
			client.end("OKAY");
			return hub.kill();
		case "other":
			return void tunnel(client, hub.realPort, request);
	}
}

function list(client: Socket, hub: HubServer, { long, follow }: HubRequest & { type: "list" }): void {
	let said = hub.ports.list(long);
	const answer = `OKAY${hex4(said)}`;
	if (!follow) return void client.end(answer);
	client.write(answer);
	client.resume();
	untilClosed(client, hub, () => {
		const now = hub.ports.list(long);
		if (now !== said) client.write(hex4(now));
		said = now;
	});
}

async function select(client: Socket, hub: HubServer, { target, tellsId }: HubRequest & { type: "select" }): Promise<void> {
	const chosen = hub.ports.select(target);
	if (!chosen.ok) return refuse(client, chosen.text);
	const { link } = chosen;
	const real = connect(client, hub.realPort);
	const free = hold(client, real, link);
	real.write(hex4(`host:transport-id:${link.real.transportId}`));
	const answer = await exactly(real, 4);
	if (answer === undefined) {
		free();
		return void client.destroy();
	}
	client.write(answer);
	if (tellsId && answer.toString("latin1") === "OKAY") {
		const id = Buffer.alloc(8);
		id.writeBigUInt64LE(BigInt(link.id));
		client.write(id);
	}
	join(client, real);
}

function about(client: Socket, hub: HubServer, { target, service }: HubRequest & { type: "about" }): void {
	const [, state] = /^wait-for-(?:any|usb|local)-(.+)$/.exec(service) ?? [];
	if (state !== undefined) {
		waitFor(client, hub, target, state);
		return;
	}
	const chosen = hub.ports.select(target);
	if (!chosen.ok) {
		refuse(client, chosen.text);
		return;
	}
	const { port, link } = chosen;
	const own: Readonly<Record<string, string>> = {
		"get-state": stateOf(port, link),
		"get-serialno": port.serial,
		"get-devpath": `usb:${port.usbPath}`,
	};
	const answer = own[service];
	if (answer !== undefined) client.end(`OKAY${hex4(answer)}`);
	else hold(client, tunnel(client, hub.realPort, `host-transport-id:${link.real.transportId}:${service}`), link);
}

/** As the server's `wait_for_service`: a phone that cannot be chosen is a phone that is disconnected. */
function waitFor(client: Socket, hub: HubServer, target: Target, state: string): void {
	client.write("OKAY");
	client.resume();
	const look = () => {
		const chosen = hub.ports.select(target);
		if (state === "disconnect" ? !chosen.ok : chosen.ok && (state === "any" || state === chosen.state)) {
			stop();
			client.end("OKAY");
		}
	};
	const stop = untilClosed(client, hub, look);
	look();
}

function untilClosed(client: Socket, hub: HubServer, look: () => void): () => void {
	const stop = () => void hub.onList.delete(look);
	hub.onList.add(look);
	client.once("end", () => client.end());
	client.once("close", stop);
	return stop;
}

function refuse(client: Socket, text: string): void {
	client.end(`FAIL${hex4(text)}`);
	client.resume();
}

/** Both ends go when the phone does. */
function hold(client: Socket, real: Socket, link: Link): () => void {
	const end = () => {
		client.destroy();
		real.destroy();
	};
	const free = () => void link.cuts.delete(end);
	link.cuts.add(end);
	client.once("close", free);
	return free;
}

function connect(client: Socket, port: number): Socket {
	const real = new Socket({ allowHalfOpen: true });
	real.setNoDelay(true);
	real.on("error", () => {});
	real.connect(port, "127.0.0.1");
	client.once("close", () => real.destroy());
	// A real server that dies is felt at once; one that ends says so by "end", which the pipe passes on after everything before it.
	real.once("close", (hadError) => {
		if (hadError) client.resetAndDestroy();
	});
	return real;
}

function tunnel(client: Socket, port: number, request: string): Socket {
	const real = connect(client, port);
	real.write(hex4(request));
	join(client, real);
	return real;
}

function join(client: Socket, real: Socket): void {
	client.pipe(real);
	real.pipe(client);
}

/** So many bytes, leaving what follows in the socket; `undefined` if it ends before. */
function exactly(socket: Socket, length: number): Promise<Buffer | undefined> {
	if (length === 0) return Promise.resolve(Buffer.alloc(0));
	return new Promise((resolve) => {
		const settle = (bytes: Buffer | undefined) => {
			for (const event of ["end", "close"]) socket.off(event, gone);
			socket.off("readable", look);
			resolve(bytes);
		};
		const gone = () => settle(undefined);
		const look = () => {
			const bytes: unknown = socket.read(length);
			if (bytes instanceof Buffer) settle(bytes.length === length ? bytes : undefined);
		};
		socket.on("readable", look);
		for (const event of ["end", "close"]) socket.on(event, gone);
		look();
	});
}
