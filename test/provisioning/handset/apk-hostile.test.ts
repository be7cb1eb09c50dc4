import { createHash } from "node:crypto";

import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";

import { MAX_APK_SIZE, readApk } from "../../../provisioning/handset/apk.ts";
import { agentManifest, compileXml, element, makeApk, makeKey, makeZip, reading, u32, withManifestBytes } from "./made-apk.ts";

const rsa = makeKey("rsa");
const fingerprint = (certificate: Uint8Array) => createHash("sha256").update(certificate).digest("hex");

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
		expect(performance.now() - started).toBeLessThan(5000);
	});

	it("does not decode strings without end from offsets that overlap", () => {
		// 20,000 strings of 16,705 characters each, all from the same 60 kB: 0x4141 is both a letter and a length.
		const count = 20_000;
		const text = Buffer.alloc(60_000, 0x41);
		const offsets = u32(...Array.from({ length: count }, (_, index) => index % 1000));
		const start = 28 + offsets.length;
		const pool = Buffer.concat([u32(0x001c0001, start + text.length, count, 0, 0, start, 0), offsets, text]);
		const attributes = Array.from({ length: 256 }, (_, index) => u32(0xffffffff, index, 0xffffffff, 0x10000008, 0));
		const root = Buffer.concat([u32(0x00100102, 36 + 256 * 20, 1, 0xffffffff, 0xffffffff, 0, 0x00140014, 256, 0), ...attributes]);
		const body = Buffer.concat([pool, root]);
		const started = performance.now();
		expect(reading(withManifestBytes(Buffer.concat([u32(0x00080003, 8 + body.length), body])))).toContain("too much text");
		expect(performance.now() - started).toBeLessThan(5000);
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
