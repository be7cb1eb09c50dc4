import type { ShellResult } from "../handset/port.ts";
import { CutOffError } from "./incoming-bytes.ts";

/** adb shell protocol version 2 (shell_protocol.h): id u8, length u32 little-endian, data. */
const FrameId = { stdin: 0, stdout: 1, stderr: 2, exit: 3, closeStdin: 4 } as const;
const HEADER = 5;

/** Service that runs a command line with its streams and exit code apart, and without a terminal. */
export function shellService(commandLine: string): string {
	return `shell,v2,raw:${commandLine}`;
}

/** Header of a frame that carries `length` bytes of standard input. */
export function stdinHeader(length: number): Uint8Array {
	return header(FrameId.stdin, length);
}

/** Tells the command that its standard input ends here. */
export function stdinEnd(): Uint8Array {
	return header(FrameId.closeStdin, 0);
}

function header(id: number, length: number): Uint8Array {
	const bytes = new Uint8Array(HEADER);
	bytes[0] = id;
	new DataView(bytes.buffer).setUint32(1, length, true);
	return bytes;
}

/** A command printed more than anything that we run. */
export class TooMuchOutputError extends Error {
	override readonly name = "TooMuchOutputError";
}

/**
 * Reads both streams and the exit code. Both are read at all times: a full one would hold the exit code back for ever.
 *
 * @param maxBytes of both streams together.
 * @throws {CutOffError} if the service ends without an exit code.
 * @throws {TooMuchOutputError}
 */
export async function readShell(incoming: AsyncIterable<Uint8Array>, maxBytes: number): Promise<ShellResult> {
	const output = new Output(maxBytes);
	const frame = { header: new Uint8Array(HEADER), headerLength: 0, id: 0, left: 0 };
	for await (const chunk of incoming) {
		let at = 0;
		while (at < chunk.length) {
			if (frame.headerLength < HEADER) {
				frame.header[frame.headerLength] = chunk[at] ?? 0;
				frame.headerLength += 1;
				at += 1;
				if (frame.headerLength < HEADER) continue;
				frame.id = frame.header[0] ?? 0;
				frame.left = new DataView(frame.header.buffer).getUint32(1, true);
			}
			const data = chunk.subarray(at, at + frame.left);
			at += data.length;
			frame.left -= data.length;
			if (frame.id === FrameId.exit && data.length > 0) return output.result(data[0] ?? 0);
			output.add(frame.id, data);
			if (frame.left === 0) frame.headerLength = 0;
		}
	}
	throw new CutOffError("the command ended without an exit code");
}

class Output {
	readonly #maxBytes: number;
	#bytes = 0;
	readonly #streams = { [FrameId.stdout]: new Text(), [FrameId.stderr]: new Text() };

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	add(id: number, data: Uint8Array): void {
		this.#bytes += data.length;
		if (this.#bytes > this.#maxBytes) throw new TooMuchOutputError(`more than ${this.#maxBytes} bytes of output`);
		if (id === FrameId.stdout || id === FrameId.stderr) this.#streams[id].add(data);
	}

	result(exitCode: number): ShellResult {
		return { stdout: this.#streams[FrameId.stdout].end(), stderr: this.#streams[FrameId.stderr].end(), exitCode };
	}
}

class Text {
	#text = "";
	readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

	add(data: Uint8Array): void {
		this.#text += this.#decoder.decode(data, { stream: true });
	}

	end(): string {
		return this.#text + this.#decoder.decode();
	}
}
