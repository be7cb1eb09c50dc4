import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import { AGENT_PACKAGE } from "../../proto/android-agent.ts";
import * as der from "./der-writer.ts";

/**
 * A maker's attestation in software: root, two intermediates and the key's own certificate, as a factory writes them. Real phones keep
 * such keys in secure hardware; this shows what a registry makes of a chain, and nothing about any phone.
 */
export interface AttestationCa {
	/** SHA-256 of the root's SubjectPublicKeyInfo, hex: what a registry is told to believe. */
	readonly rootSha256: string;
	readonly rootName: string;
	/** The chain for a key, DER, from its own certificate to the root. */
	attest(point: Uint8Array, claim: Claim, changes?: ChainChanges): Uint8Array[];
	/** A certificate that somebody signs with a key of their own below another's: how a chain is extended with lies. */
	extend(chain: readonly Uint8Array[], by: KeyObject, point: Uint8Array, claim: Claim): Uint8Array[];
}

/** What is said of a key. The lists hold the values by tag. */
export interface Claim {
	readonly version: number;
	readonly attestationLevel: number;
	readonly keyMintLevel: number;
	readonly challenge: Uint8Array;
	readonly software: ReadonlyMap<number, Uint8Array>;
	readonly hardware: ReadonlyMap<number, Uint8Array>;
}

/** How a chain differs from a healthy one. */
export interface ChainChanges {
	/** Of the key's own certificate. */
	readonly leafDates?: readonly [number, number];
	/** Of the one that signs it. */
	readonly signerDates?: readonly [number, number];
	readonly signerSerial?: bigint;
	/** Instead of a factory's serial number. */
	readonly provisioning?: "factory" | "remote";
	/** Also in the certificate that signs the key's. */
	readonly signerClaim?: Claim;
	/** Not in the key's own certificate. */
	readonly withoutDescription?: boolean;
	readonly signerIsCa?: boolean;
	readonly leafIssuer?: string;
	readonly provisioningInfo?: Uint8Array;
}

/** Tags of the authorization lists. */
export const Tag = {
	purpose: 1,
	algorithm: 2,
	keySize: 3,
	ecCurve: 10,
	usageCountLimit: 405,
	noAuthRequired: 503,
	allApplications: 600,
	creationDateTime: 701,
	origin: 702,
	rootOfTrust: 704,
	osVersion: 705,
	osPatchLevel: 706,
	attestationApplicationId: 709,
	attestationIdSerial: 713,
	attestationIdImei: 714,
	vendorPatchLevel: 718,
	bootPatchLevel: 719,
	attestationIdSecondImei: 723,
} as const;

export const AGENT_CERTIFICATE = createHash("sha256").update("the agent's signer").digest();
const YEAR = 365 * 24 * 3600;
const COMMON_NAME = "2.5.4.3";
const SERIAL_NUMBER = "2.5.4.5";
const ORGANIZATION = "2.5.4.10";
const TITLE = "2.5.4.12";
const SHA256_ECDSA = () => der.sequence(der.oid("1.2.840.10045.4.3.2"));

/** What a healthy phone with its maker's own software says of a key that our agent made for a challenge. */
export function healthyClaim(challenge: Uint8Array): Claim {
	return {
		version: 300,
		attestationLevel: 1,
		keyMintLevel: 1,
		challenge,
		software: new Map([
			[Tag.creationDateTime, der.integer(1_780_000_000_000n)],
			[Tag.attestationApplicationId, der.octets(appId(AGENT_PACKAGE, AGENT_CERTIFICATE))],
		]),
		hardware: new Map([
			[Tag.purpose, der.setOf(der.integer(2))],
			[Tag.algorithm, der.integer(3)],
			[Tag.keySize, der.integer(256)],
			[Tag.ecCurve, der.integer(1)],
			[Tag.noAuthRequired, der.nothing()],
			[Tag.origin, der.integer(0)],
			[Tag.rootOfTrust, rootOfTrust()],
			[Tag.osVersion, der.integer(150000)],
			[Tag.osPatchLevel, der.integer(202605)],
			[Tag.vendorPatchLevel, der.integer(20260505)],
			[Tag.bootPatchLevel, der.integer(20260505)],
		]),
	};
}

export function appId(packageName: string, certificate: Uint8Array): Uint8Array {
	const app = der.sequence(der.octets(Buffer.from(packageName)), der.integer(1));
	return der.sequence(der.setOf(app), der.setOf(der.octets(certificate)));
}

export function rootOfTrust({ key = new Uint8Array(32), locked = true as boolean | number, state = 0 } = {}): Uint8Array {
	return der.sequence(der.octets(key), der.boolean(locked), der.enumerated(state), der.octets(new Uint8Array(32).fill(7)));
}

/** Another list with one value more, other, or none. */
export function withTag(list: ReadonlyMap<number, Uint8Array>, tag: number, value?: Uint8Array): Map<number, Uint8Array> {
	const changed = new Map(list);
	if (value) changed.set(tag, value);
	else changed.delete(tag);
	return changed;
}

