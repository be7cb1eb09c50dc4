import type { ChainCertificate } from "./certificate.ts";
import type { Finding, FindingCode } from "./finding-codes.ts";

/** Whom to believe, at one version. */
export interface AttestationTrust {
	/** 0: the roots that this program knows, and no list of revoked certificates. */
	readonly version: number;
	/** Seconds since 1970-01-01T00:00:00Z; infinite for version 0. */
	readonly expiresAtSeconds: number;
	/** Name by SHA-256 of the SubjectPublicKeyInfo. */
	readonly roots: ReadonlyMap<string, string>;
	/** By serial number, as Google names it. `undefined`: nobody has fetched the list yet. */
	readonly status: ReadonlyMap<string, RevocationStatus> | undefined;
}

export type RevocationStatus = "REVOKED" | "SUSPENDED";

/** ECDSA with SHA-256, -384, -512; RSA PKCS #1 with the same; Ed25519. Not SHA-1; not ML-DSA, which Node 20 does not verify. */
const SIGNATURES: ReadonlySet<string> = new Set([
	...["1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4"],
	...["1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", "1.3.101.112"],
]);
/** EC, RSA, Ed25519. */
const KEYS: ReadonlySet<string> = new Set(["1.2.840.10045.2.1", "1.2.840.113549.1.1.1", "1.3.101.112"]);

const COMMON_NAME = "2.5.4.3";
const SERIAL_NUMBER = "2.5.4.5";
const ORGANIZATION = "2.5.4.10";

/**
 * How the phone came by its certificates, told as Android's verifier does: by the subject of the one below the root. Factories write a
 * serial number, remote provisioning is Google's Droid CA2.
 */
export function provisioningOf(chain: readonly ChainCertificate[]): "factory" | "remote" | "unknown" {
	const subject = chain.at(-2)?.subjectAttributes;
	if (subject?.has(SERIAL_NUMBER)) return "factory";
	return subject?.get(COMMON_NAME) === "Droid CA2" && subject.get(ORGANIZATION) === "Google LLC" ? "remote" : "unknown";
}

/**
 * Whether the chain hangs together, ends at a known root, and none of it was revoked. Signatures first: the rest is worth nothing
 * without them, but is said all the same, because it helps whoever has to find out what is wrong.
 *
 * @param validAtSeconds when the chain had to be valid: when the phone gave it.
 * @param nowSeconds how old the lists may be is counted from here.
 */
export function checkChain(
	chain: readonly ChainCertificate[],
	trust: AttestationTrust,
	validAtSeconds: number,
	nowSeconds: number,
): Finding[] {
	return [
		...checkSignatures(chain),
		...checkValidity(chain, validAtSeconds),
		...checkRoot(chain, trust),
		...checkRevocation(chain, trust, nowSeconds),
	];
}

const at = (index: number) => `certificate ${index + 1}`;

function checkSignatures(chain: readonly ChainCertificate[]): Finding[] {
	const strange = chain.findIndex(
		({ signatureAlgorithm, publicKeyAlgorithm }) => !SIGNATURES.has(signatureAlgorithm) || !KEYS.has(publicKeyAlgorithm),
	);
	const { signatureAlgorithm = "", publicKeyAlgorithm = "" } = chain[strange] ?? {};
	if (strange >= 0) {
		return [{ code: "ALGORITHM_UNSUPPORTED", seen: `${at(strange)}: ${signatureAlgorithm}, key ${publicKeyAlgorithm}` }];
	}
	return chain.flatMap((certificate, index) => {
		// The root vouches for itself: that its bytes are whole.
		const issuer = chain[index + 1] ?? certificate;
		const found: FindingCode[] = [];
		if (!Buffer.from(certificate.issuer).equals(issuer.subject)) found.push("NAMES_DO_NOT_CHAIN");
		if (issuer.isCa === false) found.push("ISSUER_NOT_CA");
		if (!isSignedBy(certificate, issuer)) found.push("SIGNATURE_BAD");
		return found.map((code) => ({ code, seen: at(index) }));
	});
}

function isSignedBy(certificate: ChainCertificate, issuer: ChainCertificate): boolean {
	try {
		return certificate.x509.verify(issuer.x509.publicKey);
	} catch {
		// A key that OpenSSL cannot use: such as a point that is not on its curve.
		return false;
	}
}

/**
 * As Android's verifier has it: the key's own certificate is dated by the phone's clock, which says nothing, so its dates are not looked
 * at; a factory cannot renew its certificates, so that they expired is no fault; the root is trusted for its key, not for its dates.
 */
function checkValidity(chain: readonly ChainCertificate[], validAtSeconds: number): Finding[] {
	const isFactory = provisioningOf(chain) === "factory";
	return chain.slice(1, -1).flatMap(({ notBeforeSeconds, notAfterSeconds }, index): Finding[] => {
		const seen = at(index + 1);
		if (validAtSeconds < notBeforeSeconds) return [{ code: "CERTIFICATE_NOT_YET_VALID", seen }];
		if (validAtSeconds <= notAfterSeconds) return [];
		return [{ code: isFactory ? "FACTORY_CERTIFICATE_EXPIRED" : "CERTIFICATE_EXPIRED", seen }];
	});
}

function checkRoot(chain: readonly ChainCertificate[], trust: AttestationTrust): Finding[] {
	const root = chain.at(-1);
	if (root && trust.roots.has(root.publicKeySha256)) return [];
	return [{ code: "ROOT_UNKNOWN", seen: `SHA-256 of its key: ${root?.publicKeySha256 ?? "none"}` }];
}

function checkRevocation(chain: readonly ChainCertificate[], trust: AttestationTrust, nowSeconds: number): Finding[] {
	if (!trust.status) return [{ code: "REVOCATION_UNKNOWN" }];
	const { status } = trust;
	const listed = chain.flatMap(({ serial }): Finding[] => {
		const found = status.get(serial);
		if (!found) return [];
		return [{ code: found === "REVOKED" ? "CERTIFICATE_REVOKED" : "CERTIFICATE_SUSPENDED", seen: `serial ${serial}` }];
	});
	return nowSeconds < trust.expiresAtSeconds ? listed : [...listed, { code: "TRUST_EXPIRED", seen: `version ${trust.version}` }];
}
