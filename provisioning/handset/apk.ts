import type { Crypto } from "../../proto/crypto.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { type ManifestFacts, readManifest } from "./apk/manifest.ts";
import { readSigners } from "./apk/signing-block.ts";
import { unreadable } from "./apk/unreadable.ts";
import { readZip, readZipEntry } from "./apk/zip.ts";

/** Largest APK read, in bytes. The agent's own stays under 3 MiB. */
export const MAX_APK_SIZE = 64 * 1024 * 1024;
const MAX_MANIFEST_SIZE = 1024 * 1024;

/** What an APK says of itself, read as a phone would before anything is sent to one. */
export interface ApkFacts extends ManifestFacts {
	/** SHA-256 of each signing certificate (DER), lower-case hex, sorted; empty when unsigned. Proven: the file is what they signed. */
	readonly signerSha256: readonly string[];
}

/**
 * Reads an APK: manifest, and signers by scheme v2 and v3, whose digests and signatures are verified. Needs no tool and no Node, and
 * is bounded in time and memory whatever the bytes are.
 *
 * @param crypto Node's own hashes some thirty times faster than the default, which runs anywhere.
 * @throws {FaultError} APK_UNREADABLE for anything that is not a well-formed APK, or not the one that was signed.
 */
export function readApk(bytes: Uint8Array, crypto: Pick<Crypto, "sha256"> = nobleCrypto): ApkFacts {
	if (bytes.length > MAX_APK_SIZE) throw unreadable(`the file is larger than ${MAX_APK_SIZE} bytes`);
	const zip = readZip(bytes);
	const manifest = zip.entries.get("AndroidManifest.xml");
	if (manifest === undefined) throw unreadable("there is no AndroidManifest.xml in it");
	return { ...readManifest(readZipEntry(zip, manifest, MAX_MANIFEST_SIZE)), signerSha256: readSigners(zip, crypto) };
}
