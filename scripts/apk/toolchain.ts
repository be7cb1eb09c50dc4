import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { BuildError } from "./build-error.ts";
import { DOWNLOAD_DEADLINE_MS, fetchPins, parsePins } from "./pins.ts";
import { run } from "./run.ts";

/** Ordinary libraries that the tools take from the system, and the Debian package of each. */
const SYSTEM_LIBRARIES: ReadonlyMap<string, string> = new Map([
	["libatomic.so.1", "libatomic1"],
	["libbsd.so.0", "libbsd0"],
	["libedit.so.2", "libedit2"],
	["libexpat.so.1", "libexpat1"],
	["libffi.so.8", "libffi8"],
	["liblz4.so.1", "liblz4-1"],
	["libpng16.so.16", "libpng16-16"],
	["libtinfo.so.6", "libtinfo6"],
	["libxml2.so.2", "libxml2"],
	["libz.so.1", "zlib1g"],
]);

/** The tools, ready to run. */
export interface Toolchain {
	aapt2(args: readonly string[]): string;
	dexdump(args: readonly string[]): string;
	clang(args: readonly string[], folder: string): string;
	linker(args: readonly string[], folder: string): string;
	readonly dxJar: string;
	readonly apksignerJar: string;
	/** Framework resources, for `aapt2 link -I`. */
	readonly frameworkResources: string;
	/** Framework classes, for javac's boot class path. */
	readonly frameworkClasses: string;
	/** The folder into which everything was unpacked. */
	readonly root: string;
}

export interface ToolchainOptions {
	/** Text of toolchain.sha256. */
	readonly pins: string;
	/** Folder that keeps unpacked toolchains. */
	readonly cache: string;
	readonly say: (line: string) => void;
}

/**
 * The toolchain of exactly these pins: from the cache, or fetched, checked, unpacked. Nothing of it is installed.
 *
 * @throws {BuildError} 8 if it cannot be had here: wrong system, no network, a package that is gone or has changed.
 */
export function openToolchain({ pins, cache, say }: ToolchainOptions): Toolchain {
	if (process.platform !== "linux" || process.arch !== "x64") {
		throw new BuildError(
			8,
			`The APK is built on x86-64 Linux; this is ${process.platform} on ${process.arch}. Build it there and copy it here.`,
		);
	}
	const root = unpackedPins({ pins, cache, say }, (unpacked) => provideSystemLibraries(unpacked, say));
	const env = { LD_LIBRARY_PATH: libraryPath(root) };
	const tool = (path: string) => (args: readonly string[], folder?: string) =>
		run(join(root, path), args, folder === undefined ? { env } : { env, folder });
	return {
		aapt2: tool(TOOLS.aapt2),
		dexdump: tool(TOOLS.dexdump),
		clang: tool(TOOLS.clang),
		linker: tool(TOOLS.linker),
		dxJar: join(root, "usr/share/java/com.android.dx-10.0.0.jar"),
		apksignerJar: join(root, "usr/share/java/apksigner-35.0.2.jar"),
		frameworkResources: join(root, "usr/share/android-framework-res/framework-res.apk"),
		// java.* is not among Robolectric's classes; what both have is taken from the first.
		frameworkClasses: [join(root, MAVEN_FOLDER, "android-all.jar"), join(root, "usr/share/java/com.android.android-23.jar")].join(
			":",
		),
		root,
	};
}

const TOOLS = {
	aapt2: "usr/lib/android-sdk/build-tools/debian/aapt2",
	dexdump: "usr/lib/android-sdk/build-tools/debian/dexdump",
	clang: "usr/lib/llvm-14/bin/clang",
	linker: "usr/lib/llvm-14/bin/ld.lld",
} as const;

/** Where a source archive is unpacked, and where an artifact of Maven's is put. */
export const SOURCE_FOLDER = "usr/src";
const MAVEN_FOLDER = "usr/share/maven-repo";

/**
 * A folder with exactly these pins unpacked in it: from the cache, or fetched and checked. A second process doing the same does no
 * harm: whoever is first wins the rename.
 *
 * @param finish has the last word on a folder that was just unpacked.
 */
export function unpackedPins({ pins, cache, say }: ToolchainOptions, finish: (root: string) => void = () => {}): string {
	const root = join(cache, `toolchain-${createHash("sha256").update(pins).digest("hex").slice(0, 16)}`);
	if (existsSync(root)) return root;
	mkdirSync(cache, { recursive: true });
	const temporary = mkdtempSync(join(cache, "unpacking-"));
	try {
		const wanted = parsePins(pins);
		say(`fetching ${wanted.length} packages, once, by checksum; they are unpacked into ${cache}, not installed`);
		for (const file of fetchPins(wanted, temporary)) unpack(file, join(temporary, "root"));
		finish(join(temporary, "root"));
		rename(join(temporary, "root"), root);
	} finally {
		rmSync(temporary, { recursive: true, force: true });
	}
	return root;
}

function unpack(file: string, root: string): void {
	if (file.endsWith(".deb")) {
		run("dpkg-deb", ["-x", file, root]);
		return;
	}
	if (file.endsWith(".jar")) {
		mkdirSync(join(root, MAVEN_FOLDER), { recursive: true });
		renameSync(file, join(root, MAVEN_FOLDER, basename(file)));
		return;
	}
	const folder = join(root, SOURCE_FOLDER, basename(file).replace(/_.*/, ""));
	mkdirSync(folder, { recursive: true });
	run("tar", ["-xJf", file, "-C", folder, "--strip-components=1"]);
}

function libraryPath(root: string): string {
	return ["usr/lib/x86_64-linux-gnu/android", "usr/lib/x86_64-linux-gnu", "usr/lib/p7zip"]
		.map((folder) => join(root, folder))
		.join(":");
}

/** The tools' few ordinary libraries are the system's: those move with security updates, so they are not pinned. */
function provideSystemLibraries(root: string, say: (line: string) => void): void {
	const missing = missingLibraries(root);
	if (missing.length === 0) return;
	const packages = missing.map((library) => SYSTEM_LIBRARIES.get(library)).filter((name) => name !== undefined);
	const command = `apt-get install ${packages.join(" ")}`;
	if (packages.length === missing.length && process.getuid?.() === 0) {
		say(`installing the Debian packages ${packages.join(", ")} (libraries of the Android tools)`);
		for (const args of [
			["update", "-qq"],
			["install", "-y", "-qq", "--no-install-recommends", ...packages],
		]) {
			spawnSync("apt-get", args, { stdio: "ignore", timeout: DOWNLOAD_DEADLINE_MS });
		}
	}
	const still = missingLibraries(root);
	if (still.length > 0) throw new BuildError(8, `The Android tools lack ${still.join(", ")}. On Debian: ${command}`);
}

function missingLibraries(root: string): readonly string[] {
	const listings = Object.values(TOOLS).map((tool) =>
		run("ldd", [join(root, tool)], {
			env: { LD_LIBRARY_PATH: libraryPath(root) },
		}),
	);
	return [...new Set(listings.join("\n").match(/\S+(?= => not found)/g) ?? [])];
}

function rename(from: string, to: string): void {
	try {
		renameSync(from, to);
	} catch (error) {
		if (!existsSync(to)) throw error; // otherwise another build put the same toolchain there first
	}
}
