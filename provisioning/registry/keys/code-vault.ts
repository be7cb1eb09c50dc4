import { createCipheriv, createDecipheriv, generateKeyPairSync, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { join } from "node:path";

import { isThere, type KeyProtection, openPrivateKey, writeKeyFile } from "./key-file.ts";
import { KeysError } from "./keys-error.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Keeps the secrets of codes so that the database alone is worth nothing: AES-256-GCM, a key in the key folder. */
export interface CodeVault {
	/** @param label what it is and whose: it opens under this label alone. */
	seal(label: string, secret: Uint8Array): Uint8Array;
	/** @throws {KeysError} KEY_FILE_INVALID if it was sealed with another key, under another label, or was changed. */
	open(label: string, sealed: Uint8Array): Uint8Array;
	/** 32 secret bytes that follow from the vault's key and a label: nothing has to be stored to know them again. */
	derive(label: string): Uint8Array;
}

function vaultPath(folder: string): string {
	return join(folder, "online", "codes.pem");
}

/**
 * Makes the vault's key, if there is none: a random secret in the form of an X25519 private key, because that is a file of 32
 * secret bytes that this folder protects like every other.
 *
 * @returns its path.
 */
export async function makeCodeVault(folder: string, protection: KeyProtection): Promise<string> {
	const path = vaultPath(folder);
	if (!(await isThere(path))) await writeKeyFile(path, generateKeyPairSync("x25519").privateKey, protection);
	return path;
}

/**
 * Opens the vault; `undefined` if its folder has none: then contracts are made without codes.
 *
 * @throws {KeysError} as for any key file.
 */
export async function openCodeVault(folder: string, protection: KeyProtection): Promise<CodeVault | undefined> {
	const path = vaultPath(folder);
	if (!(await isThere(path))) return undefined;
	const privateKey = await openPrivateKey(path, protection);
	if (privateKey.asymmetricKeyType !== "x25519") throw new KeysError("KEY_FILE_INVALID", `${path} holds no vault key.`);
	return vaultOf(privateKey);
}

function vaultOf(privateKey: KeyObject): CodeVault {
	// PKCS#8 of an X25519 key ends in its 32 secret bytes (RFC 8410 section 7).
	const secret = privateKey.export({ type: "pkcs8", format: "der" }).subarray(-32);
	const key = Buffer.from(hkdfSync("sha256", secret, "", "holdfast/code-vault/v1", 32));
	return {
		derive: (label) => new Uint8Array(hkdfSync("sha256", secret, "", `holdfast/derived/v1/${label}`, 32)),
		seal(label, plain) {
			const iv = randomBytes(IV_BYTES);
			const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(label));
			return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
		},
		open(label, sealed) {
			try {
				const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
				decipher.setAAD(Buffer.from(label)).setAuthTag(sealed.subarray(-TAG_BYTES));
				return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]));
			} catch (cause) {
				throw new KeysError("KEY_FILE_INVALID", "A code secret does not open with the key in online/codes.pem.", { cause });
			}
		},
	};
}
