import { p256 } from "@noble/curves/nist.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

import { toHex } from "../../../proto/crypto.ts";
import { DerReader } from "./der.ts";
import { unreadable } from "./unreadable.ts";

export type HashName = "sha256" | "sha512";

/** What an algorithm id of the APK signature schemes stands for. The same hash makes the file's digest. */
export interface SignatureAlgorithm {
	readonly key: "rsa" | "p256";
	readonly hash: HashName;
}

// What apksigner uses for RSA keys up to 3072 bits, longer ones, and P-256. PSS, DSA, larger curves and fs-verity trees are refused.
const ALGORITHMS: ReadonlyMap<number, SignatureAlgorithm> = new Map([
	[0x0103, { key: "rsa", hash: "sha256" }],
	[0x0104, { key: "rsa", hash: "sha512" }],
	[0x0201, { key: "p256", hash: "sha256" }],
]);

const OID_RSA = "2a864886f70d010101";
const OID_EC = "2a8648ce3d0201";
const OID_P256 = "2a8648ce3d030107";
/** DigestInfo up to the hash (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO = {
	sha256: "3031300d060960864801650304020105000420",
	sha512: "3051300d060960864801650304020305000440",
} as const;
const MAX_RSA_BYTES = 1024;
const RSA_EXPONENT = 65537n;

export interface SignatureClaim {
	/** Algorithm id of the APK signature schemes. */
	readonly algorithm: number;
	/** X.509, DER. */
	readonly certificate: Uint8Array;
	/** SubjectPublicKeyInfo as the signing block repeats it, DER. */
	readonly publicKey: Uint8Array;
	readonly signedData: Uint8Array;
	readonly signature: Uint8Array;
}

/**
 * Checks one signature of an APK: RSA PKCS#1 v1.5 with SHA-256 or SHA-512, or ECDSA P-256 with SHA-256. All of it public data, so
 * BigInt arithmetic in variable time is fine, and it stays synchronous, which WebCrypto is not.
 *
 * @throws {FaultError} APK_UNREADABLE if it does not hold, or is of another kind.
 */
export function verifySignature({ algorithm, certificate, publicKey, signedData, signature }: SignatureClaim): void {
	if (toHex(certificateKey(certificate)) !== toHex(publicKey)) throw unreadable("a signer's key is not its certificate's");
	if (!holds(algorithm, publicKey, signedData, signature)) throw unreadable("a signature does not hold");
}

/** @throws {FaultError} APK_UNREADABLE if the id is not one of those read here. */
export function signatureAlgorithm(id: number): SignatureAlgorithm {
	const algorithm = ALGORITHMS.get(id);
	if (algorithm === undefined) throw unreadable("the APK is signed by an algorithm other than RSA PKCS#1 v1.5 and ECDSA P-256");
	return algorithm;
}

function holds(algorithm: number, publicKey: Uint8Array, signedData: Uint8Array, signature: Uint8Array): boolean {
	const { key, hash } = signatureAlgorithm(algorithm);
	if (key === "p256") return ecdsaHolds(publicKey, signedData, signature);
	const digest = hash === "sha256" ? sha256(signedData) : sha512(signedData);
	return rsaHolds(publicKey, DIGEST_INFO[hash] + toHex(digest), signature);
}

/** SubjectPublicKeyInfo of a certificate (RFC 5280 section 4.1). */
function certificateKey(certificate: Uint8Array): Uint8Array {
	const tbs = new DerReader(certificate).sequence().sequence();
	if (tbs.nextTag() === 0xa0) tbs.any(); // version
	for (const _field of ["serialNumber", "signature", "issuer", "validity", "subject"]) tbs.any();
	return tbs.any();
}

/** Compares what the signature opens to with the one padded text it may be, so there is no padding to parse wrongly. */
function rsaHolds(publicKey: Uint8Array, digestInfo: string, signature: Uint8Array): boolean {
	const info = new DerReader(publicKey).sequence();
	if (toHex(info.sequence().content(0x06)) !== OID_RSA) return false;
	const key = new DerReader(bitString(info)).sequence();
	const modulusHex = toHex(key.content(0x02)).replace(/^00/, "");
	const exponent = toBigInt(toHex(key.content(0x02)));
	const modulus = toBigInt(modulusHex);
	const size = modulusHex.length / 2;
	// The exponent that every tool uses; a free one would let the file choose how long this takes.
	if (exponent !== RSA_EXPONENT || size < 256 || size > MAX_RSA_BYTES || signature.length !== size) return false;
	const padding = "ff".repeat(size - 3 - digestInfo.length / 2);
	let power = toBigInt(toHex(signature));
	const base = power;
	if (base >= modulus) return false;
	for (let squarings = 0; squarings < 16; squarings++) power = (power * power) % modulus;
	return (power * base) % modulus === toBigInt(`0001${padding}00${digestInfo}`);
}

function ecdsaHolds(publicKey: Uint8Array, signedData: Uint8Array, signature: Uint8Array): boolean {
	const info = new DerReader(publicKey).sequence();
	const algorithm = info.sequence();
	if (toHex(algorithm.content(0x06)) !== OID_EC || toHex(algorithm.content(0x06)) !== OID_P256) return false;
	try {
		return p256.verify(signature, signedData, bitString(info), { format: "der", lowS: false });
	} catch {
		return false; // a point off the curve, or a signature that is not DER
	}
}

function bitString(info: DerReader): Uint8Array {
	const bits = info.content(0x03);
	if (bits[0] !== 0) throw unreadable("a signer's key is not whole bytes");
	return bits.subarray(1);
}

function toBigInt(hex: string): bigint {
	return hex === "" ? 0n : BigInt(`0x${hex}`);
}
