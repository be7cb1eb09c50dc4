import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { generateSources, linkResources } from "./compile.ts";
import { ANDROID_HOST, BUILD_FOLDER, cacheFolder } from "./paths.ts";
import { openToolchain } from "./toolchain.ts";

/** What the Java tests need beside the sources: `java/` (R and Fields), `resources.apk`, `AndroidManifest.xml`. */
export const TEST_INPUTS = join(BUILD_FOLDER, "test-inputs");

/**
 * Makes {@link TEST_INPUTS} anew.
 *
 * @throws {BuildError} with aapt2's words, or 8 if the toolchain cannot be had here.
 */
export function prepareTests(say: (line: string) => void): string {
	const pins = readFileSync(join(ANDROID_HOST, "toolchain.sha256"), "utf8");
	const toolchain = openToolchain({ pins, cache: cacheFolder(), say });
	rmSync(TEST_INPUTS, { recursive: true, force: true });
	mkdirSync(TEST_INPUTS, { recursive: true });
	cpSync(join(ANDROID_HOST, "AndroidManifest.xml"), join(TEST_INPUTS, "AndroidManifest.xml"));
	linkResources({
		toolchain,
		resources: join(ANDROID_HOST, "res"),
		manifest: join(TEST_INPUTS, "AndroidManifest.xml"),
		java: generateSources(join(TEST_INPUTS, "java")),
		work: TEST_INPUTS,
		output: join(TEST_INPUTS, "resources.apk"),
	});
	return TEST_INPUTS;
}
