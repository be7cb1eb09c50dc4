import { strFromU8 } from "fflate";

import { ByteCursor } from "./byte-cursor.ts";
import { unreadable } from "./unreadable.ts";

/** A value as aapt2 compiles it. A reference points into resources.arsc and is left as it is. */
export type XmlValue =
	| { readonly kind: "string"; readonly text: string }
	| { readonly kind: "integer"; readonly value: number }
	| { readonly kind: "boolean"; readonly value: boolean }
	| { readonly kind: "other" };

export interface XmlAttribute {
	/** Name as written; empty where only the resource id was kept. */
	readonly name: string;
	/** Id of the framework attribute, by which Android itself looks it up; 0 for an attribute without one, such as `package`. */
	readonly resourceId: number;
	readonly value: XmlValue;
}

export interface XmlElement {
	readonly name: string;
	readonly attributes: readonly XmlAttribute[];
	readonly children: readonly XmlElement[];
}

// Chunk and value types: frameworks/base/libs/androidfw/include/androidfw/ResourceTypes.h
const STRING_POOL = 0x0001;
const XML_FILE = 0x0003;
const XML_START_NAMESPACE = 0x0100;
const XML_END_NAMESPACE = 0x0101;
const XML_START_ELEMENT = 0x0102;
const XML_END_ELEMENT = 0x0103;
const XML_TEXT = 0x0104;
const XML_RESOURCE_MAP = 0x0180;
const POOL_IS_UTF8 = 0x100;
const TYPE_STRING = 0x03;
const TYPE_INT_DEC = 0x10;
const TYPE_INT_HEX = 0x11;
const TYPE_INT_BOOLEAN = 0x12;
const NO_STRING = 0xffffffff;

const MAX_STRINGS = 20_000;
/** Decoded text over all strings, in UTF-16 units: offsets may overlap, so the file's length does not bound it. */
const MAX_TEXT = 1024 * 1024;
const MAX_CHUNKS = 50_000;
const MAX_DEPTH = 32;
const MAX_ATTRIBUTES = 256;

type StringPool = (index: number) => string;

interface OpenElement {
	readonly name: string;
	readonly attributes: readonly XmlAttribute[];
	readonly children: XmlElement[];
}

/**
 * Reads Android's compiled XML into a tree and returns its root.
 *
 * @throws {FaultError} APK_UNREADABLE.
 */
export function readBinaryXml(bytes: Uint8Array): XmlElement {
	const file = new ByteCursor(bytes);
	if (file.u16() !== XML_FILE) throw unreadable("the manifest is not compiled XML");
	const headerSize = file.u16();
	if (file.u32() !== bytes.length) throw unreadable("the manifest is not as long as it says");
	file.seek(headerSize);

	let strings: StringPool | undefined;
	let resourceIds: readonly number[] = [];
	let root: XmlElement | undefined;
	const open: OpenElement[] = [];

	for (let chunks = 0; file.remaining > 0; chunks++) {
		if (chunks === MAX_CHUNKS) throw unreadable("the manifest has too many parts");
		const { type, headerSize: chunkHeaderSize, chunk } = readChunk(file);
		if (type === STRING_POOL) {
			if (strings !== undefined) throw unreadable("the manifest has two string pools");
			strings = readStringPool(chunk, chunkHeaderSize);
		} else if (type === XML_RESOURCE_MAP) {
			resourceIds = readResourceMap(chunk, chunkHeaderSize);
		} else if (type === XML_START_ELEMENT) {
			if (strings === undefined) throw unreadable("the manifest names things before it lists names");
			if (open.length === MAX_DEPTH || root !== undefined) throw unreadable("the manifest is nested too deep or has two roots");
			open.push(readElement(chunk, chunkHeaderSize, strings, resourceIds));
		} else if (type === XML_END_ELEMENT) {
			const closed = open.pop();
			if (closed === undefined) throw unreadable("the manifest closes what it did not open");
			const parent = open.at(-1);
			if (parent === undefined) root = closed;
			else parent.children.push(closed);
		} else if (type !== XML_START_NAMESPACE && type !== XML_END_NAMESPACE && type !== XML_TEXT) {
			throw unreadable("the manifest has a part of unknown kind");
		}
	}
	if (root === undefined || open.length > 0) throw unreadable("the manifest is not complete");
	return root;
}

