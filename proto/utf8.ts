/**
 * Encodes text as UTF-8; a lone surrogate becomes U+FFFD, as in TextEncoder. Written out here and below because QuickJS has
 * neither TextEncoder nor TextDecoder, and what a signature covers must not depend on a host's stand-in for them.
 */
export function utf8(text: string): Uint8Array {
	if (isAscii(text)) {
		const ascii = new Uint8Array(text.length);
		for (let index = 0; index < text.length; index += 1) ascii[index] = text.charCodeAt(index);
		return ascii;
	}
	const bytes: number[] = [];
	for (const character of text) {
		const point = character.codePointAt(0) ?? 0;
		const code = point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
		if (code < 0x80) bytes.push(code);
		else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
		else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
		else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
	}
	return Uint8Array.from(bytes);
}

/** Longest text whose bytes become arguments of one call: every engine takes so many. */
const MOST_ARGUMENTS = 1024;

/** Decodes UTF-8 (RFC 3629). `undefined` for anything else: overlong, surrogates, beyond U+10FFFF, cut short. Keeps a BOM. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
	if (bytes.length <= MOST_ARGUMENTS) {
		// Two calls of an engine's own code, where the loop below takes an interpreter a microsecond for each character.
		const ascii: unknown = Reflect.apply(String.fromCharCode, undefined, bytes);
		if (typeof ascii === "string" && isAscii(ascii)) return ascii;
	}
	let text = "";
	for (let index = 0; index < bytes.length; ) {
		const lead = bytes[index] ?? 0;
		index += 1;
		if (lead < 0x80) {
			text += String.fromCharCode(lead);
			continue;
		}
		const more = lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
		if (more === 0 || index + more > bytes.length) return undefined;
		let code = lead & (0x3f >> more);
		for (const byte of bytes.subarray(index, index + more)) {
			if ((byte & 0xc0) !== 0x80) return undefined;
			code = (code << 6) | (byte & 63);
		}
		index += more;
		const isOverlong = code < (more === 2 ? 0x800 : more === 3 ? 0x10000 : 0);
		if (isOverlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
		text += String.fromCodePoint(code);
	}
	return text;
}

/** Whether text has no lone surrogate, and so survives UTF-8. */
export function isWellFormed(text: string): boolean {
	return !/[\ud800-\udfff]/u.test(text);
}

/** Whether text has the same length and the same numbers in UTF-8 as here. */
export function isAscii(text: string): boolean {
	return !/[^\0-\x7f]/.test(text);
}
