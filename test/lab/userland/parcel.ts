/** A reply of the Binder, as `service call` prints it (libutils `printHexData`). */
export function printParcel(bytes: Uint8Array): string {
	if (bytes.length <= 16) return `Result: Parcel(${words(bytes)}   '${ascii(bytes)}')`;
	const rows: string[] = [];
	for (let at = 0; at < bytes.length; at += 16) {
		const row = bytes.subarray(at, at + 16);
		rows.push(`  0x${at.toString(16).padStart(8, "0")}: ${words(row).padEnd(35)} '${ascii(row).padEnd(16)}'`);
	}
	return `Result: Parcel(\n${rows.join("\n")})`;
}

/** No exception, then a String16: what a getter of a string answers. */
export function stringParcel(text: string | undefined): Uint8Array {
	return concat(word(0), string16(text));
}

/** A SecurityException on its way back: code -1, its message, no stack trace. */
export function securityExceptionParcel(message: string): Uint8Array {
	return concat(word(-1), string16(message), word(0));
}

function word(value: number): Uint8Array {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setInt32(0, value, true);
	return bytes;
}

/** Length in UTF-16 units, the units, a NUL, padded to a word; -1 alone for null. */
function string16(text: string | undefined): Uint8Array {
	if (text === undefined) return word(-1);
	const bytes = new Uint8Array(4 * Math.ceil((text.length + 1) / 2));
	const view = new DataView(bytes.buffer);
	for (let at = 0; at < text.length; at += 1) view.setUint16(2 * at, text.charCodeAt(at), true);
	return concat(word(text.length), bytes);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}

function words(bytes: Uint8Array): string {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const hex: string[] = [];
	for (let at = 0; at < bytes.length; at += 4) hex.push(view.getUint32(at, true).toString(16).padStart(8, "0"));
	return hex.join(" ");
}

function ascii(bytes: Uint8Array): string {
	return [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
}
