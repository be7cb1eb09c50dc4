/** Exact counts of bytes out of chunks. */
export class ByteReader {
	#held: Uint8Array = new Uint8Array();

	constructor(readonly next: () => Promise<Uint8Array | undefined>) {}

	/** `undefined` when the input ends before. */
	async exactly(count: number): Promise<Uint8Array | undefined> {
		const parts: Uint8Array[] = [];
		let have = this.#held.length;
		while (have < count) {
			parts.push(this.#held);
			const chunk = await this.next();
			if (!chunk) return undefined;
			this.#held = chunk;
			have += chunk.length;
		}
		const end = this.#held.length - (have - count);
		parts.push(this.#held.subarray(0, end));
		this.#held = this.#held.subarray(end);
		return parts.length === 1 && parts[0] ? parts[0] : new Uint8Array(Buffer.concat(parts));
	}

	async uint32(): Promise<number | undefined> {
		const bytes = await this.exactly(4);
		return bytes && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
	}

	async text(count: number): Promise<string | undefined> {
		const bytes = await this.exactly(count);
		return bytes && new TextDecoder().decode(bytes);
	}
}
