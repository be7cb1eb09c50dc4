import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import { type Zippable, zipSync } from "fflate";

import { readApk } from "../../../provisioning/handset/apk.ts";
import { FaultError } from "../../../provisioning/handset/fault.ts";

// APKs made by hand, so that the reader can be shown what no tool would write. The formats are written down here a second time on
// purpose: a mistake shared by reader and writer would show on a real APK, which has a test of its own.

/** Ids of framework attributes, as in Android's public resource table. */
export const ATTRIBUTE_IDS: Readonly<Record<string, number>> = {
	name: 0x01010003,
	permission: 0x01010006,
	debuggable: 0x0101000f,
	authorities: 0x01010018,
	minSdkVersion: 0x0101020c,
	versionCode: 0x0101021b,
	versionName: 0x0101021c,
	targetSdkVersion: 0x01010270,
	testOnly: 0x01010272,
	versionCodeMajor: 0x01010576,
};

export type MadeValue = string | number | boolean | { readonly reference: number };

export interface MadeElement {
	readonly name: string;
	/** Pairs, so that one name can stand twice. `package` has no id; others take theirs from the table. */
	readonly attributes?: readonly (readonly [name: string, value: MadeValue])[];
	readonly children?: readonly MadeElement[];
}

export const element = (
	name: string,
	attributes: MadeElement["attributes"] = [],
	children: readonly MadeElement[] = [],
): MadeElement => ({
	name,
	attributes,
	children,
});

/** The agent's manifest in its essentials; `application` and `manifest` take more attributes. */
export function agentManifest(more: Partial<Record<"application" | "manifest", MadeElement["attributes"]>> = {}): MadeElement {
	return element(
		"manifest",
		[["package", "dev.holdfast.agent"], ["versionCode", 7], ["versionName", "0.7.0"], ...(more.manifest ?? [])],
		[
			element("uses-sdk", [
				["minSdkVersion", 26],
				["targetSdkVersion", 35],
			]),
			element("uses-permission", [["name", "android.permission.INTERNET"]]),
			element("application", more.application ?? [], [
				element("receiver", [
					["name", ".AdminReceiver"],
					["permission", "android.permission.BIND_DEVICE_ADMIN"],
				]),
				element("provider", [
					["name", "dev.holdfast.agent.CableProvider"],
					["authorities", "dev.holdfast.agent.cable"],
				]),
			]),
		],
	);
}

/** Compiles XML as aapt2 does: chunk for chunk, strings in UTF-8 or UTF-16. */
export function compileXml(root: MadeElement, encoding: "utf8" | "utf16" = "utf8"): Buffer {
	const ids = Object.keys(ATTRIBUTE_IDS);
	const strings = [...ids];
	const indexOf = (text: string): number => {
		const known = strings.indexOf(text);
		return known >= 0 ? known : strings.push(text) - 1;
	};
	const elements: Buffer[] = [];
	const write = ({ name, attributes = [], children = [] }: MadeElement): void => {
		const body = attributes.map(([attribute, value]) => writeAttribute(indexOf, attribute, value));
		elements.push(chunk(0x0102, u32(1, 0xffffffff), u32(0xffffffff, indexOf(name)), u16(20, 20, body.length, 0, 0, 0), ...body));
		for (const child of children) write(child);
		elements.push(chunk(0x0103, u32(1, 0xffffffff), u32(0xffffffff, indexOf(name))));
	};
	write(root);
	const map = u32(...Object.values(ATTRIBUTE_IDS));
	const parts = [writePool(strings, encoding), Buffer.concat([u16(0x0180, 8), u32(8 + map.length), map]), ...elements];
	const length = parts.reduce((sum, part) => sum + part.length, 8);
	return Buffer.concat([u16(0x0003, 8), u32(length), ...parts]);
}

