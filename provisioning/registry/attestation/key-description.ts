import {
	AttestationApplicationId,
	type AuthorizationList as LibraryList,
	type NonStandardAuthorizationList,
	NonStandardKeyDescription,
} from "@peculiar/asn1-android";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";

import { ChainError } from "./chain-error.ts";
import { CONTEXT, type DerNode, hasOddBoolean, readDer, SEQUENCE, UNIVERSAL } from "./der.ts";

/** Where a key lives, and who says so: 0 software, 1 trusted environment, 2 StrongBox. */
export type SecurityLevel = 0 | 1 | 2;

export interface RootOfTrust {
	readonly verifiedBootKey: Uint8Array;
	readonly deviceLocked: boolean;
	/** 0 verified, 1 self-signed, 2 unverified, 3 failed. */
	readonly verifiedBootState: number;
	/** From version 3 on. */
	readonly verifiedBootHash?: Uint8Array;
}

export interface AttestedApp {
	readonly packages: readonly { readonly name: string; readonly version: number }[];
	/** SHA-256 of signing certificates. */
	readonly signatures: readonly Uint8Array[];
}

/** What is said of a key, by one who enforces it. Numbers as KeyMint has them; levels of patches as YYYYMM or YYYYMMDD. */
export interface AuthorizationList {
	readonly purposes?: readonly number[];
	readonly algorithms?: number;
	readonly keySize?: number;
	readonly digests?: readonly number[];
	readonly paddings?: readonly number[];
	readonly ecCurve?: number;
	readonly rsaPublicExponent?: number;
	readonly rsaOaepMgfDigests?: readonly number[];
	readonly rollbackResistance?: true;
	readonly usageCountLimit?: number;
	readonly noAuthRequired?: true;
	readonly userAuthType?: number;
	readonly authTimeout?: number;
	readonly allowWhileOnBody?: true;
	readonly trustedUserPresenceRequired?: true;
	readonly trustedConfirmationRequired?: true;
	readonly unlockedDeviceRequired?: true;
	readonly allApplications?: true;
	readonly creationDateTime?: number;
	readonly origin?: number;
	readonly rollbackResistant?: true;
	readonly rootOfTrust?: RootOfTrust;
	readonly osVersion?: number;
	readonly osPatchLevel?: number;
	readonly attestationApplicationId?: AttestedApp;
	readonly attestationIdBrand?: string;
	readonly attestationIdDevice?: string;
	readonly attestationIdProduct?: string;
	readonly attestationIdSerial?: string;
	readonly attestationIdImei?: string;
	readonly attestationIdMeid?: string;
	readonly attestationIdManufacturer?: string;
	readonly attestationIdModel?: string;
	readonly vendorPatchLevel?: number;
	readonly bootPatchLevel?: number;
	readonly attestationIdSecondImei?: string;
	readonly moduleHash?: Uint8Array;
}

/** The key description, by the names of Android's verifier. */
export interface KeyDescription {
	/** 1, 2, 3, 4, 100, 200, 300 or 400. */
	readonly attestationVersion: number;
	readonly attestationSecurityLevel: SecurityLevel;
	readonly keyMintVersion: number;
	readonly keyMintSecurityLevel: SecurityLevel;
	readonly attestationChallenge: Uint8Array;
	readonly uniqueId: Uint8Array;
	readonly softwareEnforced: AuthorizationList;
	readonly hardwareEnforced: AuthorizationList;
	/** How it is written otherwise than the standard says; what it means is clear all the same. */
	readonly quirks: readonly ("ODD_BOOLEAN" | "TAGS_OUT_OF_ORDER")[];
}

const VERSIONS: ReadonlySet<number> = new Set([1, 2, 3, 4, 100, 200, 300, 400]);

/** Tags that the schema of version 400 has. */
const TAGS: ReadonlySet<number> = new Set([
	...[1, 2, 3, 5, 6, 10, 200, 203, 303, 305, 400, 401, 402, 405, 503, 504, 505, 506, 507, 508, 509, 600, 601, 701, 702, 703, 704],
	...[705, 706, 709, 710, 711, 712, 713, 714, 715, 716, 717, 718, 719, 720, 723, 724],
]);

