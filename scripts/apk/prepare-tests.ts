import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { bundleAgent } from "../agent/bundle-agent.ts";
import { generateSources, linkResources } from "./compile.ts";
import { javacFile } from "./java-compiler.ts";
import { LIBRARY_NAME, nativeLibrary } from "./native-library.ts";
import { ANDROID_HOST, BUILD_FOLDER, cacheFolder } from "./paths.ts";
import { openToolchain } from "./toolchain.ts";

/** What the Java tests need beside the sources: `java/` (R and Fields), `resources.apk`, `AndroidManifest.xml`. */
export const TEST_INPUTS = join(BUILD_FOLDER, "test-inputs");

/** The engine as a JVM loads it, and the agent's bundle. */
export const JVM_ENGINE = join(BUILD_FOLDER, "engine/jvm", LIBRARY_NAME);
export const BUNDLE = join(BUILD_FOLDER, "agent.js");

/**
 * Makes {@link TEST_INPUTS}, {@link JVM_ENGINE} and {@link BUNDLE} anew.
 *
 * @throws {BuildError} with aapt2's words, or 8 if the toolchain cannot be had here.
 */
export async function prepareTests(say: (line: string) => void): Promise<string> {
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
	const native = { toolchain, source: join(ANDROID_HOST, "native"), cache: cacheFolder(), javac: javacFile(), say };
	mkdirSync(dirname(JVM_ENGINE), { recursive: true });
	// Renamed into its place: a JVM that runs may have the old one mapped.
	copyFileSync(nativeLibrary("jvm", native), `${JVM_ENGINE}.${process.pid}`);
	renameSync(`${JVM_ENGINE}.${process.pid}`, JVM_ENGINE);
	writeFileSync(BUNDLE, await bundleAgent());
	return TEST_INPUTS;
}
