import { describe, expect, it } from "vitest";

import { nativeProblems } from "../../../../scripts/apk/native-gates.ts";
import { CHANGES, patchedQuickJs } from "../../../../scripts/apk/quickjs-source.ts";

const EXPORTED = ["create", "evaluate", "handle", "heapBytes", "destroy"];

interface Changes {
	machine?: number;
	needed?: string[];
	imports?: string[];
	exports?: string[];
	alignment?: number;
	/** Of the part that is made read-only, in memory. */
	relroEnd?: number;
	stackFlags?: number;
	tags?: [number, number][];
}

/** The least 64-bit library that passes, or one that is bad in a way. */
function library(changes: Changes = {}): Uint8Array {
	const names = [
		...(changes.needed ?? ["libc.so", "libm.so"]),
		...(changes.imports ?? ["malloc", "pow"]),
		...(changes.exports ?? EXPORTED.map((name) => `Java_dev_holdfast_agent_engine_QuickJs_${name}`)),
	];
	const strings = Buffer.from(`\0${names.join("\0")}\0`);
	const at = (name: string) => strings.indexOf(`\0${name}\0`) + 1;
	const [STRINGS, SYMBOLS, HASH, DYNAMIC, SIZE] = [0x1000, 0x2000, 0x3000, 0x3100, 0x4000];
	const bytes = Buffer.alloc(SIZE);
	bytes.write("\x7fELF", "latin1");
	bytes.set([2, 1, 1], 4);
	bytes.writeUInt16LE(changes.machine ?? 62, 18);
	bytes.writeBigUInt64LE(64n, 32);
	bytes.writeUInt16LE(56, 54);
	bytes.writeUInt16LE(4, 56);
	const header = (index: number, [type, flags, offset, size, alignment]: number[]) => {
		const from = 64 + index * 56;
		bytes.writeUInt32LE(type ?? 0, from);
		bytes.writeUInt32LE(flags ?? 0, from + 4);
		for (const field of [8, 16]) bytes.writeBigUInt64LE(BigInt(offset ?? 0), from + field);
		for (const field of [32, 40]) bytes.writeBigUInt64LE(BigInt(size ?? 0), from + field);
		bytes.writeBigUInt64LE(BigInt(alignment ?? 0), from + 48);
	};
	const dynamic = [
		...(changes.needed ?? ["libc.so", "libm.so"]).map((name) => [1, at(name)]),
		...[
			[5, STRINGS],
			[6, SYMBOLS],
			[4, HASH],
		],
		...(changes.tags ?? []),
		[0, 0],
	];
	header(0, [1, 5, 0, SIZE, changes.alignment ?? 0x4000]);
	header(1, [2, 6, DYNAMIC, dynamic.length * 16, 8]);
	header(2, [0x6474e551, changes.stackFlags ?? 6, 0, 0, 0]);
	header(3, [0x6474e552, 4, 0x3000, (changes.relroEnd ?? SIZE) - 0x3000, 1]);
	strings.copy(bytes, STRINGS);
	dynamic.forEach(([tag = 0, value = 0], index) => {
		bytes.writeBigUInt64LE(BigInt(tag), DYNAMIC + index * 16);
		bytes.writeBigUInt64LE(BigInt(value), DYNAMIC + index * 16 + 8);
	});
	const symbols = names.slice((changes.needed ?? ["", ""]).length);
	const imports = (changes.imports ?? ["", ""]).length;
	bytes.writeUInt32LE(symbols.length + 1, HASH + 4);
	symbols.forEach((name, index) => {
		bytes.writeUInt32LE(at(name), SYMBOLS + (index + 1) * 24);
		bytes.writeUInt16LE(index < imports ? 0 : 1, SYMBOLS + (index + 1) * 24 + 6);
	});
	return bytes;
}

describe("the gates on an engine's library", () => {
	it("let it through", () => {
		expect(nativeProblems("x86_64", library())).toEqual([]);
	});

	it.each<[string, Changes, string]>([
		["another processor's", { machine: 183 }, "another processor"],
		["a library that Android keeps to itself", { needed: ["libc.so", "libart.so"] }, "needs libart.so"],
		["an import that nobody looked up", { imports: ["malloc", "system"] }, "imports system"],
		["an entry for others", { exports: ["Java_evil"] }, "exports Java_evil"],
		["no entry", { exports: [] }, "exports "],
		["pages of 4 KiB", { alignment: 0x1000 }, "not aligned"],
		["what is read-only past the last page", { relroEnd: 0x5000 }, "past the last mapped page"],
		["a stack that runs code", { stackFlags: 7 }, "stack could run code"],
		["text relocations", { tags: [[22, 0]] }, "text relocations"],
		["text relocations by a flag", { tags: [[30, 4]] }, "text relocations"],
		["a search path", { tags: [[29, 1]] }, "where to look"],
	])("stop %s", (_, changes, problem) => {
		expect(nativeProblems("x86_64", library(changes))).toEqual([expect.stringContaining(problem)]);
	});

	it("stop bytes that are no library", () => {
		expect(() => nativeProblems("x86_64", new Uint8Array(100))).toThrow("not a little-endian ELF file");
	});
});

describe("the changes to QuickJS", () => {
	const text = `#include "x"\n#define CONFIG_ATOMICS\n  ${CHANGES[1]?.from}\n`;

	it("are made once each", () => {
		expect(patchedQuickJs(text)).toBe(`#include "x"\n\n  ${CHANGES[1]?.to}\n`);
	});

	it("stop the build where they have no place, or two", () => {
		expect(() => patchedQuickJs(text.replace("js_limb_clz", "clz"))).toThrow("0 places");
		expect(() => patchedQuickJs(text + text)).toThrow("2 places");
	});
});
