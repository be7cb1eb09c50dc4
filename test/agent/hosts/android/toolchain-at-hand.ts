import { readFileSync } from "node:fs";
import { join } from "node:path";

import { BuildError } from "../../../../scripts/apk/build-error.ts";
import { javacFile } from "../../../../scripts/apk/java-compiler.ts";
import { ABIS, nativeLibrary } from "../../../../scripts/apk/native-library.ts";
import { ANDROID_HOST, cacheFolder } from "../../../../scripts/apk/paths.ts";
import { run } from "../../../../scripts/apk/run.ts";
import { openToolchain, type Toolchain } from "../../../../scripts/apk/toolchain.ts";

/** The Android toolchain, with which the engines were built, or why there is none here. The first call on a machine fetches it, as scripts/build-apk does. */
export function toolchainAtHand(): Toolchain | string {
	try {
		run("javac", ["-version"]);
		const pins = readFileSync(join(ANDROID_HOST, "toolchain.sha256"), "utf8");
		const cache = cacheFolder();
		const say = () => {};
		const toolchain = openToolchain({ pins, cache, say });
		// Here and not within a test's time: compiled once, they are kept.
		for (const abi of ABIS)
			nativeLibrary(abi, { toolchain, source: join(ANDROID_HOST, "native"), cache, javac: javacFile(), say });
		return toolchain;
	} catch (error) {
		if (error instanceof BuildError) return error.message;
		throw error;
	}
}
