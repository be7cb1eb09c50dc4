import { Command, type Packet } from "./packet.ts";

/** What a service gets of the host: bytes in, bytes out, with ADB's one packet at a time in each direction. */
export interface Stream {
	/** The next bytes; `undefined` when the host has closed. The host may send on once they were taken. */
	read(): Promise<Uint8Array | undefined>;
	/** Resolves when the host has taken them; false when it has closed. */
	write(bytes: Uint8Array): Promise<boolean>;
	close(): void;
}

/** The device's end of one OPEN. */
export class DeviceStream implements Stream {
	readonly #arrived: Uint8Array[] = [];
	#wakeReader: (() => void) | undefined;
	#acknowledge: ((taken: boolean) => void) | undefined;
	#closed = false;

	constructor(
		readonly localId: number,
		readonly remoteId: number,
		readonly maxPayload: number,
		readonly send: (packet: Packet) => void,
	) {}

	onPacket({ command, payload }: Packet): void {
		if (command === Command.Write) {
			// A copy: the payload is a view of the socket's buffer.
			this.#arrived.push(Uint8Array.from(payload));
			this.#wakeReader?.();
		} else if (command === Command.Okay) {
			this.#acknowledge?.(true);
		} else if (command === Command.Close) {
			this.#end();
		}
	}

	/** The link is gone. */
	drop(): void {
		this.#end();
	}

	async read(): Promise<Uint8Array | undefined> {
		while (this.#arrived.length === 0) {
			if (this.#closed) return undefined;
			await new Promise<void>((resolve) => {
				this.#wakeReader = resolve;
			});
		}
		const bytes = this.#arrived.shift();
		this.#packet(Command.Okay);
		return bytes;
	}

	async write(bytes: Uint8Array): Promise<boolean> {
		for (let at = 0; at < bytes.length; at += this.maxPayload) {
			if (this.#closed) return false;
			const taken = new Promise<boolean>((resolve) => {
				this.#acknowledge = resolve;
			});
			this.#packet(Command.Write, bytes.subarray(at, at + this.maxPayload));
			if (!(await taken)) return false;
		}
		return !this.#closed;
	}

	close(): void {
		if (this.#closed) return;
		this.#packet(Command.Close);
		this.#end();
	}

	#packet(command: number, payload: Uint8Array = new Uint8Array()): void {
		if (!this.#closed) this.send({ command, arg0: this.localId, arg1: this.remoteId, payload });
	}

	#end(): void {
		this.#closed = true;
		this.#acknowledge?.(false);
		this.#wakeReader?.();
	}
}