/**
 * Reads the extension's value.
 *
 * @throws {ChainError} EXTENSION_UNREADABLE; EXTENSION_UNSUPPORTED for a version or a tag that this program does not know.
 */
export function readKeyDescription(bytes: Uint8Array): KeyDescription {
	try {
		const tree = readDer(bytes, { isAnyBoolean: true });
		const isOrdered = checkShape(tree);
		const read = AsnConvert.parse(bytes, NonStandardKeyDescription);
		return {
			attestationVersion: whole(read.attestationVersion),
			attestationSecurityLevel: level(read.attestationSecurityLevel),
			keyMintVersion: whole(read.keyMintVersion),
			keyMintSecurityLevel: level(read.keyMintSecurityLevel),
			attestationChallenge: octets(read.attestationChallenge),
			uniqueId: octets(read.uniqueId),
			softwareEnforced: authorizations(read.softwareEnforced),
			hardwareEnforced: authorizations(read.hardwareEnforced),
			quirks: [
				...(hasOddBoolean(tree) ? (["ODD_BOOLEAN"] as const) : []),
				...(isOrdered ? [] : (["TAGS_OUT_OF_ORDER"] as const)),
			],
		};
	} catch (cause) {
		if (cause instanceof ChainError) throw cause;
		const why = cause instanceof Error ? cause.message.slice(0, 100) : "";
		throw new ChainError("EXTENSION_UNREADABLE", why, { cause });
	}
}

/** Eight members, of which the last two are lists of known tags, each once. @returns whether the tags ascend. */
function checkShape(tree: DerNode): boolean {
	const isSequence = (node: DerNode | undefined) => node?.tagClass === UNIVERSAL && node.tag === SEQUENCE;
	const [version] = tree.children;
	if (!isSequence(tree) || !version) throw new Error("no key description");
	const known = Number(`0x${Buffer.from(version.content).toString("hex") || "0"}`);
	if (!VERSIONS.has(known)) throw new ChainError("EXTENSION_UNSUPPORTED", `version ${known}`);
	if (tree.children.length !== 8) throw new Error("not eight members");
	return [6, 7].every((index) => {
		const list = tree.children[index];
		if (!list || !isSequence(list)) throw new Error("an authorization list is none");
		const tags = list.children.map(({ tagClass, tag, children }) => {
			if (tagClass !== CONTEXT || children.length !== 1) throw new Error("an authorization is no tagged value");
			if (!TAGS.has(tag)) throw new ChainError("EXTENSION_UNSUPPORTED", `tag ${tag}`);
			return tag;
		});
		if (new Set(tags).size !== tags.length) throw new Error("a tag stands twice");
		return tags.every((tag, at) => at === 0 || tag > (tags[at - 1] ?? 0));
	});
}

