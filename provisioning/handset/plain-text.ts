const ESC = "\u001b";
const BEL = "\u0007";

/**
 * Escape sequences of terminals (ECMA-48): control sequences, then string sequences (titles, links, clipboard) with what
 * ends them, then the short ones. An unfinished string sequence takes the rest of the text along, as on a terminal.
 */
const TERMINAL_ESCAPE = new RegExp(
	[`${ESC}\\[[0-?]*[ -/]*[@-~]?`, `${ESC}[\\]PX^_][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?`, `${ESC}[ -/]*[0-~]?`].join("|"),
	"g",
);

/**
 * Controls (also the one-character forms of the sequences above), lone surrogates, and the invisible characters that
 * reorder or hide text (Unicode TR 36): a phone could make an operator read another word than the one it sent.
 */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * Text from a phone or a server, made safe to print and to keep: no terminal escapes, no control or direction characters
 * (newline and tab stay), well-formed Unicode, at most `maxLength` UTF-16 code units.
 */
export function plainText(text: string, maxLength: number): string {
	// Cut first, generously: the patterns then have a bounded amount to look at, whatever the phone sent.
	const bounded = text.slice(0, maxLength * 4);
	const plain = bounded.replace(/\r\n?/g, "\n").replace(TERMINAL_ESCAPE, "").replace(UNPRINTABLE, "");
	return plain.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "");
}

/** The same, on one line: for values that stand in a table or a sentence. */
export function plainLine(text: string, maxLength: number): string {
	return plainText(text, maxLength * 2)
		.replace(/\s+/g, " ")
		.trim()
		.slice(0, maxLength)
		.replace(/[\ud800-\udbff]$/, "")
		.trimEnd();
}
