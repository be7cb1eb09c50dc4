import {
	createCipheriv,
	createDecipheriv,
	createPrivateKey,
	createPublicKey,
	diffieHellman,
	generateKeyPairSync,
	hkdfSync,
	type KeyObject,
} from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { combine, split } from "shamir-secret-sharing";

import { equalBytes } from "../../../proto/codec.ts";
import { fromCrockford, inGroups, toCrockford } from "../../../proto/crockford.ts";
import type { Crypto } from "../../../proto/crypto.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { KeysError } from "./keys-error.ts";

const KEY_BYTES = 32;
/** The library puts the share's own coordinate behind its bytes. */
const SHARE_BYTES = KEY_BYTES + 1;
const TAG_BYTES = 16;
/** RFC 8410: everything of an X25519 key in DER before its 32 bytes. */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI = Buffer.from("302a300506032b656e032100", "hex");

/** The public half: what a registry seals release codes with, and can never open. */
export interface EscrowKey {
	/** X25519, 32 bytes. */
	readonly publicKey: Uint8Array;
	readonly fingerprint: string;
}

/** One holder's page. */
export interface EscrowPage {
	readonly number: number;
	readonly holders: number;
	readonly needed: number;
	/** Fingerprint of the key that it is a share of. */
	readonly key: string;
	readonly share: Uint8Array;
}

/** Makes an escrow key and forgets it: what is left are its public half and the holders' pages. */
export async function makeEscrowKey(
	crypto: Crypto,
	{ holders, needed }: { readonly holders: number; readonly needed: number },
): Promise<EscrowKey & { readonly pages: readonly EscrowPage[] }> {
	const { privateKey, publicKey: pair } = generateKeyPairSync("x25519");
	const publicKey = rawPublic(pair);
	const secret = new Uint8Array(privateKey.export({ type: "pkcs8", format: "der" }).subarray(-KEY_BYTES));
	const shares = await split(secret, holders, needed);
	secret.fill(0);
	const fingerprint = fingerprintOf(crypto, publicKey);
	const pages = shares.map((share, index) => ({ number: index + 1, holders, needed, key: fingerprint, share }));
	return { publicKey, fingerprint, pages };
}

/** Puts pages together. @throws {KeysError} ESCROW_SHARES_INVALID says what is wrong. */
export async function joinEscrowPages(crypto: Crypto, pages: readonly EscrowPage[]): Promise<KeyObject> {
	const invalid = (why: string) => new KeysError("ESCROW_SHARES_INVALID", why);
	const [first] = pages;
	if (!first) throw invalid("No share was brought.");
	if (pages.some(({ key }) => key !== first.key)) throw invalid("The shares are of two keys: compare their KEY lines.");
	const different = new Map(pages.map((page) => [page.share.at(-1), page.share]));
	if (different.size < first.needed) throw invalid(`${different.size} of ${first.needed} different shares are here.`);
	const secret = await combine([...different.values()].slice(0, first.needed));
	const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: "der", type: "pkcs8" });
	const publicKey = rawPublic(createPublicKey(privateKey));
	if (fingerprintOf(crypto, publicKey) !== first.key) throw invalid("The shares do not give the key: one was copied wrongly.");
	return privateKey;
}

