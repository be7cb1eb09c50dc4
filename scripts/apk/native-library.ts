import { createHash } from "node:crypto";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { BuildError } from "./build-error.ts";
import { C_LIBRARY, MATH_LIBRARY, nativeProblems } from "./native-gates.ts";
import { patchedQuickJs } from "./quickjs-source.ts";
import { SOURCE_FOLDER, type Toolchain } from "./toolchain.ts";

export const LIBRARY_NAME = "libholdfast.so";

/** The processors that the APK has an engine for. */
export const ABIS = ["arm64-v8a", "armeabi-v7a", "x86_64"] as const;
export type Abi = (typeof ABIS)[number];

/** What is compiled: for a processor of Android, or the x86-64 one linked for this machine's C library, which a JVM can load. */
export type NativeTarget = Abi | "jvm";

interface Processor {
	readonly triple: string;
	/** musl's headers, below the toolchain. Declarations only: on the phone bionic answers to these names. */
	readonly headers: string;
	/** compiler-rt's builtins of Debian's name. */
	readonly builtins: string;
	/** Names that Debian's builtins want besides. */
	readonly more: readonly string[];
}

const PROCESSORS: Readonly<Record<Abi, Processor>> = {
	"arm64-v8a": { triple: "aarch64-linux-android26", headers: "aarch64-linux-musl", builtins: "aarch64", more: [] },
	"armeabi-v7a": {
		triple: "armv7a-linux-androideabi26",
		headers: "arm-linux-musleabihf",
		builtins: "armhf",
		more: ["__stack_chk_fail", "__stack_chk_guard"],
	},
	x86_64: { triple: "x86_64-linux-android26", headers: "x86_64-linux-musl", builtins: "x86_64", more: [] },
};

const QUICKJS_SOURCES = ["quickjs.c", "libregexp.c", "libunicode.c", "cutils.c", "dtoa.c"];
const OWN_SOURCES = ["engine.c", "jni.c"];

// No stack protector: its guard would come from a C library's headers and start code, and these are none of Android's.
const COMPILE = [
	...["-O2", "-fPIC", "-fvisibility=hidden", "-ffunction-sections", "-fdata-sections", "-fno-math-errno", "-fno-stack-protector"],
	...["-DNDEBUG", "-D_GNU_SOURCE", '-DCONFIG_VERSION="2025-04-26"', "-nostdlibinc"],
];

/*
 * 16 KiB pages: max-page-size alone. With common-page-size too, lld 14 rounds the part that is made read-only up past its last page,
 * and loading fails where pages have 4 KiB.
 */
const LINK = [
	...["-shared", "-soname", LIBRARY_NAME, "-o", LIBRARY_NAME, "--no-undefined", "--gc-sections", "--exclude-libs=ALL", "-s"],
	...["--hash-style=both", "--build-id=none", "-z", "max-page-size=16384", "-z", "relro", "-z", "now", "-z", "noexecstack"],
];

export interface NativeInput {
	readonly toolchain: Toolchain;
	/** Folder of engine.c and its neighbours. */
	readonly source: string;
	/** Folder that keeps what was built, by what it was built from. */
	readonly cache: string;
	/** The compiler of Java, beside which jni.h lies. */
	readonly javac: string;
	readonly say: (line: string) => void;
}

/**
 * The engine for a target: its file, in the cache. The bytes are a function of the sources and of the toolchain.
 *
 * @throws {BuildError} with the compiler's or the linker's words, or a gate's.
 */
