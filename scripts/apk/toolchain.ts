import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { BuildError } from "./build-error.ts";
import { run } from "./run.ts";

const APT_HELPER = "/usr/lib/apt/apt-helper";
/** Another archive, or several with spaces between; for when a pinned package has left the usual one. */
const MIRROR_VARIABLE = "HOLDFAST_DEBIAN_MIRROR";
const DOWNLOAD_DEADLINE_MS = 10 * 60_000;

/** Ordinary libraries that the tools take from the system, and the Debian package of each. */
const SYSTEM_LIBRARIES: ReadonlyMap<string, string> = new Map([
	["libatomic.so.1", "libatomic1"],
	["libexpat.so.1", "libexpat1"],
	["liblz4.so.1", "liblz4-1"],
	["libpng16.so.16", "libpng16-16"],
	["libz.so.1", "zlib1g"],
]);

/** One line of toolchain.sha256. */
export interface Pin {
	readonly sha256: string;
	/** Path below a Debian mirror, percent-encoded as there. */
	readonly path: string;
}

/** The tools, ready to run. */
export interface Toolchain {
	aapt2(args: readonly string[]): string;
	dexdump(args: readonly string[]): string;
	readonly dxJar: string;
	readonly apksignerJar: string;
	/** Framework resources, for `aapt2 link -I`. */
	readonly frameworkResources: string;
	/** Framework classes, for javac's boot class path. */
	readonly frameworkClasses: string;
}

export interface ToolchainOptions {
	/** Text of toolchain.sha256. */
	readonly pins: string;
	/** Folder that keeps unpacked toolchains. */
	readonly cache: string;
	readonly say: (line: string) => void;
}

/**
 * The toolchain of exactly these pins: from the cache, or fetched, checked, unpacked. Nothing of it is installed. A second process
 * doing the same does no harm: whoever is first wins the rename.
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
	const root = join(cache, `toolchain-${createHash("sha256").update(pins).digest("hex").slice(0, 16)}`);
	if (!existsSync(root)) {
		mkdirSync(cache, { recursive: true });
		const temporary = mkdtempSync(join(cache, "unpacking-"));
		try {
			unpack(fetchAll(parsePins(pins), temporary, say), join(temporary, "root"));
			provideSystemLibraries(join(temporary, "root"), say);
			rename(join(temporary, "root"), root);
		} finally {
			rmSync(temporary, { recursive: true, force: true });
		}
	}
	const env = { LD_LIBRARY_PATH: libraryPath(root) };
	return {
		aapt2: (args) => run(join(root, TOOLS.aapt2), args, { env }),
		dexdump: (args) => run(join(root, TOOLS.dexdump), args, { env }),
		dxJar: join(root, "usr/share/java/com.android.dx-10.0.0.jar"),
		apksignerJar: join(root, "usr/share/java/apksigner-35.0.2.jar"),
		frameworkResources: join(root, "usr/share/android-framework-res/framework-res.apk"),
		frameworkClasses: join(root, "usr/share/java/com.android.android-23.jar"),
	};
}

const TOOLS = {
	aapt2: "usr/lib/android-sdk/build-tools/debian/aapt2",
	dexdump: "usr/lib/android-sdk/build-tools/debian/dexdump",
} as const;

/** @throws {BuildError} if a line is neither a comment nor a checksum and a path. */
export function parsePins(text: string): readonly Pin[] {
	return text
		.split("\n")
		.filter((line) => line.trim() !== "" && !line.startsWith("#"))
		.map((line) => {
			const [, sha256, path] = /^([0-9a-f]{64}) {2}(pool\/[\w.+%/-]+\.deb)$/.exec(line) ?? [];
			if (sha256 === undefined || path === undefined)
				throw new BuildError(1, `toolchain.sha256 has a line that is not a pin: ${line}`);
			return { sha256, path };
		});
}

function fetchAll(pins: readonly Pin[], folder: string, say: (line: string) => void): readonly string[] {
	if (!existsSync(APT_HELPER)) {
		throw new BuildError(
			8,
			"The Android tools come from Debian packages, and this system has no apt. Build the APK on Debian or Ubuntu.",
		);
	}
	const found = mirrors();
	if (found.length === 0) {
		throw new BuildError(8, `No Debian archive among apt's sources. Name one: ${MIRROR_VARIABLE}=ADDRESS scripts/build-apk`);
	}
	say(`fetching ${pins.length} Debian packages (about 40 MB, once) for the Android tools; they are unpacked, not installed`);
	return pins.map((pin) => fetchOne(pin, folder, found));
}

/** apt's own downloader: it knows the proxy, and refuses what does not match the checksum. */
function fetchOne({ sha256, path }: Pin, folder: string, from: readonly string[]): string {
	const target = join(folder, decodeURIComponent(basename(path)));
	let mismatch = false;
	for (const mirror of from) {
		const args = [
			"-o",
			"APT::Sandbox::User=root",
			"-o",
			"Acquire::Retries=2",
			"download-file",
			`${mirror}/${path}`,
			target,
			`SHA256:${sha256}`,
		];
		const result = spawnSync(APT_HELPER, args, {
			encoding: "utf8",
			timeout: DOWNLOAD_DEADLINE_MS,
			stdio: ["ignore", "pipe", "pipe"],
		});
		if (result.status === 0 && createHash("sha256").update(readFileSync(target)).digest("hex") === sha256) return target;
		mismatch ||= /hash sum mismatch/i.test(`${result.stdout}${result.stderr}`) || result.status === 0;
	}
	if (mismatch) {
		throw new BuildError(
			8,
			`${basename(target)} is not the package that toolchain.sha256 names: its checksum has changed. Nothing was used of it.`,
		);
	}
	throw new BuildError(
		8,
		`${basename(target)} could not be fetched. Without a network there is no first build; if the archive no longer has this version, ` +
			`name one that does: ${MIRROR_VARIABLE}="ADDRESS ..." scripts/build-apk`,
	);
}

function mirrors(): readonly string[] {
	const named = process.env[MIRROR_VARIABLE];
	const text =
		named ??
		spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], { encoding: "utf8" }).stdout ??
		"";
	const addresses = text.split(/\s+/).map((address) => address.replace(/\/+$/, ""));
	return [...new Set(addresses.filter((address) => (named === undefined ? address.endsWith("/debian") : address !== "")))];
}

function unpack(packages: readonly string[], root: string): void {
	for (const file of packages) run("dpkg-deb", ["-x", file, root]);
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
		spawnSync("apt-get", ["update", "-qq"], {
			stdio: "ignore",
			timeout: DOWNLOAD_DEADLINE_MS,
		});
		spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
			stdio: "ignore",
			timeout: DOWNLOAD_DEADLINE_MS,
		});
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
