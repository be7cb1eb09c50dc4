import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { readApk } from "../../../provisioning/handset/apk.ts";
import {
	agentManifest,
	compileXml,
	element,
	type MadeElement,
	makeApk,
	makeKey,
	makeZip,
	reading,
	signZip,
	u32,
	V2,
	V3,
	V31,
	withManifestBytes,
} from "./made-apk.ts";

const rsa = makeKey("rsa");
const other = makeKey("p256");
const fingerprint = (certificate: Uint8Array) => createHash("sha256").update(certificate).digest("hex");

const signedManifest = (manifest: MadeElement) => makeApk(manifest, rsa);

describe("what an APK says of itself", () => {
	it("is read from manifest and signature", () => {
		expect(readApk(makeApk(agentManifest(), rsa))).toEqual({
			packageName: "dev.holdfast.agent",
			versionCode: 7,
			versionName: "0.7.0",
			minSdk: 26,
			targetSdk: 35,
			testOnly: false,
			debuggable: false,
			permissions: ["android.permission.INTERNET"],
			receivers: [{ name: "dev.holdfast.agent.AdminReceiver", permission: "android.permission.BIND_DEVICE_ADMIN" }],
			providers: [{ name: "dev.holdfast.agent.CableProvider", authorities: "dev.holdfast.agent.cable" }],
			signerSha256: [fingerprint(rsa.certificate)],
		});
	});

	it("is the same whether its strings are UTF-8 or UTF-16, long or beyond the basic plane", () => {
		const name = `${"नमस्ते 🔒 ".repeat(40)}1.0`;
		const manifest = element("manifest", [
			["package", "dev.holdfast.agent"],
			["versionName", name],
		]);
		for (const encoding of ["utf8", "utf16"] as const) {
			expect(readApk(withManifestBytes(compileXml(manifest, encoding))).versionName).toBe(name);
		}
	});

	it("has Android's defaults where the manifest is silent", () => {
		const facts = readApk(signedManifest(element("manifest", [["package", "a.b"]])));
		expect(facts).toMatchObject({ versionCode: 0, versionName: "", minSdk: 1, targetSdk: 1, testOnly: false, debuggable: false });
		expect(facts).toMatchObject({ permissions: [], receivers: [], providers: [] });
	});

	it.each(["testOnly", "debuggable"] as const)("is %s for true and for any number but 0", (flag) => {
		expect(readApk(signedManifest(agentManifest({ application: [[flag, true]] })))[flag]).toBe(true);
		expect(readApk(signedManifest(agentManifest({ application: [[flag, 1]] })))[flag]).toBe(true);
		expect(readApk(signedManifest(agentManifest({ application: [[flag, false]] })))[flag]).toBe(false);
	});

	it.each(["testOnly", "debuggable"])("is refused when %s hides behind a resource", (flag) => {
		expect(reading(signedManifest(agentManifest({ application: [[flag, { reference: 0x7f010000 }]] })))).toContain(flag);
	});

	it("has the version code that Android compares: major and minor together", () => {
		expect(readApk(signedManifest(agentManifest({ manifest: [["versionCodeMajor", 2]] }))).versionCode).toBe(2 * 2 ** 32 + 7);
	});

	it("takes a receiver's permission from the application where it has none itself", () => {
		const application = element("application", [["permission", "p.q"]], [element("receiver", [["name", "Receiver"]])]);
		const facts = readApk(signedManifest(element("manifest", [["package", "a.b"]], [application])));
		expect(facts.receivers).toEqual([{ name: "a.b.Receiver", permission: "p.q" }]);
	});

	it.each([
		["two applications", element("manifest", [["package", "a.b"]], [element("application"), element("application")])],
		["two uses-sdk", element("manifest", [["package", "a.b"]], [element("uses-sdk"), element("uses-sdk")])],
		[
			"two packages",
			element("manifest", [
				["package", "a.b"],
				["package", "c.d"],
			]),
		],
		[
			"one attribute twice",
			agentManifest({
				application: [
					["testOnly", false],
					["testOnly", true],
				],
			}),
		],
		["no package", element("manifest")],
		["a package that is no name", element("manifest", [["package", "../../x"]])],
		["another root", element("resources", [["package", "a.b"]])],
	])("is refused with %s, which readers answer differently", (_name, manifest) => {
		expect(reading(signedManifest(manifest))).not.toMatch(/^read/);
	});
});

