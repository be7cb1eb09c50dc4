import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

import { LedgerError } from "./ledger-error.ts";

const KEY_BYTES = 32;
const [IV_BYTES, TAG_BYTES] = [12, 16];

/** Secrets on their way from one registry to another: AES-256-GCM, under a key that only one recipient can open. */
export interface TransferKey {
	/** @param label whose it is: it opens under this label alone. */
	seal(label: string, secret: Uint8Array): string;
	/** @throws {LedgerError} DAMAGED. */
	open(label: string, sealed: string): Uint8Array;
}

/** A recipient's own key, as `age-keygen` makes it. */
export async function makeIdentity(): Promise<{ readonly identity: string; readonly recipient: string }> {
	const identity = await generateX25519Identity();
	return { identity, recipient: await identityToRecipient(identity) };
}

/**
 * Makes a key for one transfer.
 *
 * @param recipient `age1...`
 * @returns the key, and itself sealed to the recipient, base64.
 * @throws {LedgerError} WRONG_IDENTITY for anything but a recipient.
 */
export async function makeTransferKey(recipient: string): Promise<{ key: TransferKey; sealed: string }> {
	const bytes = randomBytes(KEY_BYTES);
	const encrypter = new Encrypter();
	try {
		encrypter.addRecipient(recipient);
	} catch (cause) {
		throw new LedgerError("WRONG_IDENTITY", "this is no recipient: it begins with age1", undefined, { cause });
	}
	return { key: keyOf(bytes), sealed: Buffer.from(await encrypter.encrypt(bytes)).toString("base64") };
}

/** @param identity `AGE-SECRET-KEY-1...` @throws {LedgerError} WRONG_IDENTITY. */
export async function openTransferKey(sealed: string, identity: string): Promise<TransferKey> {
	try {
		const decrypter = new Decrypter();
		decrypter.addIdentity(identity);
		const bytes = await decrypter.decrypt(Buffer.from(sealed, "base64"), "uint8array");
		if (bytes.length !== KEY_BYTES) throw new Error("not a key");
		return keyOf(bytes);
	} catch (cause) {
		throw new LedgerError("WRONG_IDENTITY", "the secrets in this file were sealed to somebody else", undefined, { cause });
	}
}

function keyOf(key: Uint8Array): TransferKey {
	return {
		seal(label, secret) {
			const iv = randomBytes(IV_BYTES);
			const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(label));
			return Buffer.concat([iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString("base64");
		},
		open(label, text) {
			try {
				const sealed = Buffer.from(text, "base64");
				const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
				decipher.setAAD(Buffer.from(label)).setAuthTag(sealed.subarray(-TAG_BYTES));
				return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]));
			} catch (cause) {
				throw new LedgerError("DAMAGED", "a secret does not open under its own name", undefined, { cause });
			}
		},
	};
}
