import { Inflate, strFromU8 } from "fflate";

import { FaultError } from "../fault.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { unreadable } from "./unreadable.ts";

/** What the central directory says of one file. */
export interface ZipEntry {
	readonly name: string;
	readonly method: "stored" | "deflated";
	readonly crc32: number;
	readonly compressedSize: number;
	readonly size: number;
	/** Where the file's bytes begin, behind its local header. */
	readonly dataOffset: number;
}

/** A ZIP file's shape. Offsets count from the first byte of the file. */
export interface Zip {
	readonly bytes: Uint8Array;
	readonly entries: ReadonlyMap<string, ZipEntry>;
	readonly centralDirectoryOffset: number;
	/** The "end of central directory" record, up to the end of the file. */
	readonly endRecordOffset: number;
}

const END_RECORD = 0x06054b50;
const END_RECORD_SIZE = 22;
const CENTRAL_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const MAX_COMMENT = 0xffff;
const MAX_ENTRIES = 10_000;
const ENCRYPTED = 1;

/**
 * Reads a ZIP's central directory. Stricter than a phone: no ZIP64, no encryption, no two files of one name, no byte between
 * directory and end record, and each local header must agree with the directory about name and method, because tools that believe
 * different copies of a name are how signed packages have been smuggled before.
 *
 * @throws {FaultError} APK_UNREADABLE.
 */
export function readZip(bytes: Uint8Array): Zip {
	const endRecordOffset = findEndRecord(bytes);
	const end = new ByteCursor(bytes).seek(endRecordOffset + 4);
	const disk = end.u16();
	const directoryDisk = end.u16();
	const entriesOnDisk = end.u16();
	const entryCount = end.u16();
	const directorySize = end.u32();
	const centralDirectoryOffset = end.u32();
	if (disk !== 0 || directoryDisk !== 0 || entriesOnDisk !== entryCount) throw unreadable("the ZIP claims several disks");
	if (entryCount > MAX_ENTRIES) throw unreadable(`the ZIP claims more than ${MAX_ENTRIES} files`);
	if (centralDirectoryOffset + directorySize !== endRecordOffset) throw unreadable("the ZIP's directory is not where it says");

	const entries = new Map<string, ZipEntry>();
	const directory = new ByteCursor(bytes.subarray(0, endRecordOffset)).seek(centralDirectoryOffset);
	for (let index = 0; index < entryCount; index++) {
		const entry = readEntry(directory, bytes, centralDirectoryOffset);
		if (entries.has(entry.name)) throw unreadable("two files in the ZIP have one name");
		entries.set(entry.name, entry);
	}
	if (directory.remaining !== 0) throw unreadable("the ZIP's directory is longer than its files");
	return { bytes, entries, centralDirectoryOffset, endRecordOffset };
}

/**
 * One file's content, with its length and CRC checked.
 *
 * @param maxSize refuse anything larger, in bytes; memory never exceeds it by more than one inflated chunk (about 1 MiB).
 * @throws {FaultError} APK_UNREADABLE.
 */
export function readZipEntry(zip: Zip, entry: ZipEntry, maxSize: number): Uint8Array {
	if (entry.size > maxSize) throw unreadable(`a file in the ZIP is larger than ${maxSize} bytes`);
	const raw = zip.bytes.subarray(entry.dataOffset, entry.dataOffset + entry.compressedSize);
	const content = entry.method === "stored" ? raw : inflate(raw, entry.size);
	if (content.length !== entry.size) throw unreadable("a file in the ZIP is not as long as it says");
	if (crc32(content) !== entry.crc32) throw unreadable("a file in the ZIP does not match its checksum");
	return content;
}

/** The record must end exactly where the file ends, so at most one position can be right: what follows it is its comment. */
function findEndRecord(bytes: Uint8Array): number {
	const cursor = new ByteCursor(bytes);
	const first = Math.max(0, bytes.length - END_RECORD_SIZE - MAX_COMMENT);
	for (let offset = bytes.length - END_RECORD_SIZE; offset >= first; offset--) {
		if (cursor.seek(offset).u32() !== END_RECORD) continue;
		const commentLength = cursor.seek(offset + 20).u16();
		if (offset + END_RECORD_SIZE + commentLength === bytes.length) return offset;
	}
	throw unreadable("this is not a ZIP file, or its end is missing");
}

function readEntry(directory: ByteCursor, bytes: Uint8Array, centralDirectoryOffset: number): ZipEntry {
	if (directory.u32() !== CENTRAL_HEADER) throw unreadable("the ZIP's directory is damaged");
	directory.skip(4);
	const flags = directory.u16();
	const methodCode = directory.u16();
	directory.skip(4);
	const crc = directory.u32();
	const compressedSize = directory.u32();
	const size = directory.u32();
	const nameLength = directory.u16();
	const extraLength = directory.u16();
	const commentLength = directory.u16();
	directory.skip(8);
	const localOffset = directory.u32();
	const rawName = directory.slice(nameLength);
	directory.skip(extraLength).skip(commentLength);

	if ((flags & ENCRYPTED) !== 0) throw unreadable("a file in the ZIP is encrypted");
	const method = methodCode === 0 ? "stored" : methodCode === 8 ? "deflated" : undefined;
	if (method === undefined) throw unreadable("a file in the ZIP is packed in a way that Android does not read");
	if (method === "stored" && compressedSize !== size) throw unreadable("a file in the ZIP has two lengths");

	const local = new ByteCursor(bytes.subarray(0, centralDirectoryOffset)).seek(localOffset);
	if (local.u32() !== LOCAL_HEADER) throw unreadable("a file in the ZIP is not where the directory says");
	local.skip(4);
	const localMethod = local.u16();
	local.skip(16);
	const localNameLength = local.u16();
	const localExtraLength = local.u16();
	const localName = local.slice(localNameLength);
	const dataOffset = local.skip(localExtraLength).position;
	local.skip(compressedSize);
	if (localMethod !== methodCode || !sameBytes(localName, rawName))
		throw unreadable("a file in the ZIP has two names or methods");
	return { name: strFromU8(rawName), method, crc32: crc, compressedSize, size, dataOffset };
}

/** Inflates in small steps and stops at the first byte too many: a bomb costs no more than an honest file. */
function inflate(raw: Uint8Array, size: number): Uint8Array {
	const content = new Uint8Array(size);
	let length = 0;
	const inflater = new Inflate((chunk) => {
		if (length + chunk.length > size) throw unreadable("a file in the ZIP unpacks to more than it says");
		content.set(chunk, length);
		length += chunk.length;
	});
	const step = 1024;
	try {
		for (let offset = 0; offset < raw.length || offset === 0; offset += step) {
			inflater.push(raw.subarray(offset, offset + step), offset + step >= raw.length);
		}
	} catch (error) {
		if (error instanceof FaultError) throw error;
		throw unreadable("a file in the ZIP cannot be unpacked", error);
	}
	return content.subarray(0, length);
}

function crc32(bytes: Uint8Array): number {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
	}
	return ~crc >>> 0;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
	return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
