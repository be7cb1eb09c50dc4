import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { readZip } from "../../../../provisioning/handset/apk/zip.ts";
import { readApk } from "../../../../provisioning/handset/apk.ts";
import { bundleAgent } from "../../../../scripts/agent/bundle-agent.ts";
import { BuildError } from "../../../../scripts/apk/build-error.ts";
import { compileApk, compileDex } from "../../../../scripts/apk/compile.ts";
import { allowedPermissions, dexProblems, layoutProblems, manifestProblems } from "../../../../scripts/apk/gates.ts";
import { javacFile } from "../../../../scripts/apk/java-compiler.ts";
import { nativeProblems } from "../../../../scripts/apk/native-gates.ts";
import { ABIS, nativeLibrary } from "../../../../scripts/apk/native-library.ts";
import { ANDROID_HOST, cacheFolder, PROJECT_ROOT } from "../../../../scripts/apk/paths.ts";
import { run } from "../../../../scripts/apk/run.ts";
import { openToolchain } from "../../../../scripts/apk/toolchain.ts";
import { toolchainAtHand } from "./toolchain-at-hand.ts";

const toolchain = toolchainAtHand();
if (typeof toolchain === "string") console.warn(`the APK is not built here, so its tests are skipped: ${toolchain}`);

/** scripts/build-apk behind its set-up. */
function buildApk(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
	const main = join(PROJECT_ROOT, "scripts/apk/main.ts");
	return spawnSync(process.execPath, ["--import", "tsx", main, ...args], {
		cwd: PROJECT_ROOT,
		encoding: "utf8",
		env: { ...process.env, ...env },
		timeout: 60_000,
	});
}

