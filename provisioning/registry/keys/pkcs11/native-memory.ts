import koffi from "koffi";

import type { AttributeValue, Template } from "./cryptoki.ts";

const LONG = koffi.sizeof("ulong");
const POINTER = koffi.sizeof("void *");

/** A piece of memory that a module reads or writes. Not to be touched once its arena was freed. */
export interface Block {
	/** What koffi passes as `void *`. */
	readonly pointer: unknown;
	readonly bytes: Buffer;
}

/**
 * Memory of one call. Outside the garbage collector, because a call runs on another thread and may outlive its deadline; wiped and
 * given back by `free`.
 */
export interface Arena {
	block(length: number): Block;
	/** CK_ULONGs, zero at first. */
	longs(count: number): Block;
	copy(bytes: Uint8Array): Block;
	/** An array of CK_ATTRIBUTE. */
	attributes(template: Template): Block;
	/** CK_ATTRIBUTEs to be filled in: `lengths` says how long each may be. */
	wanted(types: readonly number[], length: number): { readonly template: Block; value(index: number): Uint8Array | undefined };
	/** CK_MECHANISM without a parameter. */
	mechanism(type: number): Block;
	free(): void;
}

export function readLong({ bytes }: Block, index = 0): number {
	return LONG === 8 ? Number(bytes.readBigUInt64LE(index * 8)) : bytes.readUInt32LE(index * 4);
}

export function writeLong({ bytes }: Block, offset: number, value: number): void {
	if (LONG === 8) bytes.writeBigUInt64LE(BigInt(value), offset);
	else bytes.writeUInt32LE(value, offset);
}

/** Bytes of a CK_ULONG and of a pointer here. */
export const SIZES = { long: LONG, pointer: POINTER } as const;

export function createArena(): Arena {
	const blocks: Block[] = [];
	const arena: Arena = {
		block(length) {
			const pointer: unknown = koffi.alloc("uint8_t", Math.max(length, 1));
			const block = { pointer, bytes: Buffer.from(koffi.view(pointer, Math.max(length, 1))) };
			block.bytes.fill(0);
			blocks.push(block);
			return block;
		},
		longs: (count) => arena.block(count * LONG),
		copy(bytes) {
			const block = arena.block(bytes.length);
			block.bytes.set(bytes);
			return block;
		},
		attributes(template) {
			const block = arena.block(template.length * ATTRIBUTE);
			for (const [index, [type, value]] of template.entries()) {
				const bytes = bytesOf(value);
				writeAttribute(block, index, type, arena.copy(bytes), bytes.length);
			}
			return block;
		},
		wanted(types, length) {
			const template = arena.block(types.length * ATTRIBUTE);
			const values = types.map((type, index) => {
				const value = arena.block(length);
				writeAttribute(template, index, type, value, length);
				return value;
			});
			return {
				template,
				value(index) {
					const found = values[index];
					const size = readLong({ ...template, bytes: template.bytes.subarray(index * ATTRIBUTE + LONG + POINTER) });
					// CK_UNAVAILABLE_INFORMATION is all ones: the object has no such attribute, or shows it to nobody.
					return found && size <= length ? Uint8Array.from(found.bytes.subarray(0, size)) : undefined;
				},
			};
		},
		mechanism(type) {
			const block = arena.block(2 * LONG + POINTER);
			writeLong(block, 0, type);
			return block;
		},
		free() {
			for (const { pointer, bytes } of blocks.splice(0)) {
				bytes.fill(0); // a PIN may have lain in it
				koffi.free(pointer);
			}
		},
	};
	return arena;
}

/** CK_ATTRIBUTE: type, pointer, length. */
const ATTRIBUTE = 2 * LONG + POINTER;

function writeAttribute(template: Block, index: number, type: number, value: Block, length: number): void {
	const at = index * ATTRIBUTE;
	writeLong(template, at, type);
	const address = BigInt(koffi.address(value.pointer));
	if (POINTER === 8) template.bytes.writeBigUInt64LE(address, at + LONG);
	else template.bytes.writeUInt32LE(Number(address), at + LONG);
	writeLong(template, at + LONG + POINTER, length);
}

function bytesOf(value: AttributeValue): Uint8Array {
	if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
	if (typeof value !== "number") return value;
	const bytes = Buffer.alloc(LONG);
	writeLong({ pointer: undefined, bytes }, 0, value);
	return bytes;
}
