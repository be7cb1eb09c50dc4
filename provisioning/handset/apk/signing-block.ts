import { sha512 } from "@noble/hashes/sha2.js";

import { type Crypto, toHex } from "../../../proto/crypto.ts";
import { ByteCursor } from "./byte-cursor.ts";
import { type HashName, signatureAlgorithm, verifySignature } from "./signature.ts";
import { unreadable } from "./unreadable.ts";
import type { Zip } from "./zip.ts";

// https://source.android.com/docs/security/features/apksigning/v2 and /v3
const MAGIC = "APK Sig Block 42";
const SCHEME_V2 = 0x7109871a;
const SCHEME_V3 = 0xf05368c0;
const SCHEME_V31 = 0x1b93ad61;
const MAX_BLOCK_SIZE = 4 * 1024 * 1024;
const CHUNK_SIZE = 1024 * 1024;
const MAX_PAIRS = 64;
const MAX_SIGNERS = 8;
const MAX_ITEMS = 16;

interface Digest {
	readonly algorithm: number;
	readonly value: Uint8Array;
}

interface Signer {
	readonly certificate: Uint8Array;
	readonly digests: readonly Digest[];
}

/**
 * SHA-256 of the certificates that signed this APK by scheme v2 or v3, lower-case hex; empty when it is not signed by either. For
 * each signer the signature over its statement is checked with the certificate's own key, and the statement's digests against the
 * file, so a truncated, patched or re-assembled APK is refused here instead of on the phone.
 *
 * Stricter than a phone: every signer must verify, the schemes must name the same certificates, and key rotation (v3.1, or other
 * signers in v3) is refused, because then the signer would depend on the phone's Android version.
 *
 * @param crypto hashes the file: most of the work there is.
 * @throws {FaultError} APK_UNREADABLE.
 */
export function readSigners(zip: Zip, crypto: Pick<Crypto, "sha256">): readonly string[] {
	const block = findSigningBlock(zip);
	if (block === undefined) return [];
	const pairs = readPairs(block.pairs);
	if (pairs.has(SCHEME_V31)) throw unreadable("the signer depends on the phone's Android version (scheme v3.1)");
	const v2 = pairs.get(SCHEME_V2);
	const v3 = pairs.get(SCHEME_V3);
	const schemes = [...(v3 === undefined ? [] : [readScheme(v3, 3)]), ...(v2 === undefined ? [] : [readScheme(v2, 2)])];

	const contentDigest = contentDigester(zip, block.offset, crypto);
	for (const signer of schemes.flat()) verifyContent(signer, contentDigest);

	const [names = [], ...others] = schemes.map((signers) =>
		[...new Set(signers.map(({ certificate }) => toHex(crypto.sha256(certificate))))].sort(),
	);
	if (others.some((other) => other.join() !== names.join())) throw unreadable("the signature schemes name different signers");
	return names;
}

/** The block lies right before the central directory: size, pairs, size again, magic. */
function findSigningBlock(zip: Zip): { readonly offset: number; readonly pairs: Uint8Array } | undefined {
	const end = zip.centralDirectoryOffset;
	if (end < 32) return undefined;
	const magic = zip.bytes.subarray(end - MAGIC.length, end);
	if (!magic.every((byte, index) => byte === MAGIC.charCodeAt(index))) return undefined;
	const size = new ByteCursor(zip.bytes).seek(end - 24).u64();
	const offset = end - size - 8;
	if (size < 24 || size > MAX_BLOCK_SIZE || offset < 0) throw unreadable("the signing block has an impossible length");
	if (new ByteCursor(zip.bytes).seek(offset).u64() !== size) throw unreadable("the signing block has two lengths");
	return { offset, pairs: zip.bytes.subarray(offset + 8, end - 24) };
}

function readPairs(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
	const pairs = new Map<number, Uint8Array>();
	const cursor = new ByteCursor(bytes);
	while (cursor.remaining > 0) {
		if (pairs.size === MAX_PAIRS) throw unreadable("the signing block has too many parts");
		const pair = new ByteCursor(cursor.slice(cursor.u64()));
		const id = pair.u32();
		if (pairs.has(id)) throw unreadable("the signing block has two parts of one kind");
		pairs.set(id, pair.slice(pair.remaining));
	}
	return pairs;
}

