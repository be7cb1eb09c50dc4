import { ProtocolError } from "./error.ts";

/** Largest record file that anything of ours reads, in bytes: four times what a phone keeps. */
export const MAX_RECORD_FILE_BYTES = 4 * 1024 * 1024;
/** Most entries that are read. */
export const MAX_RECORD_ENTRIES = 10_000;
/** The format that is written. */
export const RECORD_FORMAT_VERSION = 1;

/** A RecordFile (record.proto) with its entries still as bytes: together they are larger than any one message may be. */
export interface RecordFileParts {
	readonly formatVersion: number;
	/** Envelope of a RecordCheckpoint, or empty. */
	readonly beginsAfter: Uint8Array;
	/** A RecordEntry each. */
	readonly entries: readonly Uint8Array[];
	/** Envelope of a RecordCheckpoint. */
	readonly endsWith: Uint8Array;
	/** Uncompressed SEC1 point. */
	readonly devicePublicKey: Uint8Array;
}

const [FORMAT_VERSION, BEGINS_AFTER, ENTRIES, ENDS_WITH, DEVICE_PUBLIC_KEY] = [1, 2, 3, 4, 5];
const [VARINT, BYTES] = [0, 2];

/** The bytes of a RecordFile, as its schema encodes them. */
export function writeRecordFile(parts: Omit<RecordFileParts, "formatVersion">): Uint8Array {
	const chunks = [
		Uint8Array.from([tagOf(FORMAT_VERSION, VARINT), RECORD_FORMAT_VERSION]),
		...bytesField(BEGINS_AFTER, parts.beginsAfter),
		...parts.entries.flatMap((entry) => bytesField(ENTRIES, entry)),
		...bytesField(ENDS_WITH, parts.endsWith),
		...bytesField(DEVICE_PUBLIC_KEY, parts.devicePublicKey),
	];
	const file = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
	let at = 0;
	for (const chunk of chunks) {
		file.set(chunk, at);
		at += chunk.length;
	}
	return file;
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array[] {
	return bytes.length === 0 ? [] : [Uint8Array.from([tagOf(field, BYTES), ...varint(bytes.length)]), bytes];
}

function tagOf(field: number, type: number): number {
	return (field << 3) | type;
}

function varint(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
	return [...bytes, rest];
}

/**
 * Takes a RecordFile apart. Strict: fields in their order, each once but for the entries, nothing unknown, nothing overlong,
 * nothing behind. The frame has one encoding, so that no byte of a file can be changed without its being noticed.
 *
 * @throws {ProtocolError} TOO_LARGE, MALFORMED, NOT_CANONICAL.
 */
export function readRecordFile(bytes: Uint8Array): RecordFileParts {
	if (bytes.length > MAX_RECORD_FILE_BYTES) throw new ProtocolError("TOO_LARGE", `more than ${MAX_RECORD_FILE_BYTES} bytes`);
	const single = new Map<number, Uint8Array>();
	const entries: Uint8Array[] = [];
	let formatVersion = 0;
	let at = 0;
	let lastField = 0;

	function number(): number {
		let value = 0;
		for (let shift = 0; shift < 4; shift += 1) {
			const byte = bytes[at];
			if (byte === undefined) throw new ProtocolError("MALFORMED", "the file is cut short");
			at += 1;
			value += (byte & 0x7f) * 128 ** shift;
			if (byte >= 0x80) continue;
			if (byte === 0 && shift > 0) throw new ProtocolError("NOT_CANONICAL", "an overlong number");
			return value;
		}
		throw new ProtocolError("MALFORMED", "a number that is too large");
	}

	while (at < bytes.length) {
		const tag = number();
		const [field, type] = [tag >> 3, tag & 7];
		const isKnown = field === FORMAT_VERSION ? type === VARINT : field <= DEVICE_PUBLIC_KEY && type === BYTES;
		if (!isKnown) throw new ProtocolError("MALFORMED", "not a record of an agent");
		if (field < lastField || (field === lastField && field !== ENTRIES)) {
			throw new ProtocolError("NOT_CANONICAL", "a field out of its place");
		}
		lastField = field;
		const value = number();
		if (type === VARINT) {
			formatVersion = value;
			continue;
		}
		if (value === 0) throw new ProtocolError("NOT_CANONICAL", "an empty field");
		if (value > bytes.length - at) throw new ProtocolError("MALFORMED", "the file is cut short");
		const content = bytes.slice(at, at + value);
		at += value;
		if (field !== ENTRIES) single.set(field, content);
		else if (entries.push(content) > MAX_RECORD_ENTRIES) throw new ProtocolError("TOO_LARGE", "too many entries");
	}
	if (formatVersion === 0) throw new ProtocolError("MALFORMED", "not a record of an agent");
	const one = (field: number) => single.get(field) ?? new Uint8Array();
	return {
		formatVersion,
		beginsAfter: one(BEGINS_AFTER),
		entries,
		endsWith: one(ENDS_WITH),
		devicePublicKey: one(DEVICE_PUBLIC_KEY),
	};
}
