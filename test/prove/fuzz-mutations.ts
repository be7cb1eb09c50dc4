/** Numbers from a seed: the same campaign for the same seed. */
export type Random = (below: number) => number;

/** Marsaglia's xorshift with 32 bits of state. */
export function randomFrom(seed: number): Random {
	let state = (Math.imul(seed, 0x9e3779b1) + 1) >>> 0 || 1;
	return (below) => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		state >>>= 0;
		return state % below;
	};
}

export function pick<Value>(random: Random, values: readonly Value[]): Value {
	const value = values[random(values.length)];
	if (value === undefined) throw new Error("nothing to pick from");
	return value;
}

export function noise(random: Random, longest: number): Uint8Array {
	const bytes = new Uint8Array(random(longest + 1));
	for (let at = 0; at < bytes.length; at += 1) bytes[at] = random(256);
	return bytes;
}

/** One to eight bits turned over. */
export function flip(random: Random, bytes: Uint8Array): Uint8Array {
	const flipped = Uint8Array.from(bytes);
	for (let times = 1 + random(8); times > 0 && bytes.length > 0; times -= 1) {
		const at = random(bytes.length);
		flipped[at] = (flipped[at] ?? 0) ^ (1 << random(8));
	}
	return flipped;
}

export function truncate(random: Random, bytes: Uint8Array): Uint8Array {
	return bytes.slice(0, random(bytes.length + 1));
}

/** The beginning of one and the end of another. */
export function splice(random: Random, a: Uint8Array, b: Uint8Array): Uint8Array {
	return join([truncate(random, a), b.subarray(random(b.length + 1))]);
}

/** Bytes behind each other. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
	const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		joined.set(part, at);
		at += part.length;
	}
	return joined;
}

/** A field as it stands on the wire. Of a length-delimited one the content, of others the bytes. */
interface WireField {
	readonly number: number;
	readonly wireType: number;
	readonly content: Uint8Array;
}

/** Numbers at which codecs and sums go wrong. */
const EDGES = [0, 1, 2, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1.8e19];
const DEEPEST = 8;

/**
 * Changes a message as a message: a field is left out, doubled, moved, retagged, or its value changed, at any depth. Bytes that are no
 * message are flipped.
 */
export function restructure(random: Random, bytes: Uint8Array, depth = 0): Uint8Array {
	const fields = readFields(bytes);
	if (!fields || fields.length === 0 || depth > DEEPEST) return flip(random, bytes);
	const at = random(fields.length);
	const field = fields[at];
	if (!field) return bytes;
	if (field.wireType === 2 && field.content.length > 0 && random(4) !== 0) {
		fields[at] = { ...field, content: restructure(random, field.content, depth + 1) };
		return writeFields(fields);
	}
	switch (random(6)) {
		case 0:
			fields.splice(at, 1);
			break;
		case 1:
			fields.splice(random(fields.length + 1), 0, field);
			break;
		case 2:
			fields.splice(at, 1);
			fields.splice(random(fields.length + 1), 0, field);
			break;
		case 3:
			fields[at] = { ...field, number: 1 + random(32) };
			break;
		case 4:
			if (field.wireType === 0) fields[at] = { ...field, content: varint(pick(random, EDGES)) };
			else fields[at] = { ...field, content: field.wireType === 2 ? noise(random, 80) : flip(random, field.content) };
			break;
		default:
			fields[at] = { ...field, content: field.wireType === 0 ? varint(random(1000)) : flip(random, field.content) };
	}
	return writeFields(fields);
}

function readFields(bytes: Uint8Array): WireField[] | undefined {
	const fields: WireField[] = [];
	for (let at = 0; at < bytes.length; ) {
		const tag = readVarint(bytes, at);
		if (!tag || tag.value < 8) return undefined;
		const wireType = tag.value % 8;
		const number = Math.floor(tag.value / 8);
		let end: number;
		let from = tag.end;
		if (wireType === 0) end = readVarint(bytes, from)?.end ?? Number.POSITIVE_INFINITY;
		else if (wireType === 5) end = from + 4;
		else if (wireType === 1) end = from + 8;
		else if (wireType === 2) {
			const length = readVarint(bytes, from);
			if (!length) return undefined;
			from = length.end;
			end = from + length.value;
		} else return undefined;
		if (end > bytes.length) return undefined;
		fields.push({ number, wireType, content: bytes.subarray(from, end) });
		at = end;
	}
	return fields;
}

function writeFields(fields: readonly WireField[]): Uint8Array {
	return join(
		fields.flatMap(({ number, wireType, content }) => {
			const tag = varint(number * 8 + wireType);
			return wireType === 2 ? [tag, varint(content.length), content] : [tag, content];
		}),
	);
}

function readVarint(bytes: Uint8Array, from: number): { value: number; end: number } | undefined {
	let value = 0;
	for (let at = from; at < bytes.length && at < from + 10; at += 1) {
		const byte = bytes[at] ?? 0;
		value += (byte & 0x7f) * 2 ** (7 * (at - from));
		if (byte < 0x80) return { value, end: at + 1 };
	}
	return undefined;
}

function varint(value: number): Uint8Array {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
	return Uint8Array.from([...bytes, rest]);
}
