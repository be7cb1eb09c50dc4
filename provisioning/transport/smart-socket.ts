import type { Socket } from "node:net";

import { faultError } from "../handset/fault.ts";
import { IncomingBytes } from "./incoming-bytes.ts";
import { ServiceRefusedError, type ServiceStream } from "./service-link.ts";
import { openTcpSocket, type TcpAddress, writeAhead, writeParts } from "./tcp-socket.ts";

/** Where an adb server listens. It is a program of this machine, and lists devices to anybody who asks. */
export const ADB_SERVER_HOST = "127.0.0.1";
export const ADB_SERVER_PORT = 5037;

/** Longest refusal that is read, in bytes. The length has four hex digits. */
const MAX_TEXT = 0xffff;

/**
 * One connection to the adb server (SERVICES.TXT of adb): requests and texts carry their length in four hex digits, answers are
 * OKAY or FAIL and a text.
 *
 * Own code and not Tango's client: that one never notices a reset server, keeps every socket it opened, asks for its
 * version again and again, and copies what is pushed.
 */
export class SmartSocket {
	readonly #socket: Socket;
	readonly #incoming: IncomingBytes;

	private constructor(socket: Socket) {
		this.#socket = socket;
		// A reset connection ends the iteration with its error: nothing waits for ever.
		this.#incoming = new IncomingBytes(socket);
	}

	/**
	 * @param opened is called with the socket at once, so that its owner can destroy one that never connects.
	 * @throws {FaultError} ADB_SERVER_GONE.
	 */
	static async connect(address: TcpAddress, opened?: (socket: Socket) => void): Promise<SmartSocket> {
		try {
			return new SmartSocket(await openTcpSocket(address, opened));
		} catch (cause) {
			throw faultError(
				"ADB_SERVER_GONE",
				{ details: { "adb server": `${address.host}:${address.port}`, problem: String(cause) } },
				{ cause },
			);
		}
	}

	/**
	 * Sends a request and reads the OKAY.
	 *
	 * @param extra bytes that the server sends before its OKAY (the id of `host:tport`).
	 * @returns these bytes.
	 * @throws {ServiceRefusedError} the server's FAIL.
	 * @throws {CutOffError} and socket errors, if the server went away.
	 */
	async request(service: string): Promise<void> {
		const text = new TextEncoder().encode(service);
		if (text.length > MAX_TEXT) throw new Error(`a request of ${text.length} bytes, adb takes ${MAX_TEXT}`);
		await writeParts(this.#socket, [new TextEncoder().encode(text.length.toString(16).padStart(4, "0")), text]);
		await this.readOkay();
	}

	/** @throws as {@link request}. */
	async readOkay(): Promise<void> {
		const answer = ascii(await this.#incoming.exactly(4));
		if (answer === "OKAY") return;
		if (answer === "FAIL") throw new ServiceRefusedError(await this.readText());
		throw new ServiceRefusedError(`not an adb server: it said ${JSON.stringify(answer)}`);
	}

	/** A text with its length before it. */
	async readText(): Promise<string> {
		const digits = ascii(await this.#incoming.exactly(4));
		if (!/^[0-9a-fA-F]{4}$/.test(digits))
			throw new ServiceRefusedError(`not an adb server: a length of ${JSON.stringify(digits)}`);
		return new TextDecoder().decode(await this.#incoming.exactly(Number.parseInt(digits, 16)));
	}

	/** The number that `host:tport` gives: eight bytes, little-endian. */
	async readTransportId(): Promise<string> {
		const bytes = await this.#incoming.exactly(8);
		return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true).toString();
	}

	/** The connection as the stream of the service that was asked for last. */
	stream(): ServiceStream {
		const socket = this.#socket;
		return {
			incoming: this.#incoming.rest(),
			write: writeAhead(socket),
			close: () => void socket.destroy(),
		};
	}

	close(): void {
		this.#socket.destroy();
	}
}

function ascii(bytes: Uint8Array): string {
	return String.fromCharCode(...bytes);
}
