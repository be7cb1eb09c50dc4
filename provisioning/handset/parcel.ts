/** What `service call` printed, read: a string, the null string, or why there is none. */
export type ParcelString =
	| { readonly value: string | null }
	/** The service threw; `message` is its text, where there was one. */
	| { readonly refused: string }
	| { readonly malformed: string };

/** Longest string that is read, in UTF-16 units: refusals of the telephony service take about 120. */
const MAX_UNITS = 1024;
const WORD = /^[0-9a-f]{8}$/;

/**
 * Reads the one string that a call returned, from the hex dump that `service call` prints (Parcel.cpp, TextOutput.cpp):
 *
 * ```
 * Result: Parcel(
 *   0x00000000: 00000000 0000000f 00350033 00340035 '........3.5.5.4.'
 * ```
 *
 * or, for a short answer, `Result: Parcel(00000000 ffffffff '........')`. Words are little-endian: the first is the exception
 * code (0: none), the second the length in UTF-16 units (-1: null), then two units to a word, low half first. The text column
 * is ignored: it shows dots for half of the characters and may hold anything.
 */
export function readParcelString(text: string): ParcelString {
	const start = text.indexOf("Parcel(");
	if (start < 0) return { malformed: text.trim() === "" ? "no answer" : text.trim() };
	const words = readWords(text.slice(start + "Parcel(".length));
	if (typeof words === "string") return { malformed: words };
	const [exception, ...rest] = words;
	if (exception === undefined) return { malformed: "an empty parcel" };
	const string = readUtf16(rest);
	if (exception === 0) return string;
	// A negative exception code: the message follows as a string.
	return {
		refused: "value" in string && string.value !== null ? string.value : `exception ${exception | 0}`,
	};
}

function readWords(dump: string): number[] | string {
	const words: number[] = [];
	for (const line of dump.replaceAll("\r", "").split("\n")) {
		const [head = "", offset] = /^\s*(?:0x([0-9a-f]{8}):)?/.exec(line) ?? [];
		if (offset !== undefined && Number.parseInt(offset, 16) !== words.length * 4) return "rows of the dump are missing";
		// Four words at most stand before the text column: more would be digits of the text.
		for (const word of line.slice(head.length).trimStart().split(/\s+/, 4)) {
			if (!WORD.test(word)) break;
			words.push(Number.parseInt(word, 16));
		}
		if (words.length > MAX_UNITS) break;
	}
	return words.length > 0 ? words : dump.trim().slice(0, 200);
}

function readUtf16([length, ...words]: readonly number[]): { value: string | null } | { malformed: string } {
	if (length === undefined) return { malformed: "no string in the parcel" };
	if (length === 0xffffffff) return { value: null };
	if (length > MAX_UNITS || length > words.length * 2) return { malformed: "the string is cut off" };
	const units = words.flatMap((word) => [word & 0xffff, word >>> 16]);
	return { value: String.fromCharCode(...units.slice(0, length)) };
}