function authorizations(list: NonStandardAuthorizationList): AuthorizationList {
	const of = <Name extends keyof LibraryList>(name: Name) => list.findProperty(name);
	const number = (value: unknown) => (value === undefined ? undefined : whole(value));
	const numbers = (values: readonly unknown[] | undefined) => values && [...values].map(whole);
	const flag = (value: unknown) => (value === undefined ? undefined : (true as const));
	const text = (value: OctetString | undefined) => value && utf8(octets(value));
	const { rootOfTrust, attestationApplicationId, moduleHash } = {
		rootOfTrust: of("rootOfTrust"),
		attestationApplicationId: of("attestationApplicationId"),
		moduleHash: of("moduleHash"),
	};
	return defined({
		purposes: numbers(of("purpose")),
		algorithms: number(of("algorithm")),
		keySize: number(of("keySize")),
		digests: numbers(of("digest")),
		paddings: numbers(of("padding")),
		ecCurve: number(of("ecCurve")),
		rsaPublicExponent: number(of("rsaPublicExponent")),
		rsaOaepMgfDigests: numbers(of("mgfDigest")),
		rollbackResistance: flag(of("rollbackResistance")),
		usageCountLimit: number(of("usageCountLimit")),
		noAuthRequired: flag(of("noAuthRequired")),
		userAuthType: number(of("userAuthType")),
		authTimeout: number(of("authTimeout")),
		allowWhileOnBody: flag(of("allowWhileOnBody")),
		trustedUserPresenceRequired: flag(of("trustedUserPresenceRequired")),
		trustedConfirmationRequired: flag(of("trustedConfirmationRequired")),
		unlockedDeviceRequired: flag(of("unlockedDeviceRequired")),
		allApplications: flag(of("allApplications")),
		creationDateTime: number(of("creationDateTime")),
		origin: number(of("origin")),
		rollbackResistant: flag(of("rollbackResistant")),
		rootOfTrust:
			rootOfTrust &&
			defined({
				verifiedBootKey: octets(rootOfTrust.verifiedBootKey),
				deviceLocked: rootOfTrust.deviceLocked,
				verifiedBootState: whole(rootOfTrust.verifiedBootState),
				verifiedBootHash: rootOfTrust.verifiedBootHash && octets(rootOfTrust.verifiedBootHash),
			}),
		osVersion: number(of("osVersion")),
		osPatchLevel: number(of("osPatchLevel")),
		attestationApplicationId: attestationApplicationId && readApp(octets(attestationApplicationId)),
		attestationIdBrand: text(of("attestationIdBrand")),
		attestationIdDevice: text(of("attestationIdDevice")),
		attestationIdProduct: text(of("attestationIdProduct")),
		attestationIdSerial: text(of("attestationIdSerial")),
		attestationIdImei: text(of("attestationIdImei")),
		attestationIdMeid: text(of("attestationIdMeid")),
		attestationIdManufacturer: text(of("attestationIdManufacturer")),
		attestationIdModel: text(of("attestationIdModel")),
		vendorPatchLevel: number(of("vendorPatchLevel")),
		bootPatchLevel: number(of("bootPatchLevel")),
		attestationIdSecondImei: text(of("attestationIdSecondImei")),
		moduleHash: moduleHash && octets(moduleHash),
	});
}

function readApp(bytes: Uint8Array): AttestedApp {
	readDer(bytes);
	const { packageInfos, signatureDigests } = AsnConvert.parse(bytes, AttestationApplicationId);
	return {
		// The library leaves out a set that is empty.
		packages: (packageInfos ?? []).map(({ packageName, version }) => ({
			name: utf8(octets(packageName)),
			version: whole(version),
		})),
		signatures: (signatureDigests ?? []).map(octets),
	};
}

type Defined<Value> = { [Name in keyof Value]?: Exclude<Value[Name], undefined> };

/** Without the members that are not there. */
function defined<Value extends object, Result extends object = Defined<Value>>(value: Value): Result {
	// Only members that may be absent in Result are left out.
	return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Result;
}

/** The library's types say OctetString everywhere; where the schema says octets of no class of its own, it gives the buffer itself. */
function octets(value: OctetString | ArrayBuffer): Uint8Array {
	return new Uint8Array(value instanceof OctetString ? value.buffer : value);
}

function utf8(bytes: Uint8Array): string {
	return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** The library gives numbers of four bytes and more as text. Unsigned times of 64 bits lie in tags that are not read. */
function whole(value: unknown): number {
	const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
	if (!Number.isSafeInteger(number)) throw new Error("a number that is too large");
	return number;
}

function level(value: unknown): SecurityLevel {
	if (value === 0 || value === 1 || value === 2) return value;
	throw new ChainError("EXTENSION_UNSUPPORTED", `security level ${String(value)}`);
}

/** How many certificates remote provisioning has given: a CBOR map whose member 1 is a number. `undefined` if it is anything else. */
export function certificatesIssued(info: Uint8Array | undefined): number | undefined {
	const [map = 0, key = 0, first = 0, second = 0, third = 0] = info ?? [];
	if (map >> 5 !== 5 || key !== 1) return undefined;
	if (first < 24) return first;
	if (first === 24) return second;
	return first === 25 ? (second << 8) | third : undefined;
}
