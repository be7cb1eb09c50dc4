import type { Socket } from "node:net";

/** One ADB packet. Header: six little-endian words (command, arg0, arg1, length, byte sum, command ^ 0xffffffff). */
export interface Packet {
	readonly command: number;
	readonly arg0: number;
	readonly arg1: number;
	readonly payload: Uint8Array;
}

/** Commands: four ASCII letters as a little-endian word (AOSP packages/modules/adb/docs/dev/protocol.md). */
export const Command = {
	Connect: 0x4e584e43,
	Auth: 0x48545541,
	Open: 0x4e45504f,
	Okay: 0x59414b4f,
	Close: 0x45534c43,
	Write: 0x45545257,
} as const;

/** From this version on nobody checks the byte sum; CNXN and AUTH carry it all the same, as older hosts read it there. */
export const VERSION = 0x0100_0001;
export const MAX_PAYLOAD = 1024 * 1024;
const HEADER_BYTES = 24;

export function writePacket(socket: Socket, { command, arg0, arg1, payload }: Packet): void {
	if (socket.destroyed || socket.writableEnded) return;
	const header = Buffer.alloc(HEADER_BYTES);
	header.writeUInt32LE(command, 0);
	header.writeUInt32LE(arg0, 4);
	header.writeUInt32LE(arg1, 8);
	header.writeUInt32LE(payload.length, 12);
	const summed = command === Command.Connect || command === Command.Auth;
	header.writeUInt32LE(summed ? payload.reduce((sum, byte) => (sum + byte) >>> 0, 0) : 0, 16);
	header.writeUInt32LE((command ^ 0xffff_ffff) >>> 0, 20);
	socket.cork();
	socket.write(header);
	if (payload.length > 0) socket.write(payload);
	socket.uncork();
}

/**
 * Packets as they come.
 *
 * @throws {Error} for what is no packet, or one larger than was agreed.
 */
export async function* readPackets(socket: Socket): AsyncGenerator<Packet> {
	let held: Buffer = Buffer.alloc(0);
	for await (const chunk of socket as AsyncIterable<Buffer>) {
		held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
		while (held.length >= HEADER_BYTES) {
			const command = held.readUInt32LE(0);
			const length = held.readUInt32LE(12);
			if (held.readUInt32LE(20) !== (command ^ 0xffff_ffff) >>> 0) throw new Error("not an ADB packet");
			if (length > MAX_PAYLOAD) throw new Error(`a packet of ${length} bytes`);
			if (held.length < HEADER_BYTES + length) break;
			yield {
				command,
				arg0: held.readUInt32LE(4),
				arg1: held.readUInt32LE(8),
				payload: held.subarray(HEADER_BYTES, HEADER_BYTES + length),
			};
			held = held.subarray(HEADER_BYTES + length);
		}
	}
}