describe("who signed an APK", () => {
	it.each(["rsa", "rsa-sha512", "p256"] as const)("is the certificate that the %s signature proves", (kind) => {
		const key = makeKey(kind);
		expect(readApk(makeApk(agentManifest(), key)).signerSha256).toEqual([fingerprint(key.certificate)]);
	});

	it("is nobody when there is no signature", () => {
		expect(readApk(withManifestBytes(compileXml(agentManifest()))).signerSha256).toEqual([]);
	});

	it("is proven over files of several chunks, the last one partial", () => {
		const big = new Uint8Array(2_500_000).map((_, index) => (index * 2654435761) >>> 13);
		expect(readApk(makeApk(agentManifest(), rsa, { "assets/big": big })).signerSha256).toHaveLength(1);
	});

	it("leaves the caller's bytes as they were, also in a Buffer that shares its memory", () => {
		const apk = makeApk(agentManifest(), rsa);
		const before = Buffer.from(apk);
		readApk(apk);
		expect(apk.equals(before)).toBe(true);
	});

	it("is not believed for any changed bit of the file outside the signing block", () => {
		const apk = makeApk(agentManifest(), rsa);
		const directory = apk.readUInt32LE(apk.length - 6);
		const block = directory - 8 - Number(apk.readBigUInt64LE(directory - 24));
		for (let index = 0; index < apk.length; index++) {
			if (index >= block && index < directory) continue;
			const changed = Buffer.from(apk);
			changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
			expect(reading(changed), `bit ${index % 8} of byte ${index}`).not.toMatch(/^read/);
		}
	});

	it("is not believed when another key signed in the certificate's name", () => {
		const zip = makeZip({ "AndroidManifest.xml": compileXml(agentManifest()) });
		for (const kind of ["rsa", "p256"] as const) {
			expect(reading(signZip(zip, makeKey(kind), { forgedBy: makeKey(kind) }))).toBe("a signature does not hold");
		}
	});

	it("is not believed when the signing block brings another public key than the certificate's", () => {
		const zip = makeZip({ "AndroidManifest.xml": compileXml(agentManifest()) });
		const impostor = { ...makeKey("rsa"), certificate: rsa.certificate };
		expect(reading(signZip(zip, impostor))).toBe("a signer's key is not its certificate's");
	});

	it("is refused when v2 and v3 name different signers, or a block stands twice, or depends on the Android version", () => {
		const zip = makeZip({ "AndroidManifest.xml": compileXml(agentManifest()) });
		const signed = (blocks: Parameters<typeof signZip>[2]) => reading(signZip(zip, rsa, blocks));
		expect(
			signed({
				blocks: (scheme) => [
					[V2, scheme(2, rsa)],
					[V3, scheme(3, other)],
				],
			}),
		).toBe("the signature schemes name different signers");
		expect(
			signed({
				blocks: (scheme) => [
					[V2, scheme(2, rsa)],
					[V2, scheme(2, other)],
				],
			}),
		).toContain("two parts of one kind");
		expect(
			signed({
				blocks: (scheme) => [
					[V3, scheme(3, rsa)],
					[V31, scheme(3, other)],
				],
			}),
		).toContain("depends on");
		expect(signed({ blocks: (scheme) => [[V2, scheme(2, rsa)]] })).toBe("read dev.holdfast.agent");
	});

	it("is refused with a scheme that has no signer, or signs by an algorithm not known here", () => {
		const zip = makeZip({ "AndroidManifest.xml": compileXml(agentManifest()) });
		expect(reading(signZip(zip, rsa, { blocks: () => [[V2, u32(0)]] }))).toContain("no signer");
		expect(reading(signZip(zip, rsa, { algorithm: 0x0101 }))).toContain("algorithm");
	});
});
