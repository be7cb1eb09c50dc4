import { ProtocolError } from "./error.ts";
import { BOOL, BYTES, FIXED32, type Field, INT32, MESSAGE, STRING, type Table, UINT32 } from "./message-type.ts";
import { isAscii, isWellFormed, utf8 } from "./utf8.ts";

/** Filled from its end to its beginning: when a length is to be written, what it is the length of stands behind it already. */
interface Sink {
	bytes: Uint8Array;
	/** Index of the first byte written. */
	at: number;
}

const FIRST_BYTES = 256;

/**
 * Writes a message: fields in order of their numbers, defaults left out, repeated numbers packed. The same on every host.
 *
 * @throws {ProtocolError} UNSAFE_INTEGER, MALFORMED: instead of wrapping, cutting off or repairing in silence.
 */
export function writeMessage(type: Table, message: object): Uint8Array {
	const sink: Sink = { bytes: new Uint8Array(FIRST_BYTES), at: FIRST_BYTES };
	writeFields(sink, type, message);
	return sink.bytes.slice(sink.at);
}

function writeFields(sink: Sink, type: Table, message: object): void {
	const values = message as { readonly [name: string]: unknown }; // of the type's own shape, as `encode` was given it
	const { fields } = type;
	for (let index = fields.length - 1; index >= 0; index -= 1) {
		const field = fields[index];
		if (field === undefined) continue;
		const value = values[field.name];
		if (value === undefined || value === null) continue;
		if (field.isRepeated)
			writeElements(sink, field, value as readonly unknown[]); // the same shape
		else if (field.oneof !== undefined || !isDefault(field.kind, value)) writeOne(sink, field, value);
	}
}

function isDefault(kind: number, value: unknown): boolean {
	if (kind === MESSAGE) return false;
	if (kind === BYTES) return (value as Uint8Array).length === 0; // the type's own shape
	return value === 0 || value === "" || value === false;
}

function writeElements(sink: Sink, field: Field, values: readonly unknown[]): void {
	if (values.length === 0) return;
	const end = sink.bytes.length - sink.at;
	for (let index = values.length - 1; index >= 0; index -= 1) {
		if (field.isPacked) writeNumber(sink, field.kind, values[index]);
		else writeOne(sink, field, values[index]);
	}
	if (!field.isPacked) return;
	writeVarint(sink, sink.bytes.length - sink.at - end);
	writeVarint(sink, field.tag);
}

function writeOne(sink: Sink, field: Field, value: unknown): void {
	const { kind } = field;
	if (kind < STRING) {
		writeNumber(sink, kind, value);
	} else {
		const end = sink.bytes.length - sink.at;
		// The type's own shape, each time.
		if (field.type) writeFields(sink, field.type, value as object);
		else if (kind === STRING) writeText(sink, value as string);
		else writeBytes(sink, value as Uint8Array);
		writeVarint(sink, sink.bytes.length - sink.at - end);
	}
	writeVarint(sink, field.tag);
}

function writeNumber(sink: Sink, kind: number, value: unknown): void {
	switch (kind) {
		case BOOL:
			writeVarint(sink, value ? 1 : 0);
			break;
		case INT32: {
			const integer = requireInteger(value, -0x80000000, 0x7fffffff);
			if (integer < 0) writeNegative(sink, integer);
			else writeVarint(sink, integer);
			break;
		}
		case UINT32:
			writeVarint(sink, requireInteger(value, 0, 0xffffffff));
			break;
		case FIXED32: {
			const integer = requireInteger(value, 0, 0xffffffff);
			reserve(sink, 4);
			for (let shift = 24; shift >= 0; shift -= 8) {
				sink.at -= 1;
				sink.bytes[sink.at] = integer >>> shift;
			}
			break;
		}
		default:
			writeVarint(sink, requireInteger(value, 0, Number.MAX_SAFE_INTEGER));
	}
}

function writeVarint(sink: Sink, value: number): void {
	if (value < 128) {
		reserve(sink, 1);
		sink.at -= 1;
		sink.bytes[sink.at] = value;
		return;
	}
	let size = 1;
	for (let rest = value; rest >= 128; rest /= 128) size += 1;
	reserve(sink, size);
	sink.at -= size;
	const { bytes, at } = sink;
	let rest = value;
	for (let index = at; index < at + size - 1; index += 1) {
		bytes[index] = (rest % 128) + 128;
		rest = Math.floor(rest / 128);
	}
	bytes[at + size - 1] = rest;
}

/** Sign-extended to 64 bits, in ten bytes, as protobuf wants it. */
function writeNegative(sink: Sink, value: number): void {
	reserve(sink, 10);
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
	const written = sink.bytes.length - sink.at;
	const larger = new Uint8Array(Math.max(sink.bytes.length * 2, written + size));
	larger.set(sink.bytes.subarray(sink.at), larger.length - written);
	sink.at = larger.length - written;
	sink.bytes = larger;
}

function requireInteger(value: unknown, least: number, most: number): number {
	if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
		throw new ProtocolError("UNSAFE_INTEGER", `not an integer from ${least} to ${most}`);
	}
	return value;
}
