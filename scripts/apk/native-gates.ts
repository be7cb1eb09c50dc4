import { readSharedLibrary, type SharedLibrary } from "./elf.ts";
import type { NativeTarget } from "./native-library.ts";

/**
 * All that the engine may ask of the phone's C library. Each name was looked up in bionic's libc.map.txt and libm.map.txt
 * (https://android.googlesource.com/platform/bionic): none came later than Android 8. Before there is another one here, look it up.
 */
export const C_LIBRARY: readonly string[] =
	`_longjmp _setjmp abort calloc clock_gettime fprintf fputc free fwrite gettimeofday localtime_r malloc malloc_usable_size memchr memcmp
	memcpy memmove memset realloc snprintf strchr strcmp strlen strrchr vsnprintf`.split(/\s+/);

export const MATH_LIBRARY: readonly string[] =
	`acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh exp expm1 fabs floor fmax fmin fmod hypot
	log log10 log1p log2 lrint pow round sin sinh sqrt tan tanh trunc`.split(/\s+/);

/** Debian's builtins for 32-bit ARM were compiled with a guard of the stack. */
const STACK_GUARD = ["__stack_chk_fail", "__stack_chk_guard"];

const EXPORTS = ["create", "destroy", "evaluate", "handle", "heapBytes"].map(
	(name) => `Java_dev_holdfast_agent_engine_QuickJs_${name}`,
);

const PAGE = 16 * 1024;
const SMALL_PAGE = 4 * 1024;

/** e_machine and word of each target. */
const MACHINES: Readonly<Record<NativeTarget, readonly [machine: number, bits: number]>> = {
	"arm64-v8a": [183, 64],
	"armeabi-v7a": [40, 32],
	x86_64: [62, 64],
	jvm: [62, 64],
};

/** What a library may not be that a phone is to load. */
export function nativeProblems(target: NativeTarget, bytes: Uint8Array): readonly string[] {
	const library = readSharedLibrary(bytes);
	const [machine, bits] = MACHINES[target];
	const version = target === "jvm" ? ".6" : "";
	const names = new Set([...C_LIBRARY, ...MATH_LIBRARY, ...(target === "armeabi-v7a" ? STACK_GUARD : [])]);
	const problems = [
		...(library.machine === machine && library.bits === bits ? [] : ["it is for another processor"]),
		...library.needed
			.filter((name) => ![`libc.so${version}`, `libm.so${version}`].includes(name))
			.map((name) => `it needs ${name}`),
		...library.imports.filter((name) => !names.has(name)).map((name) => `it imports ${name}, which is not on the list`),
		...(library.exports.toSorted().join() === EXPORTS.join() ? [] : [`it exports ${library.exports.join(", ")}`]),
		...(library.textRelocations ? ["it has text relocations: Android does not load it"] : []),
		...(library.searchPath ? ["it says where to look for other libraries"] : []),
		...segmentProblems(library),
	];
	return problems.map((problem) => `libholdfast.so for ${target}: ${problem}`);
}

function segmentProblems({ segments }: SharedLibrary): readonly string[] {
	const loads = segments.filter(({ kind }) => kind === "load");
	const problems: string[] = [];
	if (loads.some(({ alignment }) => alignment !== PAGE)) problems.push(`a segment is not aligned to ${PAGE} bytes`);
	if (segments.some(({ kind, executable }) => kind === "stack" && executable)) problems.push("its stack could run code");
	for (const relro of segments.filter(({ kind }) => kind === "relro")) {
		const end = relro.address + relro.size;
		const inside = loads.some(
			({ address, size }) => relro.address >= address && end <= Math.ceil((address + size) / SMALL_PAGE) * SMALL_PAGE,
		);
		if (!inside) problems.push("what is made read-only ends past the last mapped page: it does not load where pages have 4 KiB");
	}
	return problems;
}