function writeAttribute(indexOf: (text: string) => number, name: string, value: MadeValue): Buffer {
	const nameIndex = indexOf(name);
	if (typeof value === "string")
		return Buffer.concat([u32(0xffffffff, nameIndex, indexOf(value)), u16(8), Buffer.from([0, 0x03]), u32(indexOf(value))]);
	const [type, data] =
		typeof value === "number"
			? [0x10, value >>> 0]
			: typeof value === "boolean"
				? [0x12, value ? 0xffffffff : 0]
				: [0x01, value.reference];
	return Buffer.concat([u32(0xffffffff, nameIndex, 0xffffffff), u16(8), Buffer.from([0, type]), u32(data)]);
}

function chunk(type: number, header: Buffer, ...body: readonly Buffer[]): Buffer {
	const content = Buffer.concat(body);
	return Buffer.concat([u16(type, 8 + header.length), u32(8 + header.length + content.length), header, content]);
}

function writePool(strings: readonly string[], encoding: "utf8" | "utf16"): Buffer {
	const written = strings.map((text) => {
		if (encoding === "utf16") return Buffer.concat([u16(text.length), Buffer.from(text, "utf16le"), u16(0)]);
		const bytes = Buffer.from(text);
		return Buffer.concat([shortLength(text.length), shortLength(bytes.length), bytes, Buffer.from([0])]);
	});
	let offset = 0;
	const offsets = written.map((bytes) => {
		offset += bytes.length;
		return offset - bytes.length;
	});
	const content = Buffer.concat(written);
	const padding = Buffer.alloc((4 - (content.length % 4)) % 4);
	const start = 28 + offsets.length * 4;
	const header = u32(strings.length, 0, encoding === "utf8" ? 0x100 : 0, start, 0);
	return chunk(0x0001, header, u32(...offsets), content, padding);
}

const shortLength = (length: number): Buffer => Buffer.from(length < 0x80 ? [length] : [0x80 | (length >> 8), length & 0xff]);

/** A signing key with a certificate around it: as much X.509 as names a key. */
export interface MadeKey {
	readonly privateKey: KeyObject;
	readonly publicKey: Buffer;
	readonly certificate: Buffer;
	readonly algorithm: number;
	readonly hash: "sha256" | "sha512";
}

export function makeKey(kind: "rsa" | "rsa-sha512" | "p256"): MadeKey {
	const { privateKey, publicKey } =
		kind === "p256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
	const info = publicKey.export({ type: "spki", format: "der" });
	const name = der(0x30);
	const tbs = der(0x30, der(0xa0, der(0x02, Buffer.from([2]))), der(0x02, Buffer.from([1])), name, name, name, name, info);
	const certificate = der(0x30, tbs, name, der(0x03, Buffer.from([0])));
	const algorithm = { rsa: 0x0103, "rsa-sha512": 0x0104, p256: 0x0201 }[kind];
	return { privateKey, publicKey: info, certificate, algorithm, hash: kind === "rsa-sha512" ? "sha512" : "sha256" };
}

/** What a signature block may be made to get wrong. */
export interface SigningOptions {
	/** The key that really signs, when it is not the certificate's. */
	readonly forgedBy?: MadeKey;
	readonly algorithm?: number;
	/** Blocks by id in place of v2 and v3. */
	readonly blocks?: (scheme: (version: 2 | 3, key: MadeKey) => Buffer) => readonly (readonly [id: number, value: Buffer])[];
}

export const V2 = 0x7109871a;
export const V3 = 0xf05368c0;
export const V31 = 0x1b93ad61;

export function makeZip(files: Readonly<Record<string, Uint8Array>>): Buffer {
	const zippable: Zippable = {};
	for (const [name, content] of Object.entries(files)) zippable[name] = [content, { mtime: new Date(1980, 0, 1) }];
	return Buffer.from(zipSync(zippable));
}

