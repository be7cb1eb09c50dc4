import { unreadable } from "./unreadable.ts";

const SEQUENCE = 0x30;

/** Walks DER (X.690) element by element: as much of it as finding a public key takes. Definite lengths of up to 4 bytes only. */
export class DerReader {
	#position = 0;

	constructor(readonly bytes: Uint8Array) {}

	/** Tag of the next element, or undefined at the end. */
	nextTag(): number | undefined {
		return this.bytes[this.#position];
	}

	/** The next element whole, tag and length included. */
	any(): Uint8Array {
		const start = this.#position;
		this.#content();
		return this.bytes.subarray(start, this.#position);
	}

	/** What the next element holds, which must have this tag. */
	content(tag: number): Uint8Array {
		if (this.nextTag() !== tag) throw unreadable("a certificate is not laid out as X.509 says");
		return this.#content();
	}

	sequence(): DerReader {
		return new DerReader(this.content(SEQUENCE));
	}

	#byte(): number {
		const byte = this.bytes[this.#position];
		if (byte === undefined) throw unreadable("a certificate ends too early");
		this.#position += 1;
		return byte;
	}

	#content(): Uint8Array {
		this.#byte();
		let length = this.#byte();
		if (length > 0x7f) {
			const lengthBytes = length & 0x7f;
			if (lengthBytes === 0 || lengthBytes > 4) throw unreadable("a certificate has an impossible length");
			length = 0;
			for (let index = 0; index < lengthBytes; index++) length = length * 256 + this.#byte();
		}
		const start = this.#position;
		if (length > this.bytes.length - start) throw unreadable("a certificate ends too early");
		this.#position = start + length;
		return this.bytes.subarray(start, this.#position);
	}
}
