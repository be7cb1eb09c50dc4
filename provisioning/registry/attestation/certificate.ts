import { createHash, X509Certificate } from "node:crypto";

import { AsnConvert } from "@peculiar/asn1-schema";
import { BasicConstraints, Certificate, id_ce_basicConstraints } from "@peculiar/asn1-x509";

import { ChainError } from "./chain-error.ts";
import { CONTEXT, type DerNode, readDer } from "./der.ts";

/** Certificates of a chain: Android's have three to six. */
export const MAX_CERTIFICATES = 10;
/** Of one certificate: Android's have up to two KiB, with ML-DSA up to eight. */
export const MAX_CERTIFICATE_BYTES = 12 * 1024;

/** The key description (source.android.com/docs/security/features/keystore/attestation). */
export const KEY_DESCRIPTION_OID = "1.3.6.1.4.1.11129.2.1.17";
/** How often the phone was given certificates by remote key provisioning. */
const PROVISIONING_INFO_OID = "1.3.6.1.4.1.11129.2.1.30";

/** One certificate of a chain. */
export interface ChainCertificate {
	readonly x509: X509Certificate;
	/** Lower-case hex without leading zeros, as Google's status list names it. */
	readonly serial: string;
	/** Distinguished names, as they are written. */
	readonly issuer: Uint8Array;
	readonly subject: Uint8Array;
	/** Such as `CN=Droid CA2, O=Google LLC`, by object identifier. */
	readonly subjectAttributes: ReadonlyMap<string, string>;
	/** SHA-256 of the SubjectPublicKeyInfo, hex. */
	readonly publicKeySha256: string;
	/** The key's bytes as they stand in the certificate: of an EC key the point. */
	readonly publicKeyBits: Uint8Array;
	readonly publicKeyAlgorithm: string;
	readonly signatureAlgorithm: string;
	/** What its basic constraints say; `undefined` if it has none, as on some old phones. */
	readonly isCa: boolean | undefined;
	readonly notBeforeSeconds: number;
	readonly notAfterSeconds: number;
	/** Of the key description extension; `undefined` if it has none. */
	readonly keyDescription: Uint8Array | undefined;
	readonly provisioningInfo: Uint8Array | undefined;
}

/**
 * Reads a chain from the key's own certificate to the root. Trusts nothing.
 *
 * @throws {ChainError} CHAIN_TOO_LONG, CERTIFICATE_TOO_LARGE, CERTIFICATE_UNREADABLE.
 */
export function readChain(chain: readonly Uint8Array[]): readonly ChainCertificate[] {
	if (chain.length > MAX_CERTIFICATES) throw new ChainError("CHAIN_TOO_LONG", `${chain.length} certificates`);
	return chain.map((der, index) => {
		if (der.length > MAX_CERTIFICATE_BYTES)
			throw new ChainError("CERTIFICATE_TOO_LARGE", `certificate ${index + 1} has ${der.length} bytes`);
		try {
			return readCertificate(der);
		} catch (cause) {
			// Whatever three parsers think of hostile bytes: to us it is one answer.
			const why = cause instanceof Error ? cause.message.slice(0, 100) : "";
			throw new ChainError("CERTIFICATE_UNREADABLE", `certificate ${index + 1}: ${why}`, { cause });
		}
	});
}

function readCertificate(der: Uint8Array): ChainCertificate {
	const tree = readDer(der);
	const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(der, Certificate);
	if (tbsCertificate.signature.algorithm !== signatureAlgorithm.algorithm) throw new Error("it names two signature algorithms");
	const x509 = new X509Certificate(der);
	const fields = tbsFields(tree);
	const extensions = new Map<string, Uint8Array>();
	for (const { extnID, extnValue } of tbsCertificate.extensions ?? []) {
		// RFC 5280, 4.2: no extension twice. Two readers might take different ones.
		if (extensions.has(extnID)) throw new Error("an extension stands twice");
		extensions.set(extnID, new Uint8Array(extnValue.buffer));
	}
	const basicConstraints = extensions.get(id_ce_basicConstraints);
	const { validity, subjectPublicKeyInfo } = tbsCertificate;
	return {
		x509,
		serial: Buffer.from(tbsCertificate.serialNumber)
			.toString("hex")
			.replace(/^0+(?=.)/, ""),
		issuer: fields.issuer,
		subject: fields.subject,
		subjectAttributes: new Map(
			tbsCertificate.subject.flatMap((name) => [...name].map(({ type, value }) => [type, value.toString()] as const)),
		),
		publicKeySha256: createHash("sha256").update(fields.publicKey).digest("hex"),
		publicKeyBits: new Uint8Array(subjectPublicKeyInfo.subjectPublicKey),
		publicKeyAlgorithm: subjectPublicKeyInfo.algorithm.algorithm,
		signatureAlgorithm: signatureAlgorithm.algorithm,
		isCa: basicConstraints === undefined ? undefined : AsnConvert.parse(basicConstraints, BasicConstraints).cA,
		notBeforeSeconds: seconds(validity.notBefore.getTime()),
		notAfterSeconds: seconds(validity.notAfter.getTime()),
		keyDescription: extensions.get(KEY_DESCRIPTION_OID),
		provisioningInfo: extensions.get(PROVISIONING_INFO_OID),
	};
}

function seconds(date: Date): number {
	const value = Math.floor(date.getTime() / 1000);
	if (!Number.isSafeInteger(value)) throw new Error("a date that is none");
	return value;
}

/** RFC 5280, 4.1: version (if any), serial number, signature, issuer, validity, subject, public key. */
function tbsFields(certificate: DerNode): { issuer: Uint8Array; subject: Uint8Array; publicKey: Uint8Array } {
	const [tbs] = certificate.children;
	const first = tbs?.children[0];
	const skipped = first?.tagClass === CONTEXT && first.tag === 0 ? 1 : 0;
	const at = (index: number) => {
		const field = tbs?.children[index + skipped];
		if (!field) throw new Error("a field is missing");
		return field.encoded;
	};
	return { issuer: at(2), subject: at(4), publicKey: at(5) };
}
