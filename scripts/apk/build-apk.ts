import { createHash } from "node:crypto";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { readZip } from "../../provisioning/handset/apk/zip.ts";
import { readApk } from "../../provisioning/handset/apk.ts";
import { bundleAgent } from "../agent/bundle-agent.ts";
import { BuildError } from "./build-error.ts";
import { compileApk } from "./compile.ts";
import { allowedPermissions, layoutProblems, manifestProblems, signatureProblems } from "./gates.ts";
import { javacFile } from "./java-compiler.ts";
import { ABIS, nativeLibrary } from "./native-library.ts";
import { ANDROID_HOST, BUILD_FOLDER, cacheFolder, PROJECT_ROOT } from "./paths.ts";
import { run } from "./run.ts";
import { developmentKey, type SigningKey, signApk } from "./signing-key.ts";
import { openToolchain, type Toolchain } from "./toolchain.ts";
import { apkName, type Variant, variantManifest } from "./variant.ts";

export interface BuildRequest {
	readonly variant: Variant;
	/** The lender's key; absent for this machine's development key. */
	readonly release?: SigningKey;
	/** A copy of the result; absent for the usual place only. */
	readonly out?: string;
	/** Build even when nothing has changed. */
	readonly force?: boolean;
	readonly say: (line: string) => void;
}

export interface BuildResult {
	readonly path: string;
	readonly sha256: string;
	readonly size: number;
	readonly rebuilt: boolean;
}

/**
 * The signed APK, through every gate. Rebuilt only when sources, build code, compiler or key have changed; the bytes are a function of
 * these alone.
 *
 * @throws {BuildError} if there is none; what was there before is left as it was.
 */
export async function buildApk(request: BuildRequest): Promise<BuildResult> {
	const cache = cacheFolder();
	const key = request.release ?? developmentKey(cache, request.variant.kind === "otherSigner" ? "other-signer" : "development");
	const built = join(BUILD_FOLDER, apkName(request.variant));
	const stampFile = `${built}.stamp`;
	const bundle = await bundleAgent();
	const inputs = inputsDigest(request.variant, key, bundle);

	let rebuilt = false;
	if (request.force === true || !isCurrent(built, stampFile, inputs)) {
		mkdirSync(BUILD_FOLDER, { recursive: true });
		const work = mkdtempSync(join(BUILD_FOLDER, "work-"));
		try {
			const pins = readFileSync(join(ANDROID_HOST, "toolchain.sha256"), "utf8");
			const toolchain = openToolchain({ pins, cache, say: request.say });
			const signed = compileAndSign({ toolchain, request, key, bundle, work });
			check(toolchain, signed, request.variant);
			// The stamp goes first and names the bytes: a stop between the two renames only means building again.
			writeFileSync(join(work, "stamp"), `${inputs} ${sha256File(signed)}\n`);
			renameSync(join(work, "stamp"), stampFile);
			renameSync(signed, built);
			rebuilt = true;
		} finally {
			rmSync(work, { recursive: true, force: true });
		}
	}
	if (request.out !== undefined) copyTo(built, request.out);
	return {
		path: request.out ?? built,
		sha256: sha256File(built),
		size: statSync(built).size,
		rebuilt,
	};
}

function copyTo(built: string, out: string): void {
	try {
		mkdirSync(dirname(out), { recursive: true });
		copyFileSync(built, out);
	} catch (error) {
		throw new BuildError(1, `${out} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
	}
}

interface SignedInput {
	readonly toolchain: Toolchain;
	readonly request: BuildRequest;
	readonly key: SigningKey;
	readonly bundle: Uint8Array;
	readonly work: string;
}

function compileAndSign({ toolchain, request, key, bundle, work }: SignedInput): string {
	const manifest = variantManifest(readFileSync(join(ANDROID_HOST, "AndroidManifest.xml"), "utf8"), request.variant);
	const native = { toolchain, source: join(ANDROID_HOST, "native"), cache: cacheFolder(), javac: javacFile(), say: request.say };
	const libraries = new Map(ABIS.map((abi) => [abi, readFileSync(nativeLibrary(abi, native))]));
	const parts = request.force === true ? {} : { parts: join(BUILD_FOLDER, "parts") };
	const unsigned = join(work, "unsigned.apk");
	const signed = join(work, "signed.apk");
	writeFileSync(unsigned, compileApk({ toolchain, source: ANDROID_HOST, manifest, bundle, libraries, work, ...parts }));
	signApk(toolchain, key, unsigned, signed);
	return signed;
}

/** A variant is let through the one gate that it exists to break. */
function check(toolchain: Toolchain, apk: string, variant: Variant): void {
	const bytes = readFileSync(apk);
	const facts = readApk(bytes);
	const wanted = {
		testOnly: variant.kind === "testOnly",
		debuggable: variant.kind === "debuggable",
	};
	if (facts.testOnly !== wanted.testOnly || facts.debuggable !== wanted.debuggable)
		throw new BuildError(1, "testOnly or debuggable is not as asked for");
	const verified = run("java", [
		"-jar",
		toolchain.apksignerJar,
		"verify",
		"--verbose",
		"--print-certs",
		"--min-sdk-version",
		"26",
		apk,
	]);
	const problems = [
		...manifestProblems(
			{ ...facts, testOnly: false, debuggable: false },
			allowedPermissions(readFileSync(join(ANDROID_HOST, "permissions.allowed"), "utf8")),
		),
		...layoutProblems(readZip(bytes)),
		...signatureProblems(verified),
	];
	if (problems.length > 0) throw new BuildError(1, problems.join("\n"));
}

function isCurrent(built: string, stampFile: string, inputs: string): boolean {
	if (!existsSync(built) || !existsSync(stampFile)) return false;
	return readFileSync(stampFile, "utf8") === `${inputs} ${sha256File(built)}\n`;
}

/** Everything that the bytes depend on, as one digest. */
function inputsDigest(variant: Variant, key: SigningKey, bundle: Uint8Array): string {
	const hash = createHash("sha256").update(bundle);
	const sources = [
		...filesUnder(ANDROID_HOST).filter((name) => !name.startsWith(BUILD_FOLDER) && !name.endsWith(".md")),
		...filesUnder(join(PROJECT_ROOT, "scripts/apk")),
		join(PROJECT_ROOT, "package-lock.json"),
	];
	for (const file of sources) hash.update(`${file.slice(PROJECT_ROOT.length)} ${sha256File(file)}\n`);
	const javac = javacFile();
	return hash
		.update(`${JSON.stringify(variant)} ${sha256File(key.keystore)} ${javac} ${statSync(javac).mtimeMs}\n`)
		.digest("hex");
}

function filesUnder(folder: string): readonly string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.map((name) => join(folder, name))
		.filter((name) => !basename(name).startsWith(".") && statSync(name, { throwIfNoEntry: false })?.isFile() === true)
		.sort();
}

function sha256File(file: string): string {
	return createHash("sha256").update(readFileSync(file)).digest("hex");
}
