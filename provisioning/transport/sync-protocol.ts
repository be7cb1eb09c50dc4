import { IncomingBytes } from "./incoming-bytes.ts";
import type { ServiceStream } from "./service-link.ts";
import { slices } from "./slices.ts";

/** Largest DATA frame (SYNC_DATA_MAX in file_sync_protocol.h): adbd drops the link for a larger one. */
const MAX_DATA = 64 * 1024;
const HEADER = 8;
/** Regular file. */
const S_IFREG = 0o100000;
/** What a refusal may say, in bytes: adbd's own messages are shorter than a path and an errno. */
const MAX_MESSAGE = 8 * 1024;

/** The phone would not store the file; the message is its own. */
export class SyncRefusedError extends Error {
	override readonly name = "SyncRefusedError";
}

export interface SyncFile {
	readonly path: string;
	readonly content: Uint8Array;
	/** Permission bits. */
	readonly mode: number;
	readonly mtimeUnixSeconds: number;
}

/**
 * Sends a file through the service `sync:` (SYNC.TXT of adb), as views of its content. Settles as soon as the phone has an
 * opinion, also in mid-stream.
 *
 * @param onSent bytes of the file given to the link so far.
 * @throws {SyncRefusedError} what the phone says.
 * @throws {CutOffError} if the service ends without an answer.
 */
export async function sendFile(stream: ServiceStream, file: SyncFile, onSent: (bytes: number) => void): Promise<void> {
	const answer = readAnswer(stream);
	const written = write(stream, file, onSent);
	// A refusal in mid-stream breaks the writing: what the phone says is the reason, not the broken pipe.
	await Promise.race([
		answer,
		written.then(
			() => answer,
			() => answer,
		),
	]);
}

async function write(
	stream: ServiceStream,
	{ path, content, mode, mtimeUnixSeconds }: SyncFile,
	onSent: (bytes: number) => void,
) {
	const target = new TextEncoder().encode(`${path},${S_IFREG | mode}`);
	await stream.write(request("SEND", target.length), target);
	let sent = 0;
	for (const slice of slices(content)) {
		const parts: Uint8Array[] = [];
		for (let at = 0; at < slice.length; at += MAX_DATA) {
			const data = slice.subarray(at, at + MAX_DATA);
			parts.push(request("DATA", data.length), data);
		}
		await stream.write(...parts);
		sent += slice.length;
		onSent(sent);
	}
	await stream.write(request("DONE", mtimeUnixSeconds));
}

async function readAnswer(stream: ServiceStream): Promise<void> {
	const incoming = new IncomingBytes(stream.incoming);
	const head = await incoming.exactly(HEADER);
	const id = String.fromCharCode(...head.subarray(0, 4));
	if (id === "OKAY") return;
	if (id !== "FAIL") throw new SyncRefusedError(`unexpected answer ${JSON.stringify(id)}`);
	const length = new DataView(head.buffer, head.byteOffset, HEADER).getUint32(4, true);
	throw new SyncRefusedError(new TextDecoder().decode(await incoming.exactly(Math.min(length, MAX_MESSAGE))));
}

/** Four letters and a number, little-endian. */
function request(id: "SEND" | "DATA" | "DONE", argument: number): Uint8Array {
	const bytes = new Uint8Array(HEADER);
	for (let index = 0; index < 4; index += 1) bytes[index] = id.charCodeAt(index);
	new DataView(bytes.buffer).setUint32(4, argument, true);
	return bytes;
}
