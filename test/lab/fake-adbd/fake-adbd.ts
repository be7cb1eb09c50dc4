import { type KeyObject, randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";

import type { AdbdLink } from "../adbd-link.ts";
import type { Handset } from "../handset.ts";
import { hasSigned, type OfferedKey, parseAndroidKey } from "./android-key.ts";
import { Command, MAX_PAYLOAD, type Packet, readPackets, VERSION, writePacket } from "./packet.ts";
import { serveRaw, serveShellV2 } from "./shell-service.ts";
import { DeviceStream } from "./stream.ts";
import { serveSync } from "./sync-service.ts";

const FEATURES = ["shell_v2", "cmd", "stat_v2", "ls_v2", "fixed_push_mkdir", "sendrecv_v2"].join(",");
const AuthKind = { Token: 1, Signature: 2, PublicKey: 3 } as const;

export interface FakeAdbdOptions {
	readonly phone: Handset;
	readonly port: number;
	/**
	 * An unknown key is offered; resolves to true when the person taps "Allow". Without this every host is let in, as after a
	 * tap on "Always allow".
	 */
	readonly authorize?: (offered: OfferedKey) => Promise<boolean>;
	/** Called for each service that is opened. */
	readonly onService?: (service: string) => void;
}

/** adbd in this process: handshake, keys, streams and services of ADB over TCP. Delayed acknowledgement is not offered. */
export function fakeAdbd(options: FakeAdbdOptions): AdbdLink {
	const sockets = new Set<Socket>();
	const knownKeys: KeyObject[] = [];
	let server: Server | undefined;
	let frozen = false;
	const accept = (socket: Socket) => {
		sockets.add(socket);
		socket.setNoDelay(true);
		socket.on("error", () => {}); // a reset; "close" follows
		socket.on("close", () => sockets.delete(socket));
		if (frozen || options.phone.state.quirks.link === "silent") socket.pause();
		else
			serve(socket, options, knownKeys).then(
				() => socket.end(),
				() => socket.destroy(),
			);
	};
	const stop = async () => {
		const ending = server;
		server = undefined;
		for (const socket of sockets) socket.destroy();
		if (ending) await new Promise<void>((resolve) => ending.close(() => resolve()));
	};
	return {
		port: options.port,
		pid: undefined,
		async start() {
			await stop();
			frozen = false;
			const starting = createServer(accept);
			await new Promise<void>((resolve, reject) => {
				starting.once("error", reject);
				starting.listen(options.port, "127.0.0.1", resolve);
			});
			server = starting;
		},
		stop,
		freeze() {
			frozen = true;
			for (const socket of sockets) {
				socket.pause();
				socket.cork(); // what was on its way out stays, too
			}
		},
		thaw() {
			frozen = false;
			for (const socket of sockets) {
				socket.uncork();
				socket.resume();
			}
		},
	};
}

async function serve(socket: Socket, options: FakeAdbdOptions, knownKeys: KeyObject[]): Promise<void> {
	const streams = new Map<number, DeviceStream>();
	const handshake = new Handshake(socket, options, knownKeys);
	let nextId = 1;
	const send = (packet: Packet) => writePacket(socket, packet);
	try {
		for await (const packet of readPackets(socket)) {
			if (packet.command === Command.Connect || packet.command === Command.Auth) {
				for (const stream of streams.values()) stream.drop();
				streams.clear();
				handshake.onPacket(packet);
			} else if (!handshake.done) {
				// Left over from an earlier connection: adbd ignores it, too.
			} else if (packet.command === Command.Open) {
				const service = new TextDecoder().decode(packet.payload).replace(/\0$/, "");
				options.onService?.(service);
				const stream = new DeviceStream(nextId, packet.arg0, handshake.maxPayload, send);
				nextId += 1;
				const run = serviceNamed(options.phone, service, stream);
				if (!run) {
					send({
						command: Command.Close,
						arg0: 0,
						arg1: packet.arg0,
						payload: new Uint8Array(),
					});
					continue;
				}
				streams.set(stream.localId, stream);
				send({
					command: Command.Okay,
					arg0: stream.localId,
					arg1: packet.arg0,
					payload: new Uint8Array(),
				});
				run().catch((error: unknown) => {
					process.emitWarning(error instanceof Error ? error : new Error(String(error)));
					stream.close();
				});
			} else {
				streams.get(packet.arg1)?.onPacket(packet);
				if (packet.command === Command.Close) streams.delete(packet.arg1);
			}
		}
	} finally {
		for (const stream of streams.values()) stream.drop();
	}
}

function serviceNamed(phone: Handset, service: string, stream: DeviceStream): (() => Promise<void>) | undefined {
	const command = service.slice(service.indexOf(":") + 1);
	if (/^shell,v2[^:]*:./s.test(service)) return () => serveShellV2(phone, command, stream);
	if (/^(shell[^:]*|exec):./s.test(service)) return () => serveRaw(phone, command, stream);
	if (service === "sync:") return () => serveSync(stream, phone.files);
	if (service.startsWith("reboot:")) {
		return async () => {
			stream.close();
			phone.watcher?.onPhysical("reboot");
		};
	}
	return undefined; // an interactive shell among them: nobody sits at this phone
}

/** CNXN and AUTH: a token to sign; a key that is not known is shown to the person. */
class Handshake {
	done = false;
	maxPayload = MAX_PAYLOAD;
	#version = VERSION;
	#token: Uint8Array = new Uint8Array();

	constructor(
		readonly socket: Socket,
		readonly options: FakeAdbdOptions,
		readonly knownKeys: KeyObject[],
	) {}

	onPacket({ command, arg0, arg1, payload }: Packet): void {
		if (command === Command.Connect) {
			this.#version = Math.min(arg0, VERSION);
			this.maxPayload = Math.min(arg1, MAX_PAYLOAD);
			if (this.options.authorize) this.#askToken();
			else this.#accept();
		} else if (arg0 === AuthKind.Signature) {
			if (this.knownKeys.some((key) => hasSigned(key, this.#token, payload))) this.#accept();
			else this.#askToken();
		} else if (arg0 === AuthKind.PublicKey) {
			const offered = parseAndroidKey(new TextDecoder().decode(payload));
			// After "Deny", as while nobody taps, a phone stays silent: the host waits for ever.
			if (offered) void this.options.authorize?.(offered).then((allowed) => allowed && this.#allow(offered));
		}
	}

	#allow(offered: OfferedKey): void {
		this.knownKeys.push(offered.key);
		this.#accept();
	}

	#askToken(): void {
		this.#token = randomBytes(20);
		writePacket(this.socket, {
			command: Command.Auth,
			arg0: AuthKind.Token,
			arg1: 0,
			payload: this.#token,
		});
	}

	#accept(): void {
		this.done = true;
		const { props } = this.options.phone.state;
		const banner = `device::ro.product.name=${props["ro.product.name"]};ro.product.model=${props["ro.product.model"]};ro.product.device=${props["ro.product.device"]};features=${FEATURES}`;
		const payload = new TextEncoder().encode(banner);
		writePacket(this.socket, {
			command: Command.Connect,
			arg0: this.#version,
			arg1: this.maxPayload,
			payload,
		});
	}
}
