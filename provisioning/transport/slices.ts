/**
 * How much is given to a link at once: large enough to cost nothing per slice, small enough to see progress on a slow cable.
 */
const SLICE = 256 * 1024;

/** Views of the content, in order. Nothing is copied. */
export function* slices(content: Uint8Array, size: number = SLICE): Generator<Uint8Array, void, void> {
	for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}
