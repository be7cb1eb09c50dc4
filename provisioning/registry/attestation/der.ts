/** One value of DER: where it begins and ends, and what is inside. */
export interface DerNode {
	/** 0 universal, 1 application, 2 context-specific, 3 private. */
	readonly tagClass: number;
	readonly tag: number;
	readonly constructed: boolean;
	/** The whole value, with tag and length. */
	readonly encoded: Uint8Array;
	/** What is between them. */
	readonly content: Uint8Array;
	/** Of a constructed value; otherwise empty. */
	readonly children: readonly DerNode[];
}

/** Bytes that are no DER, or more of it than anybody reads. */
export class DerError extends Error {
	override readonly name = "DerError";
}

/** Deepest nesting of any certificate is about a dozen. */
const MAX_DEPTH = 24;
const MAX_NODES = 4000;

export const UNIVERSAL = 0;
export const CONTEXT = 2;
export const BOOLEAN = 1;
export const SEQUENCE = 16;
const SET = 17;
const MUST_BE_CONSTRUCTED: ReadonlySet<number> = new Set([SEQUENCE, SET]);
/** Booleans, integers, strings, null, object identifiers, enumerated: X.690 10.2 forbids to cut a string into pieces. */
const MUST_BE_PRIMITIVE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 10, 12, 19, 20, 22, 23, 24, 28, 30]);

/**
 * Reads exactly one value by the distinguished rules (X.690 section 10): lengths definite and shortest, tags shortest, no string in
 * pieces, integers shortest, nothing after the end. The libraries that give these bytes a meaning read by the basic rules, which allow
 * several spellings of one value.
 *
 * @param isAnyBoolean some phones write TRUE as another byte than FF.
 * @throws {DerError}
 */
export function readDer(bytes: Uint8Array, { isAnyBoolean = false }: { isAnyBoolean?: boolean } = {}): DerNode {
	let nodes = 0;

	function readAt(start: number, end: number, depth: number): DerNode {
		nodes += 1;
		if (nodes > MAX_NODES || depth > MAX_DEPTH) throw new DerError("too many values, or too deep");
		const tag = readTag(bytes, start, end);
		const length = readLength(bytes, tag.next, end);
		const close = length.next + length.value;
		if (close > end) throw new DerError("a value is longer than what holds it");
		const content = bytes.subarray(length.next, close);
		const children: DerNode[] = [];
		if (tag.constructed) {
			for (let at = length.next; at < close; ) {
				const child = readAt(at, close, depth + 1);
				children.push(child);
				at += child.encoded.length;
			}
		}
		if (tag.tagClass === UNIVERSAL) checkUniversal(tag.tag, tag.constructed, content, isAnyBoolean);
		const { tagClass, constructed } = tag;
		return { tagClass, tag: tag.tag, constructed, encoded: bytes.subarray(start, close), content, children };
	}

	const whole = readAt(0, bytes.length, 0);
	if (whole.encoded.length !== bytes.length) throw new DerError("bytes after the end");
	return whole;
}

function readTag(bytes: Uint8Array, start: number, end: number) {
	const first = byteAt(bytes, start, end);
	const tagClass = first >> 6;
	const constructed = (first & 0x20) !== 0;
	if ((first & 0x1f) !== 0x1f) return { tagClass, constructed, tag: first & 0x1f, next: start + 1 };
	let tag = 0;
	for (let at = start + 1; ; at += 1) {
		const byte = byteAt(bytes, at, end);
		// X.690 8.1.2.4.2: the first byte is never empty. Four bytes hold every tag that there is.
		if ((at === start + 1 && byte === 0x80) || at > start + 4) throw new DerError("a tag that is not shortest");
		tag = (tag << 7) | (byte & 0x7f);
		if (byte < 0x80) {
			if (tag < 0x1f) throw new DerError("a tag that is not shortest");
			return { tagClass, constructed, tag, next: at + 1 };
		}
	}
}

function readLength(bytes: Uint8Array, start: number, end: number) {
	const first = byteAt(bytes, start, end);
	if (first < 0x80) return { value: first, next: start + 1 };
	const count = first & 0x7f;
	if (count === 0 || count > 3) throw new DerError("a length that is indefinite or too large");
	let value = 0;
	for (let at = start + 1; at <= start + count; at += 1) value = (value << 8) | byteAt(bytes, at, end);
	if (value < 0x80 || value < 1 << (8 * (count - 1))) throw new DerError("a length that is not shortest");
	return { value, next: start + 1 + count };
}

function byteAt(bytes: Uint8Array, at: number, end: number): number {
	const byte = at < end ? bytes[at] : undefined;
	if (byte === undefined) throw new DerError("cut off");
	return byte;
}

function checkUniversal(tag: number, constructed: boolean, content: Uint8Array, isAnyBoolean: boolean): void {
	if (MUST_BE_CONSTRUCTED.has(tag) !== constructed && (MUST_BE_CONSTRUCTED.has(tag) || MUST_BE_PRIMITIVE.has(tag)))
		throw new DerError("a value in pieces");
	const [first = 0, second = 0] = content;
	if (tag === BOOLEAN && (content.length !== 1 || (!isAnyBoolean && first !== 0 && first !== 0xff)))
		throw new DerError("a boolean that is neither true nor false");
	if (tag === 2 || tag === 10) {
		const padded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
		if (content.length === 0 || padded) throw new DerError("a number that is not shortest");
	}
	if (tag === 5 && content.length > 0) throw new DerError("a null with content");
}

/** Whether any boolean in it is written as DER forbids: the quirk that is tolerated, and noted. */
export function hasOddBoolean(node: DerNode): boolean {
	const isOdd = node.tagClass === UNIVERSAL && node.tag === BOOLEAN && node.content[0] !== 0 && node.content[0] !== 0xff;
	return isOdd || node.children.some(hasOddBoolean);
}
