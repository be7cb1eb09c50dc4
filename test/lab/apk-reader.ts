import { createHash } from "node:crypto";

import { type ApkFacts, readApk } from "../../provisioning/handset/apk.ts";
import { createNodeCrypto } from "../../provisioning/registry/node-crypto.ts";

/** Reads an APK as a phone's package manager does, signatures and all. */
export type ApkReader = (bytes: Uint8Array) => ApkFacts;

/**
 * A reader that verifies the same bytes once. Phones verify with their own processors; the handsets of a lab have one between them,
 * and one after the other would wait for it.
 */
export function apkReader(): ApkReader {
	const crypto = createNodeCrypto();
	const known = new Map<string, ApkFacts>();
	return (bytes) => {
		const digest = createHash("sha256").update(bytes).digest("hex");
		const facts = known.get(digest) ?? readApk(bytes, crypto);
		known.set(digest, facts);
		return facts;
	};
}
