import { unreadable } from "./unreadable.ts";

/**
 * Reads little-endian numbers and slices from a file that nobody vouches for. Every step is checked against the end, so a wrong
 * length is a refusal and never a read of a neighbour. Slices are views, not copies.
 */
export class ByteCursor {
	readonly #view: DataView;
	#position = 0;

	constructor(readonly bytes: Uint8Array) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	get position(): number {
		return this.#position;
	}

	get remaining(): number {
		return this.bytes.length - this.#position;
	}

	/** @throws {FaultError} APK_UNREADABLE when `position` lies outside. */
	seek(position: number): this {
		if (position < 0 || position > this.bytes.length) throw unreadable("an offset points outside the file");
		this.#position = position;
		return this;
	}

	/** @throws {FaultError} APK_UNREADABLE when fewer bytes are left. */
	skip(length: number): this {
		return this.seek(this.#position + this.#fits(length));
	}

	u8(): number {
		return this.#view.getUint8(this.#advance(1));
	}

	u16(): number {
		return this.#view.getUint16(this.#advance(2), true);
	}

	u32(): number {
		return this.#view.getUint32(this.#advance(4), true);
	}

	/** A 64-bit length. No file that we read is anywhere near 2^53 bytes long. */
	u64(): number {
		const low = this.u32();
		const high = this.u32();
		if (high > 0x1fffff) throw unreadable("a 64-bit length is beyond any file");
		return high * 0x1_0000_0000 + low;
	}

	slice(length: number): Uint8Array {
		const start = this.#advance(length);
		return this.bytes.subarray(start, start + length);
	}

	/** A 32-bit length and that many bytes, as the APK signature schemes write everything. */
	lengthPrefixed(): Uint8Array {
		return this.slice(this.u32());
	}

	#advance(length: number): number {
		const start = this.#position;
		this.#position += this.#fits(length);
		return start;
	}

	#fits(length: number): number {
		if (length < 0 || length > this.remaining) throw unreadable("the file ends before a field does");
		return length;
	}
}
