/** The characters of WinAnsiEncoding (ISO 32000-1 annex D) above Latin-1: all that the standard fonts of PDF can show beside it. */
const BEYOND_LATIN1 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/** Text as the standard fonts can show it. Any other character is written out, such as `\u{939}`, so that nothing is lost or mistaken. */
export function pdfText(text: string): string {
	let shown = "";
	for (const character of text) {
		const code = character.codePointAt(0) ?? 0;
		const isShown =
			(code >= 0x20 && code <= 0x7e) || (code >= 0xa1 && code <= 0xff && code !== 0xad) || BEYOND_LATIN1.includes(character);
		shown += isShown ? character : `\\u{${code.toString(16)}}`;
	}
	return shown;
}
