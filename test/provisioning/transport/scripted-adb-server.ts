import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** One service of a phone: gets the socket after the OKAY. */
export type Service = (socket: Socket, incoming: Incoming) => void | Promise<void>;

/** What the client sends after the OKAY, by exact numbers of bytes. */
export interface Incoming {
	exactly(length: number): Promise<Buffer>;
}

/** Answer of a phone's shell service: whatever it wants to write and when. */
export interface ScriptedPhone {
	readonly features?: string;
	/** By the text after `shell,v2,raw:`, or the whole service. `undefined`: FAIL closed. */
	service(name: string): Service | undefined;
}

const hex4 = (text: string) => Buffer.byteLength(text).toString(16).padStart(4, "0") + text;

/** An adb server that says whatever a test wants: device lists, services, silence, FIN or RST. */
export class ScriptedAdbServer {
	readonly requests: string[] = [];
	readonly open = new Set<Socket>();
	phone: ScriptedPhone | undefined;
	/** Hears requests and answers none. */
	silent = false;
	#list = "";
	#server: Server | undefined;
	readonly #trackers = new Set<Socket>();
	connections = 0;

	async listen(port = 0): Promise<number> {
		const server = createServer((socket) => {
			this.connections += 1;
			this.open.add(socket);
			socket.on("error", () => {});
			socket.on("close", () => {
				this.open.delete(socket);
				this.#trackers.delete(socket);
			});
			this.#serve(socket).catch(() => socket.destroy());
		});
		this.#server = server;
		await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
		return (server.address() as AddressInfo).port; // a TCP server's address is one
	}

	async #serve(socket: Socket): Promise<void> {
		const incoming = reader(socket);
		while (true) {
			const length = Number.parseInt((await incoming.exactly(4)).toString("latin1"), 16);
			const request = (await incoming.exactly(length)).toString();
			this.requests.push(request);
			if (this.silent) continue;
			if (request === "host:version") socket.end(`OKAY${hex4("0029")}`);
			else if (request === "host:devices-l") socket.end(`OKAY${hex4(this.#list)}`);
			else if (request === "host:track-devices-l") {
				this.#trackers.add(socket);
				socket.write(`OKAY${hex4(this.#list)}`);
			} else if (!this.phone) {
				socket.end(`FAIL${hex4(`device '${request.split(":").at(-1)}' not found`)}`);
			} else if (request.startsWith("host:tport:serial:")) {
				const id = Buffer.alloc(8);
				id.writeBigUInt64LE(7n);
				socket.write(Buffer.concat([Buffer.from("OKAY"), id]));
			} else if (request.startsWith("host:transport-id:")) socket.write("OKAY");
			else if (request === "host:features") socket.end(`OKAY${hex4(this.phone.features ?? "shell_v2,cmd")}`);
			else {
				const service = this.phone.service(request.replace(/^shell,v2,raw:/, ""));
				if (!service) {
					socket.end(`FAIL${hex4("closed")}`);
					return;
				}
				socket.write("OKAY");
				await service(socket, incoming);
				return;
			}
		}
	}

	/** Lines as `adb devices -l` prints them. */
	setDevices(...lines: string[]): void {
		this.setDevicesQuietly(...lines);
		for (const socket of this.#trackers) socket.write(hex4(this.#list));
	}

	/** The same, and whoever follows the list is not told yet. */
	setDevicesQuietly(...lines: string[]): void {
		this.#list = lines.map((line) => `${line}\n`).join("");
	}

	/** The phone leaves: who follows the list is told, its services end. */
	unplug(): void {
		this.phone = undefined;
		this.setDevices();
		for (const socket of this.open) if (!this.#trackers.has(socket)) socket.destroy();
	}

	/** `adb kill-server`, or a crash: `reset` sends RST, after which a client sees no "end". */
	async stop(how: "end" | "reset" = "end"): Promise<void> {
		const closed = new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
		for (const socket of this.open) {
			if (how === "reset") socket.resetAndDestroy();
			else socket.destroy();
		}
		await closed;
	}
}

function reader(socket: Socket): Incoming {
	let buffer = Buffer.alloc(0);
	let closed = false;
	let wake = () => {};
	socket.on("data", (data) => {
		buffer = Buffer.concat([buffer, data]);
		if (buffer.length > 4 << 20) socket.pause();
		wake();
	});
	socket.on("close", () => {
		closed = true;
		wake();
	});
	return {
		async exactly(length) {
			while (buffer.length < length) {
				if (closed) throw new Error("closed");
				socket.resume();
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			}
			const bytes = buffer.subarray(0, length);
			buffer = buffer.subarray(length);
			return bytes;
		},
	};
}

/** A frame of the shell protocol: 1 stdout, 2 stderr, 3 exit. */
export function frame(id: number, data: string | Uint8Array): Buffer {
	const bytes = Buffer.from(data);
	const header = Buffer.alloc(5);
	header[0] = id;
	header.writeUInt32LE(bytes.length, 1);
	return Buffer.concat([header, bytes]);
}

/** A service that prints and ends. */
export function prints(stdout: string, exitCode = 0, stderr = ""): Service {
	return (socket) => {
		const parts = [
			...(stdout ? [frame(1, stdout)] : []),
			...(stderr ? [frame(2, stderr)] : []),
			frame(3, Uint8Array.of(exitCode)),
		];
		socket.end(Buffer.concat(parts));
	};
}

/** Reads the frames of standard input up to its end. */
export async function readStdin(incoming: Incoming): Promise<Buffer> {
	const parts: Buffer[] = [];
	while (true) {
		const header = await incoming.exactly(5);
		if (header[0] === 4) return Buffer.concat(parts);
		parts.push(await incoming.exactly(header.readUInt32LE(1)));
	}
}
