import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";

const BEGIN = "-----BEGIN HOLDFAST SEALED KEY-----";
const END = "-----END HOLDFAST SEALED KEY-----";
const FORM = 1;
/** scrypt's cost: 2^14 x 8 x 5, one of OWASP's equal choices, with 16 MiB at a time. About 0.2 s on one core of 2020. */
const SCRYPT = { N: 16_384, r: 8, p: 5 } as const;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + SALT_BYTES + NONCE_BYTES;

/** Whether a key file is of this form. */
export function isSealedKey(text: string): boolean {
	return text.includes(BEGIN);
}

/**
 * Encrypts a PKCS#8 key with a passphrase: scrypt (RFC 7914) and AES-256-GCM, so that a changed file is refused and not read as
 * another key. PKCS#8's own forms have no such mode that OpenSSL reads, so the file is our own: the number of the form, the salt, the
 * nonce, what is encrypted, and its tag, in base64 between two lines. Number, salt and nonce are authenticated with it.
 */
export async function sealKey(pkcs8: Uint8Array, passphrase: string): Promise<string> {
	const head = Buffer.concat([Buffer.from([FORM]), randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)]);
	const cipher = createCipheriv("aes-256-gcm", ...(await keyAndNonce(head, passphrase)), { authTagLength: TAG_BYTES }).setAAD(
		head,
	);
	const sealed = Buffer.concat([head, cipher.update(pkcs8), cipher.final(), cipher.getAuthTag()]);
	const lines = sealed.toString("base64").match(/.{1,64}/g) ?? [];
	return `${BEGIN}\n${lines.join("\n")}\n${END}\n`;
}

/** @returns PKCS#8 in DER. @throws {Error} for another passphrase, or a file that was changed or is of a newer form. */
export async function unsealKey(text: string, passphrase: string): Promise<Buffer> {
	const begin = text.indexOf(BEGIN);
	const end = text.indexOf(END, begin);
	const sealed = Buffer.from(end < 0 ? "" : text.slice(begin + BEGIN.length, end), "base64");
	if (sealed.length <= HEAD_BYTES + TAG_BYTES) throw new Error("the file is cut off");
	if (sealed[0] !== FORM) throw new Error(`form ${sealed[0]} is newer than this program`);
	const head = sealed.subarray(0, HEAD_BYTES);
	const decipher = createDecipheriv("aes-256-gcm", ...(await keyAndNonce(head, passphrase)), { authTagLength: TAG_BYTES });
	decipher.setAAD(head).setAuthTag(sealed.subarray(-TAG_BYTES));
	return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
}

/** Off the event loop: a registry that takes up new keys goes on answering. */
async function keyAndNonce(head: Buffer, passphrase: string): Promise<[key: Buffer, nonce: Buffer]> {
	const salt = head.subarray(1, 1 + SALT_BYTES);
	const key = await new Promise<Buffer>((resolve, reject) => {
		scrypt(passphrase, salt, 32, SCRYPT, (error, derived) => (error ? reject(error) : resolve(derived)));
	});
	return [key, head.subarray(1 + SALT_BYTES)];
}