function readScheme(bytes: Uint8Array, scheme: 2 | 3): readonly Signer[] {
	const signers = sequence(new ByteCursor(bytes).lengthPrefixed(), MAX_SIGNERS).map((signer) => readSigner(signer, scheme));
	if (signers.length === 0) throw unreadable("a signature scheme has no signer");
	return signers;
}

function readSigner(bytes: Uint8Array, scheme: 2 | 3): Signer {
	const cursor = new ByteCursor(bytes);
	const signedData = cursor.lengthPrefixed();
	if (scheme === 3) cursor.skip(8); // range of Android versions, repeated inside the signed data
	const signatures = algorithmPairs(cursor.lengthPrefixed());
	const publicKey = cursor.lengthPrefixed();

	const statement = new ByteCursor(signedData);
	const digests = algorithmPairs(statement.lengthPrefixed());
	const [certificate] = sequence(statement.lengthPrefixed(), MAX_ITEMS);
	if (certificate === undefined) throw unreadable("a signer has no certificate");
	if (signatures.length === 0) throw unreadable("a signer has no signature");
	if (signatures.map(({ algorithm }) => algorithm).join() !== digests.map(({ algorithm }) => algorithm).join()) {
		throw unreadable("a signer's signatures and digests do not belong together");
	}
	for (const { algorithm, value } of signatures)
		verifySignature({ algorithm, certificate, publicKey, signedData, signature: value });
	return { certificate, digests };
}

function algorithmPairs(bytes: Uint8Array): readonly Digest[] {
	return sequence(bytes, MAX_ITEMS).map((pair) => {
		const cursor = new ByteCursor(pair);
		return { algorithm: cursor.u32(), value: cursor.lengthPrefixed() };
	});
}

function sequence(bytes: Uint8Array, maxItems: number): readonly Uint8Array[] {
	const items: Uint8Array[] = [];
	const cursor = new ByteCursor(bytes);
	while (cursor.remaining > 0) {
		if (items.length === maxItems) throw unreadable("a list in the signing block is too long");
		items.push(cursor.lengthPrefixed());
	}
	return items;
}

function verifyContent(signer: Signer, contentDigest: (hash: HashName) => Uint8Array): void {
	for (const { algorithm, value } of signer.digests) {
		if (toHex(value) !== toHex(contentDigest(signatureAlgorithm(algorithm).hash)))
			throw unreadable("the file is not what was signed");
	}
}

/**
 * The digest of the schemes over the whole file but the signing block: 1 MiB chunks, each hashed behind 0xa5 and its length, then
 * the chunk hashes behind 0x5a and their number. The end record is hashed as it was before the block was put in.
 */
function contentDigester(zip: Zip, blockOffset: number, crypto: Pick<Crypto, "sha256">): (hash: HashName) => Uint8Array {
	// A copy by construction: `slice` on a Node Buffer would be a view, and the next line would write into the caller's file.
	const endRecord = new Uint8Array(zip.bytes.subarray(zip.endRecordOffset));
	new DataView(endRecord.buffer).setUint32(16, blockOffset, true);
	const sections = [
		zip.bytes.subarray(0, blockOffset),
		zip.bytes.subarray(zip.centralDirectoryOffset, zip.endRecordOffset),
		endRecord,
	];
	const known = new Map<HashName, Uint8Array>();
	return (name) => {
		const before = known.get(name);
		if (before !== undefined) return before;
		const hash = name === "sha256" ? crypto.sha256 : sha512;
		const chunkHashes: Uint8Array[] = [];
		for (const section of sections) {
			for (let offset = 0; offset < section.length; offset += CHUNK_SIZE) {
				const chunk = section.subarray(offset, offset + CHUNK_SIZE);
				chunkHashes.push(hash(joined([countPrefix(0xa5, chunk.length), chunk])));
			}
		}
		const digest = hash(joined([countPrefix(0x5a, chunkHashes.length), ...chunkHashes]));
		known.set(name, digest);
		return digest;
	};
}

function countPrefix(tag: number, count: number): Uint8Array {
	const prefix = new Uint8Array(5);
	prefix[0] = tag;
	new DataView(prefix.buffer).setUint32(1, count, true);
	return prefix;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
