import { describe, expect, it } from "vitest";
import { readZip } from "../../../../provisioning/handset/apk/zip.ts";
import { type ApkFacts, readApk } from "../../../../provisioning/handset/apk.ts";
import {
	allowedPermissions,
	dexProblems,
	layoutProblems,
	manifestProblems,
	signatureProblems,
} from "../../../../scripts/apk/gates.ts";
import { parsePins } from "../../../../scripts/apk/pins.ts";
import { parseVariant, variantManifest } from "../../../../scripts/apk/variant.ts";
import { agentManifest, makeApk, makeKey, makeZip } from "../../../provisioning/handset/made-apk.ts";

const good: ApkFacts = readApk(makeApk(agentManifest(), makeKey("p256")));
const allowed = allowedPermissions("# why\nandroid.permission.INTERNET\tcheck in\n");

describe("the gates on a finished APK", () => {
	it("let the agent through", () => {
		expect(manifestProblems(good, allowed)).toEqual([]);
	});

	it.each<[string, Partial<ApkFacts>, string]>([
		["testOnly", { testOnly: true }, "testOnly"],
		["debuggable", { debuggable: true }, "debuggable"],
		["another package", { packageName: "com.example" }, "com.example"],
		["another minSdk", { minSdk: 23 }, "minSdk"],
		["an old targetSdk", { targetSdk: 34 }, "targetSdk"],
		["two signers", { signerSha256: ["a", "b"] }, "2 signers"],
		["no signer", { signerSha256: [] }, "0 signers"],
		["a receiver that anybody may call", { receivers: [{ name: "dev.holdfast.agent.AdminReceiver" }] }, "AdminReceiver"],
		["no cable", { providers: [] }, "cable"],
	])("stop %s", (_name, change, problem) => {
		expect(manifestProblems({ ...good, ...change }, allowed)).toEqual([expect.stringContaining(problem)]);
	});

	it.each([
		"READ_CONTACTS",
		"READ_SMS",
		"READ_CALL_LOG",
		"ACCESS_FINE_LOCATION",
		"ACCESS_COARSE_LOCATION",
		"RECORD_AUDIO",
		"CAMERA",
		"READ_MEDIA_IMAGES",
		"READ_EXTERNAL_STORAGE",
		"QUERY_ALL_PACKAGES",
	])("stop %s (F9)", (name) => {
		const permission = `android.permission.${name}`;
		expect(manifestProblems({ ...good, permissions: [...good.permissions, permission] }, allowed)).toEqual([
			`${permission} is not in permissions.allowed`,
		]);
	});

	it("stop what Android could not map from the file", () => {
		const packed = makeZip({ "resources.arsc": new Uint8Array(100), "lib/arm64-v8a/libagent.so": new Uint8Array(100) });
		expect(layoutProblems(readZip(packed))).toHaveLength(2);
	});

	it("stop more than 3 MiB", () => {
		const zip = readZip(makeZip({ "assets/a": new Uint8Array(1) }));
		expect(layoutProblems({ ...zip, bytes: new Uint8Array(3 * 1024 * 1024 + 1) })).toEqual([
			expect.stringContaining("more than 3145728"),
		]);
	});

	it("stop calls that only newer Javas know", () => {
		expect(dexProblems("0010: invoke-static {v0}, Ljava/lang/String;.valueOf")).toEqual([]);
		expect(dexProblems("0010: invoke-custom {v0}, call_site@0000")).toHaveLength(1);
		expect(dexProblems("0010: invoke-polymorphic/range {v0}")).toHaveLength(1);
	});

	it("stop a signature that lacks a scheme, or that nobody could compare", () => {
		const verified = (v2: boolean, v3: boolean, algorithm: string) =>
			`Verifies\nVerified using v2 scheme (APK Signature Scheme v2): ${v2}\nVerified using v3 scheme (APK Signature Scheme v3): ${v3}\nSigner #1 key algorithm: ${algorithm}\n`;
		expect(signatureProblems(verified(true, true, "RSA"))).toEqual([]);
		expect(signatureProblems(verified(false, true, "RSA"))).toHaveLength(1);
		expect(signatureProblems(verified(true, false, "RSA"))).toHaveLength(1);
		expect(signatureProblems(verified(true, true, "EC"))).toHaveLength(1);
		expect(signatureProblems("")).toHaveLength(3);
	});
});

describe("what the build is told", () => {
	it("is refused when it is no variant", () => {
		for (const text of ["", "release", "version", "version=0", "version=-1", "version=1.5", "version=9999999999", "version=2 "]) {
			expect(() => parseVariant(text), text).toThrow("no such variant");
		}
	});

	it("changes one thing in the manifest, or fails when that place is gone", () => {
		expect(variantManifest('android:versionCode="1" android:versionName="0.1.0"', parseVariant("version=3"))).toBe(
			'android:versionCode="3" android:versionName="0.1.0-3"',
		);
		expect(() => variantManifest("<manifest/>", parseVariant("testOnly"))).toThrow("0 places");
	});

	it("is refused when a pin is not a checksum and a path in the archive", () => {
		const sha256 = "0".repeat(64);
		expect(parsePins(`# why\n\n${sha256}  pool/main/a/aapt_1%3a1.deb\n`)).toEqual([
			{ kind: "debian", sha256, path: "pool/main/a/aapt_1%3a1.deb" },
		]);
		expect(parsePins(`${sha256}  maven:org.robolectric:android-all:15-robolectric-13954326\n`)).toEqual([
			{ kind: "maven", sha256, artifact: "org.robolectric:android-all:15-robolectric-13954326" },
		]);
		for (const line of [
			"pool/main/a.deb",
			`${sha256} pool/a.deb`,
			`${sha256}  /etc/passwd`,
			`${sha256.slice(1)}  pool/a.deb`,
			`${sha256}  maven:a:b`,
		]) {
			expect(() => parsePins(line), line).toThrow("not a pin");
		}
	});
});
