/** Numbers that grow without copying one by one. */
export class GrowingWords {
	words = new Uint32Array(1 << 12);
	length = 0;

	push(word: number): void {
		if (this.length === this.words.length) {
			const larger = new Uint32Array(this.words.length * 2);
			larger.set(this.words);
			this.words = larger;
		}
		this.words[this.length] = word;
		this.length += 1;
	}

	at(index: number): number {
		return this.words[index] ?? 0;
	}
}

/**
 * The states met so far, each known by 64 bits: open addressing in typed arrays. Two of n states are taken for one with a
 * probability of about n² / 2^65: 3e-8 for a million.
 */
export class StateTable {
	#slots = new Uint32Array(1 << 14);
	readonly #high = new GrowingWords();
	readonly #low = new GrowingWords();

	get size(): number {
		return this.#high.length;
	}

	/** The number of a state, and whether it is new. */
	add(high: number, low: number): { index: number; isNew: boolean } {
		if (this.size * 2 > this.#slots.length) this.#grow();
		const slot = this.#find(high, low);
		const taken = this.#slots[slot] ?? 0;
		if (taken > 0) return { index: taken - 1, isNew: false };
		this.#high.push(high);
		this.#low.push(low);
		this.#slots[slot] = this.size;
		return { index: this.size - 1, isNew: true };
	}

	#find(high: number, low: number): number {
		const mask = this.#slots.length - 1;
		let slot = (low ^ Math.imul(high, 0x9e3779b1)) & mask;
		for (;;) {
			const taken = this.#slots[slot] ?? 0;
			if (taken === 0 || (this.#high.at(taken - 1) === high && this.#low.at(taken - 1) === low)) return slot;
			slot = (slot + 1) & mask;
		}
	}

	#grow(): void {
		this.#slots = new Uint32Array(this.#slots.length * 2);
		for (let index = 0; index < this.size; index += 1) {
			this.#slots[this.#find(this.#high.at(index), this.#low.at(index))] = index + 1;
		}
	}
}