/** A ZIP signed by schemes v2 and v3 (Android documentation, "APK Signature Scheme v2" and "v3"). */
export function signZip(zip: Buffer, key: MadeKey, options: SigningOptions = {}): Buffer {
	const end = zip.length - 22;
	const directory = zip.readUInt32LE(end + 16);
	const scheme = (version: 2 | 3, signer: MadeKey) =>
		prefixed(
			prefixed(
				signerBlock(version, signer, [zip.subarray(0, directory), zip.subarray(directory, end), zip.subarray(end)], options),
			),
		);
	const blocks = options.blocks?.(scheme) ?? [
		[V2, scheme(2, key)],
		[V3, scheme(3, key)],
	];
	const pairs = Buffer.concat(blocks.map(([id, value]) => Buffer.concat([u64(4 + value.length), u32(id), value])));
	const size = u64(pairs.length + 24);
	const block = Buffer.concat([size, pairs, size, Buffer.from("APK Sig Block 42")]);
	const newEnd = Buffer.from(zip.subarray(end));
	newEnd.writeUInt32LE(directory + block.length, 16);
	return Buffer.concat([zip.subarray(0, directory), block, zip.subarray(directory, end), newEnd]);
}

function signerBlock(version: 2 | 3, key: MadeKey, sections: readonly Buffer[], options: SigningOptions): Buffer {
	const algorithm = options.algorithm ?? key.algorithm;
	const range = version === 3 ? u32(28, 0x7fffffff) : Buffer.alloc(0);
	const digests = prefixed(prefixed(Buffer.concat([u32(algorithm), prefixed(contentDigest(sections, key.hash))])));
	const signedData = Buffer.concat([digests, prefixed(prefixed(key.certificate)), range, prefixed(Buffer.alloc(0))]);
	const signature = sign(key.hash, signedData, (options.forgedBy ?? key).privateKey);
	const signatures = prefixed(prefixed(Buffer.concat([u32(algorithm), prefixed(signature)])));
	return Buffer.concat([prefixed(signedData), range, signatures, prefixed(key.publicKey)]);
}

function contentDigest(sections: readonly Buffer[], hash: string): Buffer {
	const chunks = sections.flatMap((section) =>
		Array.from({ length: Math.ceil(section.length / 1048576) }, (_, index) =>
			section.subarray(index * 1048576, (index + 1) * 1048576),
		),
	);
	const hashed = chunks.map((part) =>
		createHash(hash)
			.update(Buffer.from([0xa5]))
			.update(u32(part.length))
			.update(part)
			.digest(),
	);
	return createHash(hash)
		.update(Buffer.from([0x5a]))
		.update(u32(chunks.length))
		.update(Buffer.concat(hashed))
		.digest();
}

/** A whole APK of a manifest, signed. */
export function makeApk(manifest: MadeElement, key: MadeKey, more: Readonly<Record<string, Uint8Array>> = {}): Buffer {
	return signZip(
		makeZip({ "AndroidManifest.xml": compileXml(manifest), "classes.dex": Buffer.from("dex\n035\0"), ...more }),
		key,
	);
}

/** An unsigned APK with any bytes for a manifest. */
export const withManifestBytes = (bytes: Uint8Array): Buffer => makeZip({ "AndroidManifest.xml": bytes });

/** What the reader makes of it: `read` and the package, or why it refuses. Anything but APK_UNREADABLE is thrown on. */
export function reading(apk: Uint8Array): string {
	try {
		return `read ${readApk(apk).packageName}`;
	} catch (error) {
		if (error instanceof FaultError && error.fault.code === "APK_UNREADABLE") return error.fault.details?.reason ?? "no reason";
		throw error;
	}
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

export const prefixed = (content: Buffer): Buffer => Buffer.concat([u32(content.length), content]);

export function u16(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 2);
	for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, index * 2);
	return bytes;
}

export function u32(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 4);
	for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
	return bytes;
}

const u64 = (value: number): Buffer => u32(value, 0);
