import { ProtocolError } from "./error.ts";
import { BOOL, BYTES, FIXED32, type Field, INT32, STRING, type Table, UINT32 } from "./message-type.ts";
import { fromUtf8 } from "./utf8.ts";

/** A decoded message, by the names of its fields. */
export type Decoded = { [name: string]: unknown };

/** Groups are older than our schemas, and only skipped. As deep as protobuf's own decoders go. */
const MAX_GROUP_DEPTH = 100;
const LONGEST_VARINT = 10;

/** Where reading stands. */
interface Cursor {
	readonly bytes: Uint8Array;
	at: number;
	/** End of the message that is being read. */
	end: number;
	/** Fields and packed elements that may still come, at all depths. */
	fieldsLeft: number;
}

/**
 * Reads a message as protobuf does: fields in any order, the last one counts, unknown ones are passed over, a message that
 * comes in pieces is merged. Stricter where a reader may choose: text is UTF-8, integers are safe ones, the number of fields is
 * bounded.
 *
 * @throws {ProtocolError} MALFORMED, UNSAFE_INTEGER, TOO_LARGE.
 */
export function readMessage(type: Table, bytes: Uint8Array, mostFields: number): Decoded {
	return readInto(emptyMessage(type), type, { bytes, at: 0, end: bytes.length, fieldsLeft: mostFields });
}

/** Every field with its default; of a oneof none. */
function emptyMessage(table: Table): Decoded {
	const message: Decoded = { ...table.blank };
	for (const name of table.lists) message[name] = [];
	return message;
}

function readInto(message: Decoded, table: Table, cursor: Cursor): Decoded {
	const { byNumber } = table;
	while (cursor.at < cursor.end) {
		const tag = readTag(cursor);
		const field = byNumber[tag >>> 3];
		if (field === undefined) skip(cursor, tag, 0);
		else if (tag === field.tag) {
			if (field.isRepeated || field.kind >= STRING || field.oneof !== undefined) readField(message, field, cursor);
			else message[field.name] = readNumber(field.kind, cursor);
		} else if (tag === field.elementTag) elementsOf(message, field).push(readNumber(field.kind, cursor));
		else skip(cursor, tag, 0);
	}
	return message;
}

function readField(message: Decoded, field: Field, cursor: Cursor): void {
	const { name, kind, type } = field;
	if (field.isPacked) {
		readPacked(elementsOf(message, field), kind, cursor);
	} else if (field.isRepeated) {
		elementsOf(message, field).push(type ? readNested(emptyMessage(type), type, cursor) : readScalar(kind, cursor));
	} else {
		if (field.oneof !== undefined) {
			for (const rival of field.rivals) delete message[rival];
			message[field.oneof] = name;
		}
		if (type) message[name] = readNested(message[name] ?? emptyMessage(type), type, cursor);
		else message[name] = readScalar(kind, cursor);
	}
}

/** The list that {@link emptyMessage} began. */
function elementsOf(message: Decoded, field: Field): unknown[] {
	const elements = message[field.name];
	if (!Array.isArray(elements)) throw new Error(`${field.name} is not repeated`);
	return elements;
}

function readNested(into: unknown, type: Table, cursor: Cursor): Decoded {
	const size = readSize(cursor);
	const { end } = cursor;
	cursor.end = cursor.at + size;
	// Of that name there is nothing but what this file put there, for that type.
	const message = readInto(into as Decoded, type, cursor);
	cursor.end = end;
	return message;
}

function readPacked(elements: unknown[], kind: number, cursor: Cursor): void {
	const size = readSize(cursor);
	spend(cursor, size); // an element takes at least one byte
	const { end } = cursor;
	cursor.end = cursor.at + size;
	while (cursor.at < cursor.end) elements.push(readNumber(kind, cursor));
	cursor.end = end;
}

function readScalar(kind: number, cursor: Cursor): unknown {
	if (kind === STRING) {
		const text = fromUtf8(readView(cursor));
		if (text === undefined) throw malformed("text that is not UTF-8");
		return text;
	}
	// A copy: whoever owns the input could change the message after it was verified.
	return kind === BYTES ? new Uint8Array(readView(cursor)) : readNumber(kind, cursor);
}

