import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { javacFile } from "../../../../scripts/apk/java-compiler.ts";
import { type Abi, nativeLibrary } from "../../../../scripts/apk/native-library.ts";
import { ANDROID_HOST, cacheFolder } from "../../../../scripts/apk/paths.ts";
import { run } from "../../../../scripts/apk/run.ts";
import { openToolchain, type Toolchain, unpackedPins } from "../../../../scripts/apk/toolchain.ts";

const HERE = import.meta.dirname;
const JAVA = join(ANDROID_HOST, "java/dev/holdfast/agent");

/** What a program of an engine's printed. */
export interface Outcome {
	/** Nanoseconds, for each time that an engine was opened. */
	readonly loads: readonly number[];
	/** Nanoseconds, by call; a call that failed has none. */
	readonly calls: ReadonlyMap<number, number>;
	/** Lines about what was not as on Node. */
	readonly differences: readonly string[];
	/** What the engine said that it failed of. */
	readonly failures: readonly string[];
	readonly heapBytes: number;
	/** Local references that were held at once at most; a harness alone tells. */
	readonly references: number;
	/** Calls that were made, once all of them were. */
	readonly done: number;
	/** Signatures that the platform's cryptography judged by itself. */
	readonly verdicts: number;
}

/** What all engines need: the tools, and a folder for what is compiled. */
export interface Workshop {
	readonly toolchain: Toolchain;
	/** musl, enjarify and Conscrypt, unpacked. */
	readonly root: string;
	readonly folder: string;
}

/** @throws {BuildError} 8 if the tools cannot be had here. */
export function openWorkshop(folder: string): Workshop {
	const say = () => {};
	const pins = (file: string) => readFileSync(file, "utf8");
	const cache = cacheFolder();
	const toolchain = openToolchain({ pins: pins(join(ANDROID_HOST, "toolchain.sha256")), cache, say });
	return { toolchain, root: unpackedPins({ pins: pins(join(HERE, "toolchain.sha256")), cache, say }), folder };
}

/** The engine's library for a target, as the APK has it. */
export function libraryOf(target: Abi | "jvm", { toolchain }: Workshop): string {
	const source = join(ANDROID_HOST, "native");
	return nativeLibrary(target, { toolchain, source, cache: cacheFolder(), javac: javacFile(), say: () => {} });
}

export interface Question {
	readonly bundle: string;
	readonly vectors: string;
	/** Computing time for one call. */
	readonly limitMs: number;
}

/** The classes of the engine and of Conformance.java, compiled; gives their class path. */
export function jvmClasses({ folder }: Workshop): string {
	const output = join(folder, "classes");
	mkdirSync(output, { recursive: true });
	run("javac", [
		...["-nowarn", "-Xlint:-options", "-source", "8", "-target", "8", "-encoding", "UTF-8", "-d", output],
		...["core/Daemon.java", "engine/Engine.java", "engine/PlatformCrypto.java", "engine/QuickJs.java"].map((name) =>
			join(JAVA, name),
		),
		join(HERE, "java/dev/holdfast/agent/engine/Conformance.java"),
	]);
	return output;
}

/**
 * Runs Engine on a JVM, with the library that was linked for it.
 *
 * @param classPath of {@link jvmClasses}, or of the classes that the dex was turned back into.
 * @param options a provider of cryptography that is asked first, by its class; and whether the JVM checks its border.
 */
export function onJvm(
	workshop: Workshop,
	classPath: string,
	{ bundle, vectors, limitMs }: Question,
	{ provider, checked = true }: { provider?: string | undefined; checked?: boolean } = {},
): Outcome {
	const libraries = join(libraryOf("jvm", workshop), "..");
	const options = [`-Djava.library.path=${libraries}`, "-cp", classPath, ...(checked ? ["-Xcheck:jni"] : [])];
	const args = [bundle, vectors, String(limitMs), ...(provider === undefined ? [] : [provider])];
	return readOutcome(
		run("java", [...options, "dev.holdfast.agent.engine.Conformance", ...args], { deadlineMs: 300_000, folder: workshop.folder }),
	);
}

