/** The other end closed before it had said everything. */
export class CutOffError extends Error {
	override readonly name = "CutOffError";
}

/** Reads exact numbers of bytes from a stream of chunks, and gives the rest on. */
export class IncomingBytes {
	readonly #source: AsyncIterator<Uint8Array>;
	/** Received and not yet read. */
	#pending: Uint8Array = new Uint8Array();

	constructor(source: AsyncIterable<Uint8Array>) {
		this.#source = source[Symbol.asyncIterator]();
	}

	/** @throws {CutOffError} if the stream ends before. */
	async exactly(length: number): Promise<Uint8Array> {
		while (this.#pending.length < length) {
			const { done, value } = await this.#source.next();
			if (done) throw new CutOffError(`the other end closed after ${this.#pending.length} of ${length} bytes`);
			this.#pending = this.#pending.length === 0 ? value : concat(this.#pending, value);
		}
		const bytes = this.#pending.subarray(0, length);
		this.#pending = this.#pending.subarray(length);
		return bytes;
	}

	/** What was received already and not read, then everything that follows. */
	async *rest(): AsyncGenerator<Uint8Array, void, void> {
		if (this.#pending.length > 0) yield this.#pending;
		while (true) {
			const { done, value } = await this.#source.next();
			if (done) return;
			yield value;
		}
	}
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
	const both = new Uint8Array(first.length + second.length);
	both.set(first);
	both.set(second, first.length);
	return both;
}
