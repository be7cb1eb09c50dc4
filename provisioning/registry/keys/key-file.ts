import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { access, link, open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";

import { type Crypto, keyidOf, type Signer } from "../../../proto/crypto.ts";
import { KeysError } from "./keys-error.ts";
import { isSealedKey, sealKey, unsealKey } from "./sealed-key.ts";

/** How key files are protected. There is no third way, so a file is never unencrypted by oversight. */
export type KeyProtection = { readonly passphrase: string } | { readonly insecureDev: true };

/** Shortest passphrase that new keys are encrypted with, in characters. */
export const MIN_PASSPHRASE_LENGTH = 12;

/** PBES2 with AES-256-CBC, as key files were until 2026-11: still read, never written. */
const ENCRYPTED = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
/** Stands before the PEM block, where OpenSSL allows text. */
const INSECURE_NOTE =
	"Holdfast-Protection: NONE. Made with --insecure-dev: for trying out only, never for a real borrower's phone.";

/** Makes a P-256 key in memory. */
export function makeKey(crypto: Crypto): { signer: Signer; privateKey: KeyObject } {
	const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	return { signer: signerOf(crypto, privateKey), privateKey };
}

/** Writes a private key: mode 0600, whole or not at all, never over another file. */
export async function writeKeyFile(path: string, privateKey: KeyObject, protection: KeyProtection): Promise<void> {
	await writeDurably(path, await keyFileText(privateKey, protection), 0o600);
}

/**
 * Opens a private key file.
 *
 * @param protection what the caller has: with a passphrase an unencrypted file is refused, so that a file put there by
 * somebody else is not taken for the lender's.
 * @throws {KeysError}
 */
export async function readKeyFile(crypto: Crypto, path: string, protection: KeyProtection): Promise<Signer> {
	const privateKey = await openPrivateKey(path, protection);
	if (privateKey.asymmetricKeyType !== "ec" || privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
		throw new KeysError("KEY_FILE_INVALID", `${path} holds no P-256 key.`);
	}
	return signerOf(crypto, privateKey);
}

/**
 * Opens a private key file, whatever the kind of its key.
 *
 * @throws {KeysError}
 */
export async function openPrivateKey(path: string, protection: KeyProtection): Promise<KeyObject> {
	await requirePrivate(path);
	const text = await readFile(path, "utf8");
	const encrypted = isSealedKey(text) || text.includes(ENCRYPTED);
	if (!encrypted && !("insecureDev" in protection)) {
		throw new KeysError(
			"KEY_FILE_INSECURE",
			`${path} is not encrypted. It was made for development: say --insecure-dev, or make real keys.`,
		);
	}
	if (encrypted && !("passphrase" in protection)) {
		throw new KeysError("PASSPHRASE_MISSING", `${path} is encrypted. Give its passphrase.`);
	}
	try {
		if (!("passphrase" in protection)) return createPrivateKey(text);
		const { passphrase } = protection;
		return isSealedKey(text)
			? createPrivateKey({ key: await unsealKey(text, passphrase), format: "der", type: "pkcs8" })
			: createPrivateKey({ key: text, passphrase });
	} catch (cause) {
		if (encrypted)
			throw new KeysError("PASSPHRASE_WRONG", `${path} does not open with this passphrase, or was changed.`, { cause });
		throw new KeysError("KEY_FILE_INVALID", `${path} holds no private key.`, { cause });
	}
}

/**
 * Refuses a file that others on this machine can read or change. Windows has no such modes: there the folder's own
 * permissions count.
 *
 * @throws {KeysError} KEYS_MISSING, KEY_FILE_OPEN_TO_OTHERS.
 */
export async function requirePrivate(path: string): Promise<void> {
	const found = await stat(path).catch((cause: unknown) => {
		throw new KeysError("KEYS_MISSING", `There is no file ${path}.`, { cause });
	});
	if (process.platform === "win32") return;
	if ((found.mode & 0o077) !== 0) {
		const mode = (found.mode & 0o777).toString(8).padStart(4, "0");
		throw new KeysError(
			"KEY_FILE_OPEN_TO_OTHERS",
			`${path} has mode ${mode}, so others can read it. Run: chmod 600 '${path}', then rotate the keys.`,
		);
	}
}

/** Whether there is a file of this name. */
export async function isThere(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}

/** Writes a new file so that after a crash it is there whole or not at all. Fails if one of that name exists. */
export async function writeDurably(path: string, content: string | Uint8Array, mode: number): Promise<void> {
	const temporary = `${path}.${randomBytes(6).toString("hex")}.new`;
	const file = await open(temporary, "wx", mode);
	try {
		await file.chmod(mode); // whatever the umask
		await file.writeFile(content);
		await file.sync();
	} finally {
		await file.close();
	}
	try {
		await link(temporary, path); // unlike rename, never over another file
	} finally {
		await unlink(temporary);
	}
	if (process.platform === "win32") return; // folders cannot be opened there
	const folder = await open(dirname(path), "r");
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

async function keyFileText(privateKey: KeyObject, protection: KeyProtection): Promise<string> {
	if (!("passphrase" in protection)) {
		return `${INSECURE_NOTE}\n${privateKey.export({ type: "pkcs8", format: "pem" })}`;
	}
	if (protection.passphrase.length < MIN_PASSPHRASE_LENGTH) {
		throw new KeysError("PASSPHRASE_MISSING", `A passphrase of at least ${MIN_PASSPHRASE_LENGTH} characters is needed.`);
	}
	return sealKey(privateKey.export({ type: "pkcs8", format: "der" }), protection.passphrase);
}

function signerOf(crypto: Crypto, privateKey: KeyObject): Signer {
	// An SPKI of a P-256 key ends in its uncompressed point (RFC 5480). Not by way of JWK: in Node 20 that export holds the key's
	// lock while it allocates, and waits for ever if the garbage collector then frees another handle of the same key.
	const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
	const publicKey = Uint8Array.from(spki.subarray(-65));
	return {
		keyid: keyidOf(crypto, publicKey),
		publicKey,
		// Synchronous inside: 25 microseconds are less than a trip through the thread pool.
		sign: async (message) => Uint8Array.from(sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" })),
	};
}
