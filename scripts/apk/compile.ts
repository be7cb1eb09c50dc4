import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { unzipSync, type Zippable, zipSync } from "fflate";

import { BuildError } from "./build-error.ts";
import { dexProblems } from "./gates.ts";
import { javacFile } from "./java-compiler.ts";
import { type Abi, LIBRARY_NAME } from "./native-library.ts";
import { run } from "./run.ts";
import { SOURCE_FOLDER, type Toolchain } from "./toolchain.ts";
import { wireFields } from "./wire-fields.ts";

export const MIN_SDK = 26;
/** ZIP times have no zone; this is the first one there is. */
const ZIP_EPOCH = new Date(1980, 0, 1);

export interface CompileInput {
	readonly toolchain: Toolchain;
	/** Folder with AndroidManifest.xml's neighbours: `java/`, `res/`. */
	readonly source: string;
	/** Text of AndroidManifest.xml. */
	readonly manifest: string;
	/** The agent as one script. */
	readonly bundle: Uint8Array;
	/** The engine for each processor. */
	readonly libraries: ReadonlyMap<Abi, Uint8Array>;
	/** Empty folder for what comes between. */
	readonly work: string;
	/** Folder that keeps the dex for APKs that differ in their manifest alone; absent to make it anew. */
	readonly parts?: string;
}

/**
 * Sources to an unsigned APK. Everything that could differ between two runs is taken out of it: entries sorted, times fixed, one
 * compressor (fflate, pinned by the lock file, not the machine's zlib), no paths of this machine.
 *
 * @throws {BuildError} with the compiler's words, or the gate's.
 */
export function compileApk({ toolchain, source, manifest, bundle, libraries, work, parts }: CompileInput): Uint8Array {
	const generated = generateSources(join(work, "generated"));
	const base = join(work, "base.apk");
	const manifestFile = join(work, "AndroidManifest.xml");
	writeFileSync(manifestFile, manifest);
	linkResources({ toolchain, resources: join(source, "res"), manifest: manifestFile, java: generated, work, output: base });

	const sources = [...filesUnder(join(source, "java"), ".java"), ...filesUnder(generated, ".java")];
	const entries: Record<string, Uint8Array> = {
		...unzipSync(readFileSync(base)),
		"classes.dex": keptDex(parts, toolchain, sources, () => {
			const classes = compileJava(toolchain, sources, join(work, "classes"));
			return compileDex(toolchain, classes, join(work, "classes.dex"));
		}),
		"assets/agent.js": bundle,
		// Its license asks to go wherever the engine goes.
		"assets/quickjs-license.txt": readFileSync(join(toolchain.root, SOURCE_FOLDER, "quickjs/LICENSE")),
	};
	for (const [abi, library] of libraries) entries[`lib/${abi}/${LIBRARY_NAME}`] = library;
	return packApk(entries);
}

/** The dex of exactly these sources and compilers: from the folder, or made and put there. */
function keptDex(
	folder: string | undefined,
	{ root }: Toolchain,
	sources: readonly string[],
	make: () => Uint8Array,
): Uint8Array {
	if (folder === undefined) return make();
	const javac = javacFile();
	const hash = createHash("sha256").update(`${root} ${javac} ${statSync(javac).mtimeMs}\n`);
	for (const file of sources) hash.update(readFileSync(file)).update("\n");
	const kept = join(folder, `${hash.digest("hex").slice(0, 16)}.dex`);
	if (!existsSync(kept)) {
		mkdirSync(folder, { recursive: true });
		writeFileSync(`${kept}.${process.pid}`, make());
		renameSync(`${kept}.${process.pid}`, kept);
	}
	return readFileSync(kept);
}

/** Java sources that follow from the schemas. Gives the folder. */
export function generateSources(folder: string): string {
	mkdirSync(join(folder, "dev/holdfast/agent/wire"), { recursive: true });
	writeFileSync(join(folder, "dev/holdfast/agent/wire/Fields.java"), wireFields());
	return folder;
}

interface LinkInput {
	readonly toolchain: Toolchain;
	/** Folder of resources. */
	readonly resources: string;
	/** The manifest's file. */
	readonly manifest: string;
	/** Folder where R.java goes. */
	readonly java: string;
	/** Folder for what comes between. */
	readonly work: string;
	/** The APK of resources alone. */
	readonly output: string;
}

/** Resources and manifest to an APK without code. */
export function linkResources({ toolchain, resources, manifest, java, work, output }: LinkInput): void {
	toolchain.aapt2(["compile", "--dir", resources, "-o", join(work, "resources.zip")]);
	toolchain.aapt2([
		// aapt2 2.19 is older than <queries>: it writes the element as it should, and warns.
		...["link", "--warn-manifest-validation", "-o", output, "-I", toolchain.frameworkResources, "--manifest", manifest],
		...["--java", java, "--no-version-vectors", join(work, "resources.zip")],
	]);
}

/**
 * Java to class files of version 52. `-bootclasspath` and not `--release`: the latter would compile against the JDK's own classes.
 */
function compileJava(toolchain: Toolchain, sources: readonly string[], output: string): string {
	mkdirSync(output, { recursive: true });
	const options = ["-nowarn", "-Xlint:-options", "-source", "8", "-target", "8", "-encoding", "UTF-8", "-proc:none"];
	run("javac", [...options, "-bootclasspath", toolchain.frameworkClasses, "-d", output, ...sources]);
	return output;
}

/** Class files to dex, and at once the gate on what dx lets through but no Android can run. */
export function compileDex(toolchain: Toolchain, classes: string, output: string): Uint8Array {
	const dx = ["-cp", toolchain.dxJar, "com.android.dx.command.Main", "--dex", `--min-sdk-version=${MIN_SDK}`];
	run("java", [...dx, `--output=${output}`, classes]);
	const problems = dexProblems(toolchain.dexdump(["-d", output]));
	if (problems.length > 0) throw new BuildError(1, problems.join("\n"));
	return readFileSync(output);
}

/** Native code and the resource table are stored, because Android maps them from the APK; apksigner aligns them. */
export function packApk(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
	const zippable: Zippable = {};
	for (const name of Object.keys(entries).sort()) {
		const stored = name === "resources.arsc" || name.endsWith(".so");
		zippable[name] = [entries[name] ?? new Uint8Array(), { level: stored ? 0 : 9, mtime: ZIP_EPOCH, os: 0 }];
	}
	return zipSync(zippable);
}

function filesUnder(folder: string, ending: string): readonly string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(ending))
		.sort()
		.map((name) => join(folder, name));
}