describe.skipIf(typeof toolchain === "string")("scripts/build-apk", { timeout: 120_000 }, () => {
	if (typeof toolchain === "string") return;
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "holdfast-apk-"));
	});
	afterAll(() => {
		rmSync(folder, { recursive: true, force: true });
		for (const version of [41, 42, 43]) {
			const apk = join(ANDROID_HOST, `build/holdfast-agent-version-${version}.apk`);
			rmSync(apk, { force: true });
			rmSync(`${apk}.stamp`, { force: true });
		}
	});
	const at = (name: string) => join(folder, name);

	/** Builds a copy into the folder and gives its bytes. */
	function built(name: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Buffer {
		const result = buildApk(["--out", at(name), ...args], env);
		expect(result.stderr + result.stdout).toContain(name);
		expect(result.status).toBe(0);
		return readFileSync(at(name));
	}

	function keystore(name: string, algorithm: readonly string[]): string {
		const password = at(`${name}.password`);
		writeFileSync(password, "a lender's password\n");
		const key = ["-genkeypair", "-keystore", at(name), "-storetype", "PKCS12", "-storepass:file", password, "-alias", "agent"];
		run("keytool", [...key, ...algorithm, "-dname", "CN=lender", "-validity", "10000"]);
		return password;
	}

	it("makes an APK that every gate and the reader agree on", () => {
		const apk = built("agent.apk");
		const facts = readApk(apk);
		expect(facts).toMatchObject({
			packageName: "dev.holdfast.agent",
			minSdk: 26,
			targetSdk: 35,
			testOnly: false,
			debuggable: false,
		});
		expect(manifestProblems(facts, allowedPermissions(readFileSync(join(ANDROID_HOST, "permissions.allowed"), "utf8")))).toEqual(
			[],
		);
		expect(layoutProblems(readZip(apk))).toEqual([]);
	});

	it("names the signer and the facts that Android's own tools name", () => {
		built("agent.apk");
		const facts = readApk(readFileSync(at("agent.apk")));
		const certificates = run("java", [
			"-jar",
			toolchain.apksignerJar,
			"verify",
			"--print-certs",
			"--min-sdk-version",
			"26",
			at("agent.apk"),
		]);
		expect(certificates).toContain(`certificate SHA-256 digest: ${facts.signerSha256[0]}`);
		const badging = toolchain.aapt2(["dump", "badging", at("agent.apk")]);
		expect(badging).toContain(
			`package: name='${facts.packageName}' versionCode='${facts.versionCode}' versionName='${facts.versionName}'`,
		);
		expect(badging.match(/^uses-permission: name='(.*)'$/gm)).toEqual(
			facts.permissions.map((name) => `uses-permission: name='${name}'`),
		);
	});

	it("gives the same bytes twice, in another time zone and locale too", () => {
		const one = built("one.apk", ["--force"], { TZ: "Asia/Kathmandu", LC_ALL: "C" });
		const two = built("two.apk", ["--force"], { TZ: "America/St_Johns", LC_ALL: "en_US.UTF-8" });
		expect(one.equals(two)).toBe(true);
	});

	it("gives the same bytes from a copy of the sources somewhere else, the engine's too", async () => {
		const bundle = await bundleAgent();
		const manifest = readFileSync(join(ANDROID_HOST, "AndroidManifest.xml"), "utf8");
		cpSync(ANDROID_HOST, at("elsewhere/a longer name"), { recursive: true, filter: (path) => !path.endsWith("/build") });
		const compile = (source: string, work: string, cache: string) => {
			mkdirSync(at(work));
			const native = { toolchain, source: join(source, "native"), cache, javac: javacFile(), say: () => {} };
			const libraries = new Map([["x86_64", readFileSync(nativeLibrary("x86_64", native))] as const]);
			return Buffer.from(compileApk({ toolchain, source, manifest, bundle, libraries, work: at(work) }));
		};
		const elsewhere = compile(at("elsewhere/a longer name"), "w1", at("w1"));
		expect(elsewhere.equals(compile(ANDROID_HOST, "w2", cacheFolder()))).toBe(true);
	});

	it("holds an engine for each processor that passed its gates, and the agent", async () => {
		const entries = unzipSync(built("agent.apk"));
		for (const abi of ABIS)
			expect(nativeProblems(abi, entries[`lib/${abi}/libholdfast.so`] ?? new Uint8Array()), abi).toEqual([]);
		expect(Object.keys(entries).filter((name) => name.endsWith(".so"))).toHaveLength(ABIS.length);
		expect(Buffer.compare(entries["assets/agent.js"] ?? new Uint8Array(), await bundleAgent())).toBe(0);
	});

	it("stops at an engine that asks the phone for a name that is not on the list", () => {
		cpSync(join(ANDROID_HOST, "native"), at("native"), { recursive: true });
		const glue = readFileSync(at("native/engine.c"), "utf8");
		writeFileSync(
			at("native/engine.c"),
			glue.replace("  free(engine);", "  extern void sync(void);\n  sync();\n  free(engine);"),
		);
		const native = { toolchain, source: at("native"), cache: at("unlisted"), javac: javacFile(), say: () => {} };
		expect(() => nativeLibrary("x86_64", native)).toThrow(/undefined symbol: sync/);
	});

	it("builds again only when something has changed, and says so when not", () => {
		built("agent.apk");
		expect(buildApk([]).stderr).toContain("up to date");
	});

	it("builds again when the result was tampered with", () => {
		built("agent.apk", ["--variant", "version=41"]);
		const result = join(ANDROID_HOST, "build/holdfast-agent-version-41.apk");
		writeFileSync(result, "not what was built");
		expect(readApk(built("again.apk", ["--variant", "version=41"])).versionCode).toBe(41);
	});

	it("signs with a lender's key, the same bytes each time, another signer than the development key's", () => {
		const password = keystore("release.p12", ["-keyalg", "RSA", "-keysize", "3072"]);
		const release = ["--release", at("release.p12"), "--password-file", password, "--variant", "version=42"];
		const one = built("release-one.apk", release);
		const two = built("release-two.apk", ["--force", ...release]);
		expect(one.equals(two)).toBe(true);
		expect(readApk(one).signerSha256).not.toEqual(readApk(built("agent.apk")).signerSha256);
	});

	it("refuses a key whose signatures differ each time", () => {
		const password = keystore("ec.p12", ["-keyalg", "EC", "-groupname", "secp256r1"]);
		const result = buildApk(["--release", at("ec.p12"), "--password-file", password, "--variant", "version=43"]);
		expect(result.status).toBe(1);
		expect(result.stderr).toContain("not RSA");
		expect(existsSync(join(ANDROID_HOST, "build/holdfast-agent-version-43.apk"))).toBe(false);
	});

	it("makes the bad APKs that tests need, each bad in one way", () => {
		const plain = readApk(built("agent.apk"));
		expect(readApk(built("t.apk", ["--variant", "testOnly"]))).toEqual({ ...plain, testOnly: true });
		expect(readApk(built("d.apk", ["--variant", "debuggable"]))).toEqual({ ...plain, debuggable: true });
		expect(readApk(built("v.apk", ["--variant", "version=7"]))).toEqual({ ...plain, versionCode: 7, versionName: "0.1.0-7" });
		const stranger = readApk(built("o.apk", ["--variant", "otherSigner"]));
		expect(stranger.signerSha256).not.toEqual(plain.signerSha256);
		expect({ ...stranger, signerSha256: plain.signerSha256 }).toEqual(plain);
	});

	it("keeps the development key where only its owner reads it", () => {
		built("agent.apk");
		expect(statSync(join(cacheFolder(), "development.p12")).mode & 0o077).toBe(0);
	});

	it.each([
		[["--variant", "nonsense"], "no such variant"],
		[["--release", "/does/not/exist.p12"], "no keystore"],
		[["--password-file", "x"], "belongs to --release"],
		[["--nonsense"], "nonsense"],
	])("calls %j a mistake in the command", (args, words) => {
		const result = buildApk(args);
		expect(result.status).toBe(64);
		expect(result.stderr).toContain(words);
	});

	it("stops when a package is not the one that was pinned, and keeps nothing of it", () => {
		mkdirSync(at("archive/pool/main/a"), { recursive: true });
		writeFileSync(at("archive/pool/main/a/aapt_1_amd64.deb"), "another package");
		vi.stubEnv("HOLDFAST_DEBIAN_MIRROR", `file://${at("archive")}`);
		try {
			const open = (path: string) =>
				openToolchain({ pins: `${"0".repeat(64)}  pool/main/a/${path}\n`, cache: at("cache"), say: () => {} });
			expect(() => open("aapt_1_amd64.deb")).toThrow(/aapt_1_amd64\.deb is not the package .* checksum has changed/);
			expect(() => open("gone_1_amd64.deb")).toThrow(/gone_1_amd64\.deb could not be fetched/);
			expect(run("find", [at("cache"), "-type", "f"])).toBe("");
		} finally {
			vi.unstubAllEnvs();
		}
	});

	it("stops at a lambda, which dx would turn into a call that no Android has", () => {
		writeFileSync(at("Lambda.java"), "public class Lambda { Runnable run(String s) { return () -> System.out.println(s); } }");
		mkdirSync(at("lambda"));
		run("javac", ["-nowarn", "-Xlint:-options", "-source", "8", "-target", "8", "-d", at("lambda"), at("Lambda.java")]);
		expect(() => compileDex(toolchain, at("lambda"), at("lambda.dex"))).toThrow(BuildError);
		expect(dexProblems(toolchain.dexdump(["-d", at("lambda.dex")]))).toEqual([expect.stringContaining("invoke-custom")]);
	});

	describe("the cable", () => {
		/** Runs the host's own Android-free classes on this machine's JVM. */
		function onJvm(statement: string): string {
			const host = join(ANDROID_HOST, "java/dev/holdfast/agent");
			const main = at("dev/holdfast/agent/Probe.java");
			mkdirSync(at("dev/holdfast/agent"), { recursive: true });
			writeFileSync(
				main,
				`package dev.holdfast.agent;\npublic class Probe { public static void main(String[] args) { ${statement} } }\n`,
			);
			run("javac", [
				"-nowarn",
				"-Xlint:-options",
				"-source",
				"8",
				"-target",
				"8",
				"-d",
				at("jvm"),
				join(host, "CableCallers.java"),
				main,
			]);
			return run("java", ["-cp", at("jvm"), "dev.holdfast.agent.Probe"]).trim();
		}

		it("is for the shell and the agent itself alone: not to root, to another app, or to another user's shell", () => {
			const callers = [2000, 10123, 0, 1000, 10124, 1_002_000, -1];
			const asked = callers.map((uid) => `System.out.print(CableCallers.mayCall(${uid}, 10123) + " ");`).join("");
			expect(onJvm(asked)).toBe("true true false false false false false");
		});
	});
});
