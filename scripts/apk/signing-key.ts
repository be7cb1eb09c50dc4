import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { run } from "./run.ts";
import type { Toolchain } from "./toolchain.ts";

/** A keystore and how its password is had. */
export interface SigningKey {
	readonly keystore: string;
	/** As apksigner takes it: `pass:`, `file:`, or `stdin` to ask on the terminal. */
	readonly password: string;
}

/** Protects nothing: the file's mode does. PKCS#12 wants one. */
const DEVELOPMENT_PASSWORD = "development";

/**
 * A key of this machine alone, made on first use and kept in the cache (0600), so that builds here update one another. RSA, because
 * its PKCS#1 v1.5 signature over the same bytes is always the same; apksigner's ECDSA is not.
 *
 * @param name "development", or another for a second signer.
 */
export function developmentKey(cache: string, name: string): SigningKey {
	const keystore = join(cache, `${name}.p12`);
	if (!existsSync(keystore)) {
		mkdirSync(cache, { recursive: true });
		const temporary = mkdtempSync(join(cache, "key-"));
		try {
			const fresh = join(temporary, "key.p12");
			run("keytool", [
				...["-genkeypair", "-keystore", fresh, "-storetype", "PKCS12", "-storepass", DEVELOPMENT_PASSWORD],
				...["-alias", "agent", "-keyalg", "RSA", "-keysize", "3072", "-sigalg", "SHA256withRSA", "-validity", "10000"],
				...["-dname", `CN=Holdfast ${name} key of one machine`],
			]);
			chmodSync(fresh, 0o600);
			linkOnce(fresh, keystore);
		} finally {
			rmSync(temporary, { recursive: true, force: true });
		}
	}
	return { keystore, password: `pass:${DEVELOPMENT_PASSWORD}` };
}

/** Signs by schemes v2 (Android 8 reads no other) and v3. Aligns native code to 16 KiB and stored entries to 4 bytes. */
export function signApk(toolchain: Toolchain, { keystore, password }: SigningKey, unsigned: string, signed: string): void {
	const schemes = [
		"--v1-signing-enabled",
		"false",
		"--v2-signing-enabled",
		"true",
		"--v3-signing-enabled",
		"true",
		"--v4-signing-enabled",
		"false",
	];
	run(
		"java",
		[
			...["-jar", toolchain.apksignerJar, "sign", "--ks", keystore, "--ks-pass", password, ...schemes],
			...["--min-sdk-version", "26", "--in", unsigned, "--out", signed],
		],
		{ interactive: password === "stdin" },
	);
}

/** Of two builds that make the key at once, the second keeps the first one's. */
function linkOnce(from: string, to: string): void {
	try {
		linkSync(from, to);
	} catch (error) {
		if (!existsSync(to)) throw error;
	}
}