export function makeAttestationCa(nowSeconds: number): AttestationCa {
	const root = makeKeys();
	const intermediate = makeKeys();
	const signer = makeKeys();
	const dates = [nowSeconds - YEAR, nowSeconds + 10 * YEAR] as const;
	const rootAttributes = der.name([SERIAL_NUMBER, "0badca000badca00"]);
	const signerAttributes = der.name([COMMON_NAME, "attestation"], [TITLE, "TEE"]);
	return {
		rootSha256: createHash("sha256").update(spkiOf(root.publicKey)).digest("hex"),
		rootName: "serialNumber=0badca000badca00",
		attest(point, claim, changes = {}) {
			const remote = changes.provisioning === "remote";
			const below = remote
				? der.name([ORGANIZATION, "Google LLC"], [COMMON_NAME, "Droid CA2"])
				: der.name([SERIAL_NUMBER, "1234567890abcdef"], [TITLE, "TEE"]);
			const issuerOfLeaf = changes.leafIssuer === undefined ? signerAttributes : der.name([COMMON_NAME, changes.leafIssuer]);
			return [
				certificate({
					serial: 1n,
					issuer: issuerOfLeaf,
					subject: der.name([COMMON_NAME, "Android Keystore Key"]),
					dates: changes.leafDates ?? [0, 2_461_449_600],
					publicKey: spkiOfPoint(point),
					extensions: changes.withoutDescription ? [] : [describing(claim)],
					by: signer.privateKey,
				}),
				certificate({
					serial: changes.signerSerial ?? 0x0a1b2c3dn,
					issuer: below,
					subject: signerAttributes,
					dates: changes.signerDates ?? dates,
					publicKey: spkiOf(signer.publicKey),
					extensions: [
						authority(changes.signerIsCa ?? true),
						...(changes.signerClaim ? [describing(changes.signerClaim)] : []),
						...(changes.provisioningInfo ? [extension("1.3.6.1.4.1.11129.2.1.30", changes.provisioningInfo)] : []),
					],
					by: intermediate.privateKey,
				}),
				certificate({
					serial: 0x2002n,
					issuer: rootAttributes,
					subject: below,
					dates,
					publicKey: spkiOf(intermediate.publicKey),
					extensions: [authority(true)],
					by: root.privateKey,
				}),
				certificate({
					serial: 0xf00dn,
					issuer: rootAttributes,
					subject: rootAttributes,
					// As Google's first root on many phones: its certificate has expired, its key has not.
					dates: [nowSeconds - 10 * YEAR, nowSeconds - YEAR / 2],
					publicKey: spkiOf(root.publicKey),
					extensions: [authority(true)],
					by: root.privateKey,
				}),
			];
		},
		extend(chain, by, point, claim) {
			const forged = certificate({
				serial: 1n,
				issuer: der.name([COMMON_NAME, "Android Keystore Key"]),
				subject: der.name([COMMON_NAME, "Android Keystore Key"]),
				dates: [0, 2_461_449_600],
				publicKey: spkiOfPoint(point),
				extensions: [describing(claim)],
				by,
			});
			return [forged, ...chain];
		},
	};
}

interface CertificateParts {
	readonly serial: bigint;
	readonly issuer: Uint8Array;
	readonly subject: Uint8Array;
	readonly dates: readonly [number, number];
	readonly publicKey: Uint8Array;
	readonly extensions: readonly Uint8Array[];
	readonly by: KeyObject;
}

function certificate({ serial, issuer, subject, dates, publicKey, extensions, by }: CertificateParts): Uint8Array {
	const [from, to] = dates;
	const tbs = der.sequence(
		der.explicit(0, der.integer(2)),
		der.integer(serial),
		SHA256_ECDSA(),
		issuer,
		der.sequence(der.time(from), der.time(to)),
		subject,
		publicKey,
		...(extensions.length > 0 ? [der.explicit(3, der.sequence(...extensions))] : []),
	);
	return der.sequence(tbs, SHA256_ECDSA(), der.bits(sign("sha256", tbs, by)));
}

function extension(id: string, value: Uint8Array): Uint8Array {
	return der.sequence(der.oid(id), der.octets(value));
}

function describing(claim: Claim): Uint8Array {
	return extension("1.3.6.1.4.1.11129.2.1.17", keyDescription(claim));
}

function authority(isCa: boolean): Uint8Array {
	return extension("2.5.29.19", isCa ? der.sequence(der.boolean(true)) : der.sequence());
}

/** The extension's value. The lists keep the order of the maps. */
export function keyDescription({ version, attestationLevel, keyMintLevel, challenge, software, hardware }: Claim): Uint8Array {
	const list = (values: ReadonlyMap<number, Uint8Array>) =>
		der.sequence(...[...values].map(([tag, value]) => der.explicit(tag, value)));
	return der.sequence(
		der.integer(version),
		der.enumerated(attestationLevel),
		der.integer(version),
		der.enumerated(keyMintLevel),
		der.octets(challenge),
		der.octets(new Uint8Array()),
		list(software),
		list(hardware),
	);
}

function makeKeys() {
	return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function spkiOf(key: KeyObject): Uint8Array {
	return Uint8Array.from(key.export({ type: "spki", format: "der" }));
}

/** Of an uncompressed P-256 point. */
function spkiOfPoint(point: Uint8Array): Uint8Array {
	return der.sequence(der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7")), der.bits(point));
}
