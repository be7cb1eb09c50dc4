/** Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O or U. The last five stand for check values alone. */
const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
const CHECK_MODULUS = 37;

/** What people type for what is printed: lower case, letters that look like digits, blanks and dashes anywhere. */
export function plainSymbols(typed: string): string {
	return typed
		.replace(/[\s\u002d\u00ad\u2010-\u2015\u2212]/gu, "")
		.toUpperCase()
		.replace(/O/g, "0")
		.replace(/[IL]/g, "1");
}

/** Bytes as symbols, 5 bits each, zeros behind the last bit where it takes some; then the check symbol, their value modulo 37. */
export function toCrockford(bytes: Uint8Array): string {
	let symbols = "";
	let [bits, held] = [0, 0];
	for (const byte of bytes) {
		bits = (bits << 8) | byte;
		held += 8;
		for (; held >= 5; held -= 5) symbols += SYMBOLS[(bits >> (held - 5)) & 31];
		bits &= (1 << held) - 1;
	}
	if (held > 0) symbols += SYMBOLS[(bits << (5 - held)) & 31];
	return symbols + checkSymbol(symbols);
}

/**
 * Reads symbols with their check symbol at the end, forgiving what {@link plainSymbols} forgives.
 *
 * @param length how many bytes there must be.
 * @returns `undefined` for anything else: another length, a symbol that is none, a check symbol that does not fit, bits behind the last.
 */
export function fromCrockford(typed: string, length: number): Uint8Array | undefined {
	const plain = plainSymbols(typed);
	const count = Math.ceil((length * 8) / 5);
	const symbols = plain.slice(0, count);
	if (plain.length !== count + 1 || !/^[0-9A-HJKMNP-TV-Z]*$/.test(symbols) || checkSymbol(symbols) !== plain[count])
		return undefined;
	const bytes = new Uint8Array(length);
	let [bits, held, index] = [0, 0, 0];
	for (const symbol of symbols) {
		bits = (bits << 5) | SYMBOLS.indexOf(symbol);
		held += 5;
		if (held < 8) continue;
		held -= 8;
		bytes[index] = bits >> held;
		index += 1;
		bits &= (1 << held) - 1;
	}
	return bits === 0 ? bytes : undefined;
}

/** Symbols in groups of four, a group of its own for the check symbol. */
export function inGroups(symbols: string): string {
	return [...(symbols.slice(0, -1).match(/.{1,4}/g) ?? []), symbols.slice(-1)].join("-");
}

function checkSymbol(symbols: string): string {
	let remainder = 0;
	for (const symbol of symbols) remainder = (remainder * 32 + SYMBOLS.indexOf(symbol)) % CHECK_MODULUS;
	return SYMBOLS[remainder] ?? "";
}
