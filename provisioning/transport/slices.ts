/** How much is given to a link at once: adb's own largest packet. Smaller ones cost speed, and larger ones the sight of progress. */
const SLICE = 1024 * 1024;

/** Views of the content, in order. Nothing is copied. */
export function* slices(content: Uint8Array, size: number = SLICE): Generator<Uint8Array, void, void> {
	for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}
