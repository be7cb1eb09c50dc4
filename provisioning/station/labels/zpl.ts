/**
 * The few words of ZPL II that a label needs (Zebra Programming Guide P1099958). Positions and sizes are in dots from the label's top
 * left corner. Texts come from outside, so each is written as hexadecimal wherever it is not plain: see {@link fieldData}.
 */

/** Dots per millimetre, by how Zebra names a print head. */
export const DOTS_PER_MM = { 203: 8, 300: 12, 600: 24 } as const;
export type PrinterDpi = keyof typeof DOTS_PER_MM;

export interface Position {
	readonly x: number;
	readonly y: number;
}

/** A picture of dark and light dots: rows from the top, each from the left. */
export type Bitmap = readonly (readonly boolean[])[];

/** Characters that mean nothing to a printer, wherever they stand. Everything else is sent as `_` and two digits for each byte. */
const PLAIN = /^[A-Za-z0-9 .,:/-]$/;

/**
 * A text as the data of a field with `^FH`: UTF-8, with every byte but plain letters and digits in hexadecimal. No input can end the
 * field or start a command, because `^`, `~` and `_` never appear as themselves. Control characters and broken surrogates become `?`.
 */
export function fieldData(text: string): string {
	let data = "";
	for (const character of text) {
		if (PLAIN.test(character)) data += character;
		else for (const byte of new TextEncoder().encode(printable(character))) data += `_${hexByte(byte)}`;
	}
	return data;
}

/** Text in the printer's scalable font 0, `height` dots high and, on average, about half as wide. */
export function textField(text: string, at: Position & { readonly height: number }): string {
	return `^FO${at.x},${at.y}^A0N,${at.height},${at.height}^FH_^FD${fieldData(text)}^FS`;
}

/** The same, light on a dark bar of `width` dots. */
export function barText(text: string, at: Position & { readonly height: number; readonly width: number }): string {
	const bar = `^FO${at.x},${at.y}^GB${at.width},${at.height + 4},${at.height + 4}^FS`;
	return `${bar}^FO${at.x + 4},${at.y + 3}^A0N,${at.height},${at.height}^FR^FH_^FD${fieldData(text)}^FS`;
}

/**
 * Code 128, without the digits below. The printer packs two digits into a symbol (mode A).
 *
 * @param module width of the narrowest bar, 1 to 10 dots.
 * @throws {RangeError} for anything but digits: a bug of the caller, not something from outside.
 */
export function code128(digits: string, at: Position & { readonly module: number; readonly height: number }): string {
	if (!/^\d+$/.test(digits)) throw new RangeError("only digits are printed as Code 128");
	return `^FO${at.x},${at.y}^BY${at.module},2,${at.height}^BCN,${at.height},N,N,N,A^FD${digits}^FS`;
}

/** How wide {@link code128} prints so many digits, in modules, without its quiet zones of 10 modules on each side. */
export function code128Modules(digits: number): number {
	const odd = digits % 2;
	const symbols = 1 + (digits - odd) / 2 + 2 * odd + 1;
	return symbols * 11 + 13;
}

/** A picture, each of its dots `scale` by `scale` dots on paper. Not compressed: every printer that speaks ZPL reads this form. */
export function picture(dots: Bitmap, at: Position & { readonly scale: number }): string {
	const rowBytes = Math.ceil(((dots[0]?.length ?? 0) * at.scale) / 8);
	const rows = dots.flatMap((row) => Array<string>(at.scale).fill(rowHex(row, at.scale, rowBytes)));
	const total = rows.length * rowBytes;
	return `^FO${at.x},${at.y}^GFA,${total},${total},${rowBytes},${rows.join("")}^FS`;
}

/** One label, printed once. @param size in dots. */
export function labelFormat(fields: readonly string[], size: { readonly width: number; readonly height: number }): string {
	return ["^XA", "^CI28", `^PW${size.width}`, `^LL${size.height}`, "^LH0,0", ...fields, "^PQ1", "^XZ", ""].join("\n");
}

function rowHex(row: readonly boolean[], scale: number, rowBytes: number): string {
	const bytes = new Uint8Array(rowBytes);
	for (const [column, dark] of row.entries()) {
		if (!dark) continue;
		for (let dot = column * scale; dot < (column + 1) * scale; dot += 1)
			bytes[dot >> 3] = (bytes[dot >> 3] ?? 0) | (0x80 >> (dot & 7));
	}
	return [...bytes].map(hexByte).join("");
}

function hexByte(byte: number): string {
	return byte.toString(16).toUpperCase().padStart(2, "0");
}

function printable(character: string): string {
	return /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(character) ? "?" : character;
}