export function nativeLibrary(target: NativeTarget, input: NativeInput): string {
	const { cache, say } = input;
	const kept = join(cache, `native-${inputsDigest(input)}`, target);
	const library = join(kept, LIBRARY_NAME);
	if (existsSync(library)) return library;
	say(`compiling the engine for ${target}`);
	mkdirSync(dirname(kept), { recursive: true });
	const work = mkdtempSync(join(dirname(kept), "compiling-"));
	try {
		const abi = target === "jvm" ? "x86_64" : target;
		const objects = compiled(abi, input, work);
		for (const one of new Set([target, ...(abi === "x86_64" ? (["x86_64", "jvm"] as const) : [])])) {
			const bytes = linked(one, abi, objects, input.toolchain, work);
			const problems = nativeProblems(one, bytes);
			if (problems.length > 0) throw new BuildError(1, problems.join("\n"));
			keep(join(work, one), join(dirname(kept), one));
		}
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
	return library;
}

/** Object files in `work`, in the order of linking. Every path is relative, so none gets into the code. */
function compiled(abi: Abi, { toolchain, source, javac }: NativeInput, work: string): readonly string[] {
	const quickJs = join(toolchain.root, SOURCE_FOLDER, "quickjs");
	const { triple, headers } = PROCESSORS[abi];
	cpSync(quickJs, join(work, "quickjs"), { recursive: true });
	writeFileSync(join(work, "quickjs/quickjs.c"), patchedQuickJs(readFileSync(join(quickJs, "quickjs.c"), "utf8")));
	cpSync(source, join(work, "native"), { recursive: true });
	cpSync(join(toolchain.root, "usr/include", headers), join(work, "include"), { recursive: true });
	if (abi === "armeabi-v7a") useShortTime(join(work, "include/bits/alltypes.h"));
	cpSync(jniHeader(javac), join(work, "jni"), { recursive: true });
	const include = ["-isystem", "include", "-isystem", "jni", "-isystem", "jni/linux", "-isystem", "quickjs"];
	const sources = [...QUICKJS_SOURCES.map((name) => `quickjs/${name}`), ...OWN_SOURCES.map((name) => `native/${name}`)];
	return sources.map((path) => {
		const object = path.replace(/.*\//, "").replace(/\.c$/, ".o");
		const warnings = path.startsWith("native/") ? ["-Wall", "-Wextra", "-Werror"] : ["-w"];
		toolchain.clang([`--target=${triple}`, ...COMPILE, ...include, ...warnings, "-c", path, "-o", object], work);
		return object;
	});
}

/** bionic's time_t has 32 bits here, musl's has 64 behind other names: without this each would misread the other. */
function useShortTime(file: string): void {
	const declared = readFileSync(file, "utf8");
	const changed = declared
		.replace(/^#define _REDIR_TIME64.*$/m, "")
		.replace("typedef _Int64 time_t;", "typedef long time_t;")
		.replace("typedef _Int64 suseconds_t;", "typedef long suseconds_t;");
	if (changed.includes("_REDIR_TIME64 1") || /_Int64 (?:time_t|suseconds_t)/.test(changed)) {
		throw new BuildError(1, "musl declares its time otherwise than expected: look at bits/alltypes.h");
	}
	writeFileSync(file, changed);
}

function linked(target: NativeTarget, abi: Abi, objects: readonly string[], toolchain: Toolchain, work: string): Uint8Array {
	const { triple, builtins, more } = PROCESSORS[abi];
	const folder = join(work, target);
	mkdirSync(folder);
	const version = target === "jvm" ? ".6" : "";
	for (const [name, symbols] of [
		["libc.so", [...C_LIBRARY, ...more]],
		["libm.so", MATH_LIBRARY],
	] as const) {
		standIn({ name, soname: `${name}${version}`, symbols, triple, toolchain, folder });
	}
	const archive = join(toolchain.root, `usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.builtins-${builtins}.a`);
	toolchain.linker([...LINK, ...objects.map((name) => `../${name}`), "-L.", "-lc", "-lm", archive], folder);
	return readFileSync(join(folder, LIBRARY_NAME));
}

interface StandIn {
	readonly name: string;
	readonly soname: string;
	readonly symbols: readonly string[];
	readonly triple: string;
	readonly toolchain: Toolchain;
	readonly folder: string;
}

/** A library that has the allowed names and nothing behind them, to link against. One name more, and the linker stops. */
function standIn({ name, soname, symbols, triple, toolchain, folder }: StandIn): void {
	const text = symbols.map((symbol) => `.globl ${symbol}\n.type ${symbol},%function\n${symbol}:\n`).join("");
	writeFileSync(join(folder, `${name}.s`), text);
	toolchain.clang([`--target=${triple}`, "-c", `${name}.s`, "-o", `${name}.o`], folder);
	toolchain.linker(["-shared", "-soname", soname, "-o", name, `${name}.o`], folder);
}

function keep(built: string, kept: string): void {
	const alone = mkdtempSync(`${kept}-`);
	cpSync(join(built, LIBRARY_NAME), join(alone, LIBRARY_NAME));
	try {
		renameSync(alone, kept);
	} catch (error) {
		rmSync(alone, { recursive: true, force: true });
		if (!existsSync(kept)) throw error; // otherwise another build was first, with the same bytes
	}
}

function jniHeader(javac: string): string {
	const folder = join(dirname(dirname(javac)), "include");
	if (!existsSync(join(folder, "jni.h"))) {
		throw new BuildError(8, `there is no jni.h beside ${javac}. On Debian: apt-get install default-jdk-headless`);
	}
	return folder;
}

function inputsDigest({ toolchain, source, javac }: NativeInput): string {
	const hash = createHash("sha256").update(toolchain.root.replace(/.*\//, ""));
	const own = ["native-library.ts", "native-gates.ts", "quickjs-source.ts"].map((name) =>
		fileURLToPath(new URL(name, import.meta.url)),
	);
	const sources = readdirSync(source)
		.filter((name) => /\.[ch]$/.test(name))
		.sort()
		.map((name) => join(source, name));
	for (const file of [...own, ...sources, join(jniHeader(javac), "jni.h")]) hash.update(readFileSync(file)).update("\n");
	return hash.digest("hex").slice(0, 16);
}
