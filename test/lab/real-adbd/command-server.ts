import { createServer, type Server, type Socket } from "node:net";

import type { Handset } from "../handset.ts";
import type { Stdin } from "../userland/command.ts";
import { runCommand } from "../userland/commands.ts";

const UNTIL_END = 0xffff_ffff;

/** Answers on its socket until closed. */
export interface CommandServer {
	/** Resolves when it listens. */
	readonly ready: Promise<void>;
	close(): Promise<void>;
}

/** Serves the commands that a real adbd starts (`phone-command.pl`) on a Unix socket: nothing is spawned here per command. */
export function serveCommands(phone: Handset, path: string): CommandServer {
	const sockets = new Set<Socket>();
	const server: Server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {}); // the command was killed; "close" follows
		socket.on("close", () => sockets.delete(socket));
		serveOne(phone, socket).catch((error: unknown) => {
			// A fault of ours: the phone's user sees what a crashed service looks like, we see why.
			process.emitWarning(error instanceof Error ? error : new Error(String(error)));
			socket.end(message("X", 255));
		});
	});
	const ready = new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(path, resolve);
	});
	server.unref();
	return {
		ready,
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

async function serveOne(phone: Handset, socket: Socket): Promise<void> {
	const input = new FramedInput(socket);
	const words = await input.frame();
	if (!words) return;
	const argv = new TextDecoder().decode(words).split("\0");
	const reply = await runCommand(phone, argv, stdinOf(socket, input));
	if (!reply) return; // the link dies first: whoever pulled the cable also ends this socket
	const stdout = typeof reply.stdout === "string" ? Buffer.from(reply.stdout) : reply.stdout;
	const stderr = Buffer.from(reply.stderr);
	socket.end(
		Buffer.concat([
			...(stdout.length > 0 ? [message("O", stdout.length), stdout] : []),
			...(stderr.length > 0 ? [message("E", stderr.length), stderr] : []),
			message("X", reply.exitCode),
		]),
	);
}

function message(type: "O" | "E" | "R" | "X", number: number): Buffer {
	const bytes = Buffer.alloc(5, type, "latin1");
	bytes.writeUInt32BE(number, 1);
	return bytes;
}

function stdinOf(socket: Socket, input: FramedInput): Stdin {
	const collect = async (count: number, bytesPerSecond: number) => {
		socket.write(message("R", count));
		const parts: Uint8Array[] = [];
		for (let part = await input.frame(); part && part.length > 0; part = await input.frame()) {
			parts.push(part);
			if (bytesPerSecond < Number.POSITIVE_INFINITY) {
				await new Promise((resolve) => setTimeout(resolve, (1000 * part.length) / bytesPerSecond));
			}
		}
		return new Uint8Array(Buffer.concat(parts));
	};
	return {
		read: (count, bytesPerSecond = Number.POSITIVE_INFINITY) => collect(count, bytesPerSecond),
		all: (bytesPerSecond = Number.POSITIVE_INFINITY) => collect(UNTIL_END, bytesPerSecond),
	};
}

/** Cuts a socket into `u32 length + bytes`; not read from means not received, so a slow reader slows the cable. */
class FramedInput {
	readonly #chunks: AsyncIterator<Buffer>;
	#held: Buffer = Buffer.alloc(0);

	constructor(socket: Socket) {
		this.#chunks = socket.iterator({ destroyOnReturn: false });
	}

	/** The next frame; `undefined` at the end of the input. */
	async frame(): Promise<Uint8Array | undefined> {
		const header = await this.#exactly(4);
		return header && (await this.#exactly(Buffer.from(header).readUInt32BE(0)));
	}

	async #exactly(count: number): Promise<Uint8Array | undefined> {
		const parts: Buffer[] = [];
		let missing = count - this.#held.length;
		while (missing > 0) {
			parts.push(this.#held);
			const next = await this.#chunks.next().catch(() => undefined);
			if (!next || next.done) return undefined;
			this.#held = next.value;
			missing -= next.value.length;
		}
		const end = this.#held.length + missing;
		parts.push(this.#held.subarray(0, end));
		this.#held = this.#held.subarray(end);
		return parts.length === 1 ? parts[0] : Buffer.concat(parts);
	}
}
