const LOAD = 1;
const DYNAMIC = 2;
const GNU_STACK = 0x6474e551;
const GNU_RELRO = 0x6474e552;

const NEEDED = 1;
const HASH = 4;
const STRINGS = 5;
const SYMBOLS = 6;
const RPATH = 15;
const TEXT_RELOCATIONS = 22;
const RUNPATH = 29;
const FLAGS = 30;
const FLAG_TEXT_RELOCATIONS = 4;

export interface Segment {
	readonly kind: "load" | "relro" | "stack" | "other";
	readonly executable: boolean;
	readonly address: number;
	readonly size: number;
	readonly alignment: number;
}

/** What a loader sees of a shared library. */
export interface SharedLibrary {
	readonly bits: 32 | 64;
	/** e_machine. */
	readonly machine: number;
	readonly segments: readonly Segment[];
	readonly needed: readonly string[];
	readonly imports: readonly string[];
	readonly exports: readonly string[];
	/** Whether code has to be written to while loading. */
	readonly textRelocations: boolean;
	/** Whether it says where to look for others. */
	readonly searchPath: boolean;
}

/** @throws {Error} if bytes are no little-endian ELF, or its parts lie outside of it. */
export function readSharedLibrary(bytes: Uint8Array): SharedLibrary {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (view.getUint32(0) !== 0x7f454c46 || bytes[5] !== 1) throw new Error("not a little-endian ELF file");
	const wide = bytes[4] === 2;
	const word = (at: number) => (wide ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true));
	const headers = readHeaders(view, wide, word);
	const toOffset = (address: number): number => {
		const segment = headers.find(({ type, address: from, size }) => type === LOAD && address >= from && address < from + size);
		if (!segment) throw new Error("an address outside of every segment");
		return address - segment.address + segment.offset;
	};
	const dynamic = headers.find(({ type }) => type === DYNAMIC);
	if (!dynamic) throw new Error("not a shared library");
	const entries = readDynamic(dynamic.offset, dynamic.size, wide ? 8 : 4, word);
	const first = (tag: number) => entries.find(([found]) => found === tag)?.[1];
	const strings = toOffset(first(STRINGS) ?? -1);
	const text = (at: number) => {
		const start = strings + at;
		return new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start)));
	};
	const symbols = readSymbols(view, wide, toOffset(first(SYMBOLS) ?? -1), view.getUint32(toOffset(first(HASH) ?? -1) + 4, true));
	return {
		bits: wide ? 64 : 32,
		machine: view.getUint16(18, true),
		segments: headers.map(({ type, flags, address, size, alignment }) => ({
			kind: type === LOAD ? "load" : type === GNU_RELRO ? "relro" : type === GNU_STACK ? "stack" : "other",
			executable: (flags & 1) !== 0,
			address,
			size,
			alignment,
		})),
		needed: entries.filter(([tag]) => tag === NEEDED).map(([, value]) => text(value)),
		imports: symbols.filter(({ section }) => section === 0).map(({ name }) => text(name)),
		exports: symbols.filter(({ section }) => section !== 0).map(({ name }) => text(name)),
		textRelocations: first(TEXT_RELOCATIONS) !== undefined || ((first(FLAGS) ?? 0) & FLAG_TEXT_RELOCATIONS) !== 0,
		searchPath: first(RPATH) !== undefined || first(RUNPATH) !== undefined,
	};
}

interface Header {
	readonly type: number;
	readonly flags: number;
	readonly offset: number;
	readonly address: number;
	/** In memory. */
	readonly size: number;
	readonly alignment: number;
}

function readHeaders(view: DataView, wide: boolean, word: (at: number) => number): readonly Header[] {
	const table = word(wide ? 32 : 28);
	const entrySize = view.getUint16(wide ? 54 : 42, true);
	const count = view.getUint16(wide ? 56 : 44, true);
	return Array.from({ length: count }, (_, index) => {
		const at = table + index * entrySize;
		return {
			type: view.getUint32(at, true),
			flags: view.getUint32(at + (wide ? 4 : 24), true),
			offset: word(at + (wide ? 8 : 4)),
			address: word(at + (wide ? 16 : 8)),
			size: word(at + (wide ? 40 : 20)),
			alignment: word(at + (wide ? 48 : 28)),
		};
	});
}

function readDynamic(offset: number, size: number, width: number, word: (at: number) => number): readonly [number, number][] {
	const entries: [number, number][] = [];
	for (let at = offset; at < offset + size; at += 2 * width) entries.push([word(at), word(at + width)]);
	return entries;
}

/** Symbols but the first, which is nothing. */
function readSymbols(view: DataView, wide: boolean, table: number, count: number) {
	return Array.from({ length: count - 1 }, (_, index) => {
		const at = table + (index + 1) * (wide ? 24 : 16);
		return { name: view.getUint32(at, true), section: view.getUint16(at + (wide ? 6 : 14), true) };
	});
}
