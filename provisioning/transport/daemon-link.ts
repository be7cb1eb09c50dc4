import type { AdbDaemonTransport, AdbSocket } from "@yume-chan/adb";
import { Consumable } from "@yume-chan/stream-extra";

import { type LinkLoss, type ServiceLink, ServiceRefusedError, type ServiceStream } from "./service-link.ts";

/**
 * A link over Tango's daemon transport, straight to adbd, whatever carries its packets.
 *
 * @param free frees what carries the packets, at once: Tango's own close waits for a frozen phone.
 */
export function daemonLink(transport: AdbDaemonTransport, free: () => void): ServiceLink {
	const features = transport.banner.features.filter((feature) => transport.clientFeatures.includes(feature));
	return {
		features: new Set(features),
		async open(service) {
			let socket: AdbSocket;
			try {
				socket = await transport.connect(service);
			} catch (cause) {
				// Only adbd's CLSE ends an OPEN here; a dead link leaves it unanswered.
				throw new ServiceRefusedError(cause instanceof Error ? cause.message : String(cause));
			}
			return streamOf(socket);
		},
		onLost(callback: (why: LinkLoss) => void) {
			const lost = () => callback("USB_LOST");
			transport.disconnected.then(lost, lost);
		},
		destroy: free,
	};
}

function streamOf(socket: AdbSocket): ServiceStream {
	const reader = socket.readable.getReader();
	const writer = socket.writable.getWriter();
	writer.closed.catch(() => {}); // a broken writer also rejects the write that broke
	return {
		incoming: {
			async *[Symbol.asyncIterator]() {
				while (true) {
					const { done, value } = await reader.read();
					if (done) return;
					yield value;
				}
			},
		},
		// Each write is a packet, and each packet is acknowledged: what belongs together goes in one.
		write: (...parts) => Consumable.WritableStream.write(writer, joined(parts)),
		close() {
			reader.cancel().catch(() => {});
			Promise.resolve(socket.close()).catch(() => {});
		},
	};
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	const [only] = parts;
	if (only && parts.length === 1) return only;
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
