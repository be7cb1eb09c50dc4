/** A map whose changes are new maps. */
export interface SteppedMap<Key, Value> extends ReadonlyMap<Key, Value> {
	/** The same with this key set. */
	with(key: Key, value: Value): SteppedMap<Key, Value>;
	/** The same without this key. */
	without(key: Key): SteppedMap<Key, Value>;
}

/** For whoever makes many steps and shows nobody the maps between: each step changes this very map. */
export class DraftMap<Key, Value> extends Map<Key, Value> implements SteppedMap<Key, Value> {
	with(key: Key, value: Value): this {
		return this.set(key, value);
	}

	without(key: Key): this {
		this.delete(key);
		return this;
	}
}

/** Marks a key of the base that is no longer there. */
const GONE = Symbol("gone");
/** Changes that are copied with each step before they are merged into the base. */
const MAX_CHANGES = 128;

/**
 * A map that does not change: `with` and `without` give another one and share what they can. A step costs a copy of the latest
 * changes (at most 128), not of the whole map; every 128th step merges them. Keys keep the order in which they first came.
 */
export class LayeredMap<Key, Value> implements SteppedMap<Key, Value> {
	readonly #base: ReadonlyMap<Key, Value>;
	readonly #changes: ReadonlyMap<Key, Value | typeof GONE>;
	readonly size: number;

	private constructor(base: ReadonlyMap<Key, Value>, changes: ReadonlyMap<Key, Value | typeof GONE>, size: number) {
		this.#base = base;
		this.#changes = changes;
		this.size = size;
	}

	/** A map with these entries. */
	static of<Key, Value>(entries: Iterable<readonly [Key, Value]>): LayeredMap<Key, Value> {
		const base = new Map(entries);
		return new LayeredMap<Key, Value>(base, new Map(), base.size);
	}

	with(key: Key, value: Value): LayeredMap<Key, Value> {
		return this.#changed(key, value, this.size + (this.has(key) ? 0 : 1));
	}

	without(key: Key): LayeredMap<Key, Value> {
		return this.has(key) ? this.#changed(key, GONE, this.size - 1) : this;
	}

	get(key: Key): Value | undefined {
		const value = this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key);
		return value === GONE ? undefined : value;
	}

	has(key: Key): boolean {
		return this.#changes.has(key) ? this.#changes.get(key) !== GONE : this.#base.has(key);
	}

	*entries(): MapIterator<[Key, Value]> {
		for (const [key, value] of this.#base) {
			const change = this.#changes.has(key) ? this.#changes.get(key) : value;
			if (change !== GONE) yield [key, change as Value]; // it is there: the one value that is no Value was ruled out
		}
		for (const [key, value] of this.#changes) if (value !== GONE && !this.#base.has(key)) yield [key, value];
	}

	*keys(): MapIterator<Key> {
		for (const [key] of this.entries()) yield key;
	}

	*values(): MapIterator<Value> {
		for (const [, value] of this.entries()) yield value;
	}

	[Symbol.iterator](): MapIterator<[Key, Value]> {
		return this.entries();
	}

	forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
		for (const [key, value] of this.entries()) visit(value, key, this);
	}

	#changed(key: Key, value: Value | typeof GONE, size: number): LayeredMap<Key, Value> {
		const changes = new Map(this.#changes).set(key, value);
		if (changes.size <= MAX_CHANGES) return new LayeredMap(this.#base, changes, size);
		return new LayeredMap(new Map(new LayeredMap(this.#base, changes, size)), new Map(), size);
	}
}
