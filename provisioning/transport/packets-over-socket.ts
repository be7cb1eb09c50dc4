import type { Socket } from "node:net";

import { type AdbDaemonConnection, AdbPacket, AdbPacketHeader, type AdbPacketInit } from "@yume-chan/adb";
import type { Consumable } from "@yume-chan/stream-extra";
import { PushReadableStream, StructDeserializeStream, tryClose, WritableStream } from "@yume-chan/stream-extra";

/**
 * ADB packets over a TCP socket, for Tango's daemon transport.
 *
 * The sink never rejects. Tango writes OKAY and CLSE without waiting for them, and leaves the `consumed` of a packet unhandled
 * once its sink has rejected: a phone that left would end the process with an unhandled rejection, though every call was
 * caught. A dead link is told once, by the readable's end.
 */
export function packetsOverSocket(socket: Socket): AdbDaemonConnection {
	const writable = new WritableStream<Consumable<AdbPacketInit>>({
		write: (chunk) =>
			new Promise<void>((resolve) => {
				const done = (error?: Error | null) => {
					if (error) socket.destroy();
					chunk.consume();
					resolve();
				};
				if (socket.destroyed || socket.writableEnded) {
					done();
					return;
				}
				const { payload } = chunk.value;
				socket.cork(); // one segment: TCP has no transfer boundaries to keep
				socket.write(
					AdbPacketHeader.serialize({ ...chunk.value, payloadLength: payload.length }),
					payload.length > 0 ? undefined : done,
				);
				if (payload.length > 0) socket.write(payload, done);
				socket.uncork();
			}),
		close: () => void socket.destroy(),
		abort: () => void socket.destroy(),
	});
	return { readable: bytesOf(socket).pipeThrough(new StructDeserializeStream(AdbPacket)), writable };
}

function bytesOf(socket: Socket) {
	return new PushReadableStream<Uint8Array>((controller) => {
		socket.on("data", (data: Uint8Array) => {
			if (controller.abortSignal.aborted) return;
			socket.pause();
			void controller.enqueue(data).then(
				() => socket.resume(),
				() => {}, // cancelled meanwhile
			);
		});
		// Not "end" alone: a reset connection has an "error" and a "close" but no "end".
		socket.on("close", () => void tryClose(controller));
	});
}