interface Machine {
	/** Debian's name of what musl was built for. */
	readonly musl: string;
	readonly loader: string;
	readonly builtins: string;
	readonly flags: readonly string[];
	/** Runs the program where the processor is another one. */
	readonly emulator?: string;
}

const MACHINES: Readonly<Record<Abi, Machine>> = {
	x86_64: { musl: "x86_64-linux-musl", loader: "ld-musl-x86_64.so.1", builtins: "x86_64", flags: [] },
	"arm64-v8a": {
		musl: "aarch64-linux-musl",
		loader: "ld-musl-aarch64.so.1",
		builtins: "aarch64",
		flags: [],
		emulator: "qemu-aarch64-static",
	},
	"armeabi-v7a": {
		musl: "arm-linux-musleabi",
		loader: "ld-musl-arm.so.1",
		builtins: "armhf",
		flags: ["-march=armv7-a", "-mfpu=vfpv3-d16", "-mfloat-abi=softfp"],
		emulator: "qemu-arm-static",
	},
};

/** The emulator that a processor needs here; none if it is this machine's own. */
export function emulatorOf(abi: Abi): string | undefined {
	return MACHINES[abi].emulator;
}

/** Compiles the harness for a processor, and gives the command that runs it. */
export function harnessFor(abi: Abi, { toolchain, root, folder }: Workshop): readonly string[] {
	const { musl, loader, builtins, flags, emulator } = MACHINES[abi];
	const work = join(folder, abi);
	mkdirSync(work, { recursive: true });
	const sources = ["harness", "border", "sha256"];
	const libraries = join(abi === "armeabi-v7a" ? root : toolchain.root, "usr/lib", musl);
	const headers = join(abi === "armeabi-v7a" ? root : toolchain.root, "usr/include", musl);
	const java = join(javacFile(), "../../include");
	for (const name of sources) {
		const options = ["-O2", "-Wall", "-Wextra", "-Werror", "-fno-stack-protector", ...flags];
		const include = ["-nostdlibinc", "-isystem", headers, "-isystem", java, "-isystem", join(java, "linux")];
		const source = join(HERE, `native/${name}.c`);
		toolchain.clang([`--target=${musl}`, ...include, ...options, "-c", source, "-o", `${name}.o`], work);
	}
	// musl's loader by its full path: no other C library has to be installed, and it opens the phone's library as its own.
	const interpreter = join(root, "usr/lib", loader);
	const start = ["crt1.o", "crti.o"].map((name) => join(libraries, name));
	const archive = join(toolchain.root, `usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.builtins-${builtins}.a`);
	const objects = sources.map((name) => `${name}.o`);
	toolchain.linker(
		["-dynamic-linker", interpreter, "-o", "harness", ...start, ...objects, archive, interpreter, join(libraries, "crtn.o")],
		work,
	);
	return [...(emulator === undefined ? [] : [emulator]), join(work, "harness")];
}

/** Runs a phone's library. */
export function inHarness(harness: readonly string[], library: string, { bundle, vectors, limitMs }: Question): Outcome {
	const [command = "", ...args] = harness;
	return readOutcome(run(command, [...args, library, bundle, vectors, String(limitMs)], { deadlineMs: 600_000 }));
}

function readOutcome(printed: string): Outcome {
	const lines = printed.trimEnd().split("\n");
	const about = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
	const number = (word: string) => Number(about(word)[0] ?? 0);
	const timed = about("call").map((line) => line.split(" ").map(Number));
	return {
		loads: about("load").map(Number),
		calls: new Map(timed.map(([call = 0, time = 0]) => [call, time])),
		// What a JVM that checks its border has to say of it is printed, too.
		differences: [...about("differs"), ...about("WARNING"), ...about("FATAL")],
		failures: about("failed"),
		heapBytes: number("heap"),
		references: number("references"),
		done: number("done"),
		verdicts: number("verdicts"),
	};
}