function readNumber(kind: number, cursor: Cursor): number | boolean {
	if (kind === FIXED32) return readFixed32(cursor);
	const { bytes, at } = cursor;
	if (at < cursor.end) {
		const byte = bytes[at] as number; // below the length of bytes, as everywhere below
		if (byte < 128) {
			// Most numbers are small, and alike in every kind.
			cursor.at = at + 1;
			return kind === BOOL ? byte !== 0 : byte;
		}
	}
	if (kind === INT32) return readVarint32(cursor);
	if (kind === UINT32) return readVarint32(cursor) >>> 0;
	const value = readVarint(cursor);
	if (kind === BOOL) return value !== 0;
	if (value > Number.MAX_SAFE_INTEGER) throw new ProtocolError("UNSAFE_INTEGER", "an integer beyond 2^53-1");
	return value;
}

function readFixed32(cursor: Cursor): number {
	const { bytes, at } = cursor;
	pass(cursor, 4);
	const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
	return (low | ((bytes[at + 3] as number) << 24)) >>> 0;
}

/** There is at least a byte. */
function readTag(cursor: Cursor): number {
	spend(cursor, 1);
	const byte = cursor.bytes[cursor.at] as number;
	if (byte > 7 && byte < 128) {
		cursor.at += 1;
		return byte;
	}
	const tag = readVarint(cursor);
	if (tag < 8 || tag > 0xffffffff) throw malformed("not a tag");
	return tag;
}

function readSize(cursor: Cursor): number {
	const size = readVarint(cursor);
	if (size > cursor.end - cursor.at) throw malformed("longer than what is there");
	return size;
}

function readView(cursor: Cursor): Uint8Array {
	const size = readSize(cursor);
	const { bytes, at } = cursor;
	cursor.at = at + size;
	return bytes.subarray(at, at + size);
}

/** The value of a varint: exact to 2^53, and from there on some number that is not less. */
function readVarint(cursor: Cursor, longest = LONGEST_VARINT): number {
	const { bytes, end } = cursor;
	let { at } = cursor;
	let low = 0;
	// In parts of 28 bits: an interpreter has its integers for them.
	for (let shift = 0; shift < 28; shift += 7) {
		if (at >= end || shift >= 7 * longest) throw malformed("an integer that does not end");
		const byte = bytes[at] as number;
		at += 1;
		if (byte < 128) {
			cursor.at = at;
			return low | (byte << shift);
		}
		low |= (byte & 127) << shift;
	}
	cursor.at = at;
	return low + readVarint(cursor, longest - 4) * 0x10000000;
}

/** The lower 32 bits of a varint, signed: negative ones are written in ten bytes. */
function readVarint32(cursor: Cursor): number {
	const { bytes, end } = cursor;
	let { at } = cursor;
	let value = 0;
	for (let shift = 0; at < end && shift < 7 * LONGEST_VARINT; shift += 7) {
		const byte = bytes[at] as number;
		at += 1;
		if (shift < 32) value |= (byte & 127) << shift;
		if (byte < 128) {
			cursor.at = at;
			return value;
		}
	}
	throw malformed("an integer that does not end");
}

/** Passes over a field that is unknown, or of another wire type than the schema's. */
function skip(cursor: Cursor, tag: number, depth: number): void {
	switch (tag & 7) {
		case 0:
			readVarint(cursor);
			break;
		case 1:
			pass(cursor, 8);
			break;
		case 2:
			pass(cursor, readSize(cursor));
			break;
		case 3:
			skipGroup(cursor, tag, depth + 1);
			break;
		case 5:
			pass(cursor, 4);
			break;
		default:
			throw malformed("an unknown wire type, or the end of no group");
	}
}

function skipGroup(cursor: Cursor, start: number, depth: number): void {
	if (depth > MAX_GROUP_DEPTH) throw malformed("nested too deeply");
	while (cursor.at < cursor.end) {
		const tag = readTag(cursor);
		if (tag === start + 1) return;
		skip(cursor, tag, depth);
	}
	throw malformed("a group that does not end");
}

function pass(cursor: Cursor, size: number): void {
	if (size > cursor.end - cursor.at) throw malformed("cut short");
	cursor.at += size;
}

function spend(cursor: Cursor, fields: number): void {
	cursor.fieldsLeft -= fields;
	if (cursor.fieldsLeft < 0) throw new ProtocolError("TOO_LARGE", "more fields than any message has");
}

function malformed(why: string): ProtocolError {
	return new ProtocolError("MALFORMED", why);
}
