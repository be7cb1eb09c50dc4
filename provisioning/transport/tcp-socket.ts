import { Socket } from "node:net";

export interface TcpAddress {
	readonly host: string;
	readonly port: number;
}

/**
 * Opens a TCP connection without Nagle's delay.
 *
 * @param opened is called with the socket at once, so that its owner can destroy one that never connects.
 * @throws the socket's error, or one saying that it was destroyed before.
 */
export async function openTcpSocket(address: TcpAddress, opened?: (socket: Socket) => void): Promise<Socket> {
	const socket = new Socket();
	opened?.(socket);
	socket.setNoDelay(true);
	await new Promise<void>((resolve, reject) => {
		socket.once("connect", resolve);
		socket.once("error", reject);
		socket.once("close", () => reject(new Error("closed before it was connected")));
		socket.connect(address);
	});
	// A later error is always followed by "close", which everything here watches; it only must not go unheard.
	socket.on("error", () => {});
	return socket;
}

/**
 * Sends parts in one go, without copying them. Resolves when they have left this process, rejects when the socket is closed.
 */
export function writeParts(socket: Socket, parts: readonly Uint8Array[]): Promise<void> {
	return new Promise((resolve, reject) => {
		if (socket.destroyed || socket.writableEnded) {
			reject(new Error("the connection is closed"));
			return;
		}
		socket.cork();
		for (const part of parts.slice(0, -1)) socket.write(part);
		socket.write(parts.at(-1) ?? new Uint8Array(), (error) => (error ? reject(error) : resolve()));
		socket.uncork();
	});
}

/** Writes in turn, one write ahead of the socket: it never waits for us, and we never hold more than two. */
export function writeAhead(socket: Socket): (...parts: readonly Uint8Array[]) => Promise<void> {
	let previous: Promise<void> = Promise.resolve();
	return (...parts) => {
		const before = previous;
		previous = writeParts(socket, parts);
		previous.catch(() => {}); // the next write, or the silence after the last one, tells
		return before;
	};
}