/** Seals something for the holders: X25519 with a key of its own each time, HKDF-SHA256, AES-256-GCM. */
export function sealForEscrow({ publicKey }: Pick<EscrowKey, "publicKey">, label: string, plain: Uint8Array): Uint8Array {
	const own = generateKeyPairSync("x25519");
	const ephemeral = rawPublic(own.publicKey);
	const key = agreedKey(own.privateKey, publicObject(publicKey), ephemeral, publicKey);
	// The key is used this once, so its nonce may be fixed.
	const cipher = createCipheriv("aes-256-gcm", key, new Uint8Array(12), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(label));
	return Buffer.concat([ephemeral, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws {KeysError} ESCROW_SHARES_INVALID for another key or label, or changed bytes. */
export function openFromEscrow(privateKey: KeyObject, label: string, sealed: Uint8Array): Uint8Array {
	try {
		const ephemeral = sealed.subarray(0, KEY_BYTES);
		const key = agreedKey(privateKey, publicObject(ephemeral), ephemeral, rawPublic(createPublicKey(privateKey)));
		const decipher = createDecipheriv("aes-256-gcm", key, new Uint8Array(12), { authTagLength: TAG_BYTES });
		decipher.setAAD(Buffer.from(label)).setAuthTag(sealed.subarray(-TAG_BYTES));
		return Buffer.concat([decipher.update(sealed.subarray(KEY_BYTES, -TAG_BYTES)), decipher.final()]);
	} catch (cause) {
		throw new KeysError("ESCROW_SHARES_INVALID", "The deposit does not open with these shares, or was changed.", { cause });
	}
}

function agreedKey(own: KeyObject, other: KeyObject, ephemeral: Uint8Array, recipient: Uint8Array): Buffer {
	const shared = diffieHellman({ privateKey: own, publicKey: other });
	return Buffer.from(hkdfSync("sha256", shared, Buffer.concat([ephemeral, recipient]), "holdfast/escrow/v1", 32));
}

function rawPublic(key: KeyObject): Uint8Array {
	return Uint8Array.from(key.export({ type: "spki", format: "der" }).subarray(-KEY_BYTES));
}

function publicObject(raw: Uint8Array): KeyObject {
	return createPublicKey({ key: Buffer.concat([SPKI, raw]), format: "der", type: "spki" });
}

/** `escrow.public`, as text that can be printed. */
export function escrowKeyText({ publicKey, fingerprint }: EscrowKey): string {
	return `HOLDFAST ESCROW KEY\n\nPUBLIC       ${inGroups(toCrockford(publicKey))}\nKEY          ${fingerprint}\n`;
}

/** @throws {KeysError} ESCROW_KEY_INVALID. */
export function readEscrowKeyText(crypto: Crypto, text: string): EscrowKey {
	const publicKey = fromCrockford(fieldOf(text, "PUBLIC"), KEY_BYTES);
	const fingerprint = publicKey && fingerprintOf(crypto, publicKey);
	if (!publicKey || fingerprint === undefined || fingerprint !== fieldOf(text, "KEY"))
		throw new KeysError("ESCROW_KEY_INVALID", "This is no escrow key, or it was changed.");
	return { publicKey, fingerprint };
}

/** Where a registry's escrow key lies. */
export function escrowKeyPath(folder: string): string {
	return join(folder, "escrow.public");
}

/** The registry's escrow key; `undefined` if it has none. @throws {KeysError} ESCROW_KEY_INVALID. */
export async function readEscrowKey(crypto: Crypto, folder: string): Promise<EscrowKey | undefined> {
	const text = await readFile(escrowKeyPath(folder), "utf8").catch((error: unknown) => {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
		throw error;
	});
	return text === undefined ? undefined : readEscrowKeyText(crypto, text);
}

/** A holder's page, to be printed. */
export function escrowPageText({ number, holders, needed, key, share }: EscrowPage): string {
	const title = `HOLDFAST ESCROW SHARE ${number} OF ${holders}`;
	return `${title}
${"=".repeat(title.length)}

KEY          ${key}
NEEDED       ${needed}
SHARE        ${inGroups(toCrockford(share))}

ANY ${needed} OF THE ${holders} SHARES OPEN EVERY DEPOSIT OF THIS LENDER: THE CODES THAT FREE ALL OF
ITS PHONES. FEWER TELL NOTHING. Keep this page where nobody else's lies.

When the lender is gone: bring ${needed} pages and the latest deposit to a computer without a network,
with Holdfast on it:

  holdfast code recover DEPOSIT --share FILE --share FILE ... --out codes.csv

On paper only? Type the lines KEY, NEEDED and SHARE into a file. The sign after the last dash
of SHARE is a check sign: a mistyped line is found before anything is done with it.
`;
}

/** Reads a page, typed in again or not. Says what is missing or mistyped otherwise. */
export function readEscrowPage(text: string): EscrowPage | { readonly problem: string } {
	const share = fromCrockford(fieldOf(text, "SHARE"), SHARE_BYTES);
	const key = fieldOf(text, "KEY").toUpperCase();
	const needed = Number(fieldOf(text, "NEEDED"));
	if (!/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/.test(key)) return { problem: "KEY is missing or mistyped" };
	if (!Number.isInteger(needed) || needed < 2 || needed > 255) return { problem: "NEEDED is missing or mistyped" };
	if (!share || equalBytes(share.subarray(-1), Uint8Array.of(0))) return { problem: "SHARE is missing or mistyped" };
	const [, number = "0", holders = "0"] = /SHARE (\d+) OF (\d+)/.exec(text) ?? [];
	return { number: Number(number), holders: Number(holders), needed, key, share };
}

function fieldOf(text: string, name: string): string {
	return new RegExp(`^\\s*${name}\\s+(\\S+)\\s*$`, "m").exec(text)?.[1] ?? "";
}
