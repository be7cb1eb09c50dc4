import { ProtocolError } from "./error.ts";
import { BOOL, BYTES, FIXED32, type Field, INT32, STRING, type Table, UINT64 } from "./message-type.ts";
import { isAscii, isWellFormed, utf8 } from "./utf8.ts";

/** Filled from its end to its beginning: when a length is to be written, what it is the length of stands behind it already. */
interface Sink {
	bytes: Uint8Array;
	/** Length of `bytes`: of a typed array it is a call, which an interpreter feels. */
	size: number;
	/** Index of the first byte written. */
	at: number;
}

/** Enough for a ledger, so that it is not written twice. */
const FIRST_BYTES = 4096;
/** One for all messages: nothing is written while another is, and making one costs as much as writing a short message. */
const firstBytes = new Uint8Array(FIRST_BYTES);
/** A number of ten bytes, and a tag of five before it. */
const MOST_NUMBER_BYTES = 15;

/**
 * Writes a message: fields in order of their numbers, defaults left out, repeated numbers packed. The same on every host.
 *
 * @throws {ProtocolError} UNSAFE_INTEGER, MALFORMED: instead of wrapping, cutting off or repairing in silence.
 */
export function writeMessage(type: Table, message: object): Uint8Array {
	const sink: Sink = { bytes: firstBytes, size: FIRST_BYTES, at: FIRST_BYTES };
	writeFields(sink, type, message);
	return sink.bytes.slice(sink.at);
}

function writeFields(sink: Sink, table: Table, message: object): void {
	const values = message as { readonly [name: string]: unknown }; // of the table's own shape, as `encode` was given it
	for (const field of table.fields) {
		const value = values[field.name];
		if (value === undefined || value === null || value === field.blank) continue;
		if (field.isRepeated)
			writeElements(sink, field, value as readonly unknown[]); // the same shape
		else if (field.kind < STRING) writeNumber(sink, field.kind, value, field.tag);
		else writeDelimited(sink, field, value);
	}
}

function writeElements(sink: Sink, field: Field, values: readonly unknown[]): void {
	if (values.length === 0) return;
	const behind = sink.size - sink.at;
	for (let index = values.length - 1; index >= 0; index -= 1) {
		if (field.isPacked) writeNumber(sink, field.kind, values[index], 0);
		else writeDelimited(sink, field, values[index]);
	}
	if (field.isPacked) writeHead(sink, field.tag, sink.size - sink.at - behind);
}

function writeDelimited(sink: Sink, field: Field, value: unknown): void {
	const behind = sink.size - sink.at;
	// The table's own shape, each time.
	if (field.type) writeFields(sink, field.type, value as object);
	else if (field.kind === STRING) writeText(sink, value as string);
	else writeBytes(sink, value as Uint8Array);
	const size = sink.size - sink.at - behind;
	// Bytes are the one kind whose default is not equal to itself.
	if (size > 0 || field.kind !== BYTES || field.isRepeated || field.oneof !== undefined) writeHead(sink, field.tag, size);
}

function writeHead(sink: Sink, tag: number, size: number): void {
	reserve(sink, MOST_NUMBER_BYTES);
	writeVarint(sink, size);
	writeVarint(sink, tag);
}

/** @param tag written before it; 0 for none. */
function writeNumber(sink: Sink, kind: number, value: unknown, tag: number): void {
	reserve(sink, MOST_NUMBER_BYTES);
	if (kind === BOOL) writeVarint(sink, value ? 1 : 0);
	else {
		const least = kind === INT32 ? -0x80000000 : 0;
		const most = kind === INT32 ? 0x7fffffff : kind === UINT64 ? Number.MAX_SAFE_INTEGER : 0xffffffff;
		if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
			throw new ProtocolError("UNSAFE_INTEGER", `not an integer from ${least} to ${most}`);
		}
		if (kind === FIXED32) writeFixed32(sink, value);
		else if (value < 0) writeNegative(sink, value);
		else writeVarint(sink, value);
	}
	if (tag > 0) writeVarint(sink, tag);
}

/** Not negative. There is room for it, as in all that follow. */
function writeVarint(sink: Sink, value: number): void {
	const { bytes } = sink;
	if (value < 0x80) {
		sink.at -= 1;
		bytes[sink.at] = value;
	} else if (value < 0x4000) {
		sink.at -= 2;
		bytes[sink.at] = value | 128;
		bytes[sink.at + 1] = value >> 7;
	} else if (value < 0x10000000) {
		writeVarint(sink, value >> 14);
		sink.at -= 2;
		bytes[sink.at] = value | 128;
		bytes[sink.at + 1] = (value >> 7) | 128;
	} else {
		// In parts of 28 bits: an interpreter has its integers for them.
		const low = value % 0x10000000;
		writeVarint(sink, (value - low) / 0x10000000);
		sink.at -= 4;
		const { at } = sink;
		bytes[at] = low | 128;
		bytes[at + 1] = (low >> 7) | 128;
		bytes[at + 2] = (low >> 14) | 128;
		bytes[at + 3] = (low >> 21) | 128;
	}
}

function writeFixed32(sink: Sink, value: number): void {
	for (let shift = 24; shift >= 0; shift -= 8) {
		sink.at -= 1;
		sink.bytes[sink.at] = value >>> shift;
	}
}

/** Sign-extended to 64 bits, in ten bytes, as protobuf wants it. */
function writeNegative(sink: Sink, value: number): void {
	sink.at -= 10;
	const { bytes, at } = sink;
	for (let index = 0; index < 9; index += 1) bytes[at + index] = (index < 5 ? value >> (7 * index) : -1) | 128;
	bytes[at + 9] = 1;
}

function writeText(sink: Sink, text: string): void {
	if (!isAscii(text)) {
		if (!isWellFormed(text)) throw new ProtocolError("MALFORMED", "text with a lone surrogate");
		writeBytes(sink, utf8(text));
		return;
	}
	reserve(sink, text.length);
	sink.at -= text.length;
	const { bytes, at } = sink;
	for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
}

function writeBytes(sink: Sink, bytes: Uint8Array): void {
	reserve(sink, bytes.length);
	sink.at -= bytes.length;
	sink.bytes.set(bytes, sink.at);
}

function reserve(sink: Sink, size: number): void {
	if (sink.at >= size) return;
	const written = sink.size - sink.at;
	const most = Math.max(sink.size * 2, written + size);
	const larger = new Uint8Array(most);
	larger.set(sink.bytes.subarray(sink.at), most - written);
	sink.at = most - written;
	sink.bytes = larger;
	sink.size = most;
}
