import { createHash } from "node:crypto";

import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";

import { MAX_APK_SIZE, readApk } from "../../../provisioning/handset/apk.ts";
import { FaultError } from "../../../provisioning/handset/fault.ts";
import {
	agentManifest,
	compileXml,
	element,
	type MadeElement,
	makeApk,
	makeKey,
	makeZip,
	signZip,
	u32,
	V2,
	V3,
	V31,
} from "./made-apk.ts";

const rsa = makeKey("rsa");
const other = makeKey("p256");
const fingerprint = (certificate: Uint8Array) => createHash("sha256").update(certificate).digest("hex");

/** Why the reader refuses, or what it read. */
function reading(apk: Uint8Array): string {
	try {
		return `read ${readApk(apk).packageName}`;
	} catch (error) {
		if (error instanceof FaultError && error.fault.code === "APK_UNREADABLE") return error.fault.details?.reason ?? "no reason";
		throw error;
	}
}

const signedManifest = (manifest: MadeElement) => makeApk(manifest, rsa);

/** The manifest as the phone would: any bytes in its place. */
const withManifestBytes = (bytes: Uint8Array) => makeZip({ "AndroidManifest.xml": bytes });

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

describe("a hostile APK", () => {
	const apk = makeApk(agentManifest(), rsa);

	it("is refused at every length short of its own", () => {
		for (let length = 0; length < apk.length; length++)
			expect(reading(apk.subarray(0, length)), `${length} bytes`).not.toMatch(/^read/);
	});

	it("is refused with something before, behind or between", () => {
		expect(reading(Buffer.concat([apk, Buffer.from("x")]))).not.toMatch(/^read/);
		expect(reading(Buffer.concat([Buffer.from("x"), apk]))).not.toMatch(/^read/);
	});

	it("never ends in anything but facts or APK_UNREADABLE, whatever bytes are changed, cut or doubled", () => {
		const mutation = fc.tuple(
			fc.nat(apk.length - 1),
			fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
			fc.constantFrom(1, 2, 4),
		);
		fc.assert(
			fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.nat(apk.length), (mutations, cut) => {
				const changed = Buffer.from(apk);
				for (const [position, value, width] of mutations)
					changed.fill(value, position, Math.min(position + width, changed.length));
				reading(changed);
				reading(Buffer.concat([changed.subarray(0, cut), changed.subarray(Math.max(0, cut - 40))]));
			}),
			{ numRuns: 2000 },
		);
	});

	it("never ends otherwise when only the manifest is hostile and everything around it is right", () => {
		const xml = compileXml(agentManifest(), "utf16");
		const mutation = fc.tuple(
			fc.nat(xml.length / 2 - 1),
			fc.oneof(fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xffff), fc.nat(0xffff)),
		);
		fc.assert(
			fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
				const changed = Buffer.from(xml);
				for (const [position, value] of mutations) changed.writeUInt16LE(value, position * 2);
				reading(withManifestBytes(changed));
			}),
			{ numRuns: 5000 },
		);
	});

	it("never ends otherwise when only the signing block is hostile", () => {
		const directory = apk.readUInt32LE(apk.length - 6);
		const block = directory - 8 - Number(apk.readBigUInt64LE(directory - 24));
		const mutation = fc.tuple(
			fc.integer({ min: block, max: directory - 25 }),
			fc.oneof(fc.constantFrom(0, 1, 0xff), fc.nat(255)),
		);
		fc.assert(
			fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
				const changed = Buffer.from(apk);
				for (const [position, value] of mutations) changed[position] = value;
				const outcome = reading(changed);
				// What is changed may be padding of nobody's, but never who signed.
				if (outcome.startsWith("read"))
					expect([[], [fingerprint(rsa.certificate)]]).toContainEqual(readApk(changed).signerSha256);
			}),
			{ numRuns: 1000 },
		);
	});

	it("does not unpack more than a manifest may hold", () => {
		const bomb = Buffer.from(zipSync({ "AndroidManifest.xml": [new Uint8Array(40_000_000), { level: 9 }] }));
		expect(reading(bomb)).toContain("larger than");
		// The same with a lie about the size: local header and directory both say 100 bytes.
		bomb.writeUInt32LE(100, 22);
		bomb.writeUInt32LE(100, bomb.readUInt32LE(bomb.length - 6) + 24);
		const started = performance.now();
		expect(reading(bomb)).toBe("a file in the ZIP unpacks to more than it says");
		expect(performance.now() - started).toBeLessThan(500);
	});

	it("does not decode strings without end from offsets that overlap", () => {
		const count = 20_000;
		const text = Buffer.alloc(60_000, 0x41);
		const offsets = Array.from({ length: count }, (_, index) => index % 100);
		const pool = Buffer.concat([
			u32(0x001c0001, 28 + count * 4 + 2 + text.length, count, 0, 0, 28 + count * 4, 0),
			u32(...offsets),
			text,
			Buffer.alloc(2),
		]);
		const names = Array.from({ length: count }, (_, index) =>
			Buffer.concat([u32(0x00100102, 36, 1, 0xffffffff, 0xffffffff, index), Buffer.alloc(12)]),
		);
		const body = Buffer.concat([pool, ...names.slice(0, 30)]);
		const started = performance.now();
		expect(reading(withManifestBytes(Buffer.concat([u32(0x00080003, 8 + body.length), body])))).not.toMatch(/^read/);
		expect(performance.now() - started).toBeLessThan(500);
	});

	it("is refused when it nests without end, or claims counts it does not have", () => {
		let nested = element("application");
		for (let depth = 0; depth < 40; depth++) nested = element("x", [], [nested]);
		expect(reading(withManifestBytes(compileXml(element("manifest", [["package", "a.b"]], [nested]))))).toContain(
			"nested too deep",
		);
		const xml = compileXml(agentManifest());
		xml.writeUInt32LE(0x7fffffff, 16);
		expect(reading(withManifestBytes(xml))).toContain("too many strings");
	});

	it("is refused above the size limit without being looked at", () => {
		expect(reading(new Uint8Array(MAX_APK_SIZE + 1))).toContain("larger than");
	});

	it("is refused when local header and directory disagree about a name", () => {
		const zip = makeZip({ "AndroidManifest.xml": compileXml(agentManifest()) });
		zip.write("B", 30);
		expect(reading(zip)).toBe("a file in the ZIP has two names or methods");
	});

	it("is refused when two files have one name", () => {
		const zip = makeZip({ "AndroidManifest.xml": compileXml(agentManifest()), "AndroidManifest.xmk": new Uint8Array(1) });
		const twin = Buffer.from(zip.toString("latin1").replaceAll("AndroidManifest.xmk", "AndroidManifest.xml"), "latin1");
		expect(reading(twin)).toBe("two files in the ZIP have one name");
	});
});
