import { createCipheriv, randomBytes, scryptSync } from "node:crypto";

/**
 * scrypt's cost: 2^14 x 8 x 5, OWASP's minimum in the form that OpenSSL reads (it refuses to spend more than 32 MiB,
 * so the work is bought with p, not N). About 0.2 s on one core of 2020.
 */
const SCRYPT = { N: 16_384, r: 8, p: 5 } as const;

/**
 * Encrypts a PKCS#8 key with a passphrase: PKCS#8 EncryptedPrivateKeyInfo, PBES2 with scrypt (RFC 7914 section 7) and
 * AES-256-CBC, as PEM. node:crypto reads it back; it can only write PBKDF2 with 2,048 rounds itself, which a stolen key
 * file would not withstand.
 */
export function encryptPkcs8(pkcs8: Uint8Array, passphrase: string): string {
	const salt = randomBytes(16);
	const iv = randomBytes(16);
	const key = scryptSync(passphrase, salt, 32, SCRYPT);
	const cipher = createCipheriv("aes-256-cbc", key, iv);
	const encrypted = Buffer.concat([cipher.update(pkcs8), cipher.final()]);
	const der = sequence(
		sequence(
			oid("2a864886f70d01050d"), // 1.2.840.113549.1.5.13 PBES2
			sequence(
				sequence(
					oid("2b06010401da47040b"), // 1.3.6.1.4.1.11591.4.11 scrypt
					sequence(tlv(0x04, salt), integer(SCRYPT.N), integer(SCRYPT.r), integer(SCRYPT.p), integer(32)),
				),
				sequence(oid("60864801650304012a"), tlv(0x04, iv)), // 2.16.840.1.101.3.4.1.42 aes256-CBC
			),
		),
		tlv(0x04, encrypted),
	);
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${lines.join("\n")}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
}

function tlv(tag: number, content: Uint8Array): Buffer {
	const { length } = content;
	const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...items: Uint8Array[]): Buffer {
	return tlv(0x30, Buffer.concat(items));
}

function oid(hex: string): Buffer {
	return tlv(0x06, Buffer.from(hex, "hex"));
}

function integer(value: number): Buffer {
	const hex = value.toString(16);
	const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
	const [first = 0] = bytes;
	return tlv(0x02, first >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}