function readChunk(file: ByteCursor): { type: number; headerSize: number; chunk: ByteCursor } {
	const start = file.position;
	const type = file.u16();
	const headerSize = file.u16();
	const size = file.u32();
	if (headerSize < 8 || size < headerSize) throw unreadable("a part of the manifest has an impossible length");
	return { type, headerSize, chunk: new ByteCursor(file.seek(start).slice(size)) };
}

function readStringPool(chunk: ByteCursor, headerSize: number): StringPool {
	chunk.seek(8);
	const count = chunk.u32();
	chunk.skip(4);
	const isUtf8 = (chunk.u32() & POOL_IS_UTF8) !== 0;
	const stringsStart = chunk.u32();
	if (count > MAX_STRINGS) throw unreadable("the manifest lists too many strings");
	chunk.seek(headerSize);
	const offsets = Array.from({ length: count }, () => chunk.u32());
	const decoded = new Map<number, string>();
	let textLeft = MAX_TEXT;
	return (index) => {
		const known = decoded.get(index);
		if (known !== undefined) return known;
		const offset = offsets[index];
		if (offset === undefined) throw unreadable("the manifest points at a string it does not have");
		chunk.seek(stringsStart + offset);
		const text = isUtf8 ? readUtf8(chunk) : readUtf16(chunk, textLeft);
		textLeft -= text.length;
		if (textLeft < 0) throw unreadable("the manifest holds too much text");
		decoded.set(index, text);
		return text;
	};
}

/** Length in UTF-16 units, length in bytes, bytes. Each length takes one byte, or two when its top bit is set. */
function readUtf8(chunk: ByteCursor): string {
	utf8Length(chunk);
	return strFromU8(chunk.slice(utf8Length(chunk)));
}

function utf8Length(chunk: ByteCursor): number {
	const first = chunk.u8();
	return (first & 0x80) === 0 ? first : ((first & 0x7f) << 8) | chunk.u8();
}

function readUtf16(chunk: ByteCursor, maxLength: number): string {
	const first = chunk.u16();
	const length = (first & 0x8000) === 0 ? first : (first & 0x7fff) * 0x1_0000 + chunk.u16();
	if (length > maxLength || length * 2 > chunk.remaining) throw unreadable("the manifest holds too much text");
	let text = "";
	for (let index = 0; index < length; index++) text += String.fromCharCode(chunk.u16());
	return text;
}

/** The id of the framework attribute for each of the pool's first strings. */
function readResourceMap(chunk: ByteCursor, headerSize: number): readonly number[] {
	chunk.seek(headerSize);
	const count = Math.floor(chunk.remaining / 4);
	if (count > MAX_STRINGS) throw unreadable("the manifest's resource map is too long");
	return Array.from({ length: count }, () => chunk.u32());
}

function readElement(chunk: ByteCursor, headerSize: number, strings: StringPool, resourceIds: readonly number[]): OpenElement {
	const body = headerSize;
	chunk.seek(body + 4);
	const name = strings(chunk.u32());
	const attributeStart = chunk.u16();
	const attributeSize = chunk.u16();
	const attributeCount = chunk.u16();
	if (attributeCount > MAX_ATTRIBUTES || (attributeCount > 0 && attributeSize < 20)) {
		throw unreadable("an element of the manifest has impossible attributes");
	}
	const attributes: XmlAttribute[] = [];
	for (let index = 0; index < attributeCount; index++) {
		chunk.seek(body + attributeStart + index * attributeSize + 4);
		const nameIndex = chunk.u32();
		const rawValue = chunk.u32();
		chunk.skip(3);
		const type = chunk.u8();
		const data = chunk.u32();
		attributes.push({
			name: strings(nameIndex),
			resourceId: resourceIds[nameIndex] ?? 0,
			value: readValue(type, data, rawValue, strings),
		});
	}
	return { name, attributes, children: [] };
}

function readValue(type: number, data: number, rawValue: number, strings: StringPool): XmlValue {
	if (type === TYPE_STRING) {
		// A typed string repeats its index as the raw value; Android reads the typed one, so two answers are refused.
		if (rawValue !== data && rawValue !== NO_STRING) throw unreadable("an attribute of the manifest has two values");
		return { kind: "string", text: strings(data) };
	}
	if (type === TYPE_INT_DEC || type === TYPE_INT_HEX) return { kind: "integer", value: data | 0 };
	if (type === TYPE_INT_BOOLEAN) return { kind: "boolean", value: data !== 0 };
	return { kind: "other" };
}
