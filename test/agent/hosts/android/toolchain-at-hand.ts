import { readFileSync } from "node:fs";
import { join } from "node:path";

import { BuildError } from "../../../../scripts/apk/build-error.ts";
import { ANDROID_HOST, cacheFolder } from "../../../../scripts/apk/paths.ts";
import { run } from "../../../../scripts/apk/run.ts";
import { openToolchain, type Toolchain } from "../../../../scripts/apk/toolchain.ts";

/** The Android toolchain, or why there is none here. The first call on a machine fetches it, as scripts/build-apk does. */
export function toolchainAtHand(): Toolchain | string {
	try {
		run("javac", ["-version"]);
		const pins = readFileSync(join(ANDROID_HOST, "toolchain.sha256"), "utf8");
		return openToolchain({ pins, cache: cacheFolder(), say: () => {} });
	} catch (error) {
		if (error instanceof BuildError) return error.message;
		throw error;
	}
}
