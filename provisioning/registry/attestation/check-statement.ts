import { Buffer } from "node:buffer";

import type { Finding, FindingCode } from "./finding-codes.ts";
import type { AuthorizationList, KeyDescription, RootOfTrust } from "./key-description.ts";

/** What the registry knows of the phone and asks of its key. */
export interface ExpectedKey {
	/** SHA-256 of the binding: its 16 random bytes make it fresh. */
	readonly challenge: Uint8Array;
	readonly imeis: readonly string[];
	readonly serial: string;
}

/** What the lender asks for beyond that. */
export interface AttestationRequirements {
	readonly packageName: string;
	/** SHA-256 of certificates that may sign the agent, hex. None: that is not compared. */
	readonly agentCertificates: readonly string[];
	/** Keys of self-signed systems that are accepted, hex. */
	readonly bootKeys: readonly string[];
	/** YYYYMM or YYYYMMDD. */
	readonly osPatchFloor?: number | undefined;
	readonly vendorPatchFloor?: number | undefined;
	readonly bootPatchFloor?: number | undefined;
	/** The IMEI must be attested, not only not contradicted. */
	readonly needsId: boolean;
	readonly anyTagOrder: boolean;
}

const SIGN = 2;
const VERIFY = 3;
const GENERATED = 0;
const VERIFIED = 0;
const SELF_SIGNED = 1;

/**
 * What only secure hardware can vouch for. Of all the rest the software says so itself (creation time, app, module hash), or it changes
 * nothing for us.
 */
const HARDWARE_ALONE: readonly (keyof AuthorizationList)[] = [
	...([
		"purposes",
		"algorithms",
		"keySize",
		"ecCurve",
		"origin",
		"rootOfTrust",
		"usageCountLimit",
		"rollbackResistance",
	] as const),
	...(["osVersion", "osPatchLevel", "vendorPatchLevel", "bootPatchLevel"] as const),
	...(["attestationIdBrand", "attestationIdDevice", "attestationIdProduct", "attestationIdSerial", "attestationIdImei"] as const),
	...(["attestationIdSecondImei", "attestationIdMeid", "attestationIdManufacturer", "attestationIdModel"] as const),
];

/** Whether what the key description says is what the lender asks for. Each line is one rule. */
export function checkStatement(said: KeyDescription, expected: ExpectedKey, asked: AttestationRequirements): Finding[] {
	const { hardwareEnforced: hardware, softwareEnforced: software } = said;
	const inSoftware = HARDWARE_ALONE.filter((name) => software[name] !== undefined);
	return [
		...when(said.quirks.includes("ODD_BOOLEAN"), "BOOLEAN_NOT_DER"),
		...when(said.quirks.includes("TAGS_OUT_OF_ORDER"), asked.anyTagOrder ? "TAGS_OUT_OF_ORDER_ALLOWED" : "TAGS_OUT_OF_ORDER"),
		...when(said.attestationSecurityLevel === 0, "ATTESTED_BY_SOFTWARE"),
		...when(said.keyMintSecurityLevel === 0, "KEY_IN_SOFTWARE"),
		...when(inSoftware.length > 0, "ENFORCED_BY_SOFTWARE", inSoftware.join(", ")),
		...checkBoot(hardware.rootOfTrust, asked.bootKeys),
		...when(!same(said.attestationChallenge, expected.challenge), "CHALLENGE_MISMATCH"),
		...when(hardware.origin !== GENERATED, "ORIGIN_NOT_GENERATED", `origin ${hardware.origin ?? "not attested"}`),
		...checkPurpose(hardware.purposes ?? []),
		...when(hardware.usageCountLimit !== undefined || software.usageCountLimit !== undefined, "USES_LIMITED"),
		...checkApp(software, asked),
		...checkPatch("OS_PATCH_OLD", hardware.osPatchLevel, asked.osPatchFloor),
		...checkPatch("VENDOR_PATCH_OLD", hardware.vendorPatchLevel, asked.vendorPatchFloor),
		...checkPatch("BOOT_PATCH_OLD", hardware.bootPatchLevel, asked.bootPatchFloor),
		...checkIds(hardware, expected, asked),
	];
}

function when(isFound: boolean, code: FindingCode, seen?: string): Finding[] {
	return isFound ? [seen === undefined ? { code } : { code, seen }] : [];
}

function same(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.from(a).equals(b);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function checkBoot(root: RootOfTrust | undefined, bootKeys: readonly string[]): Finding[] {
	if (!root) return [{ code: "ROOT_OF_TRUST_MISSING" }];
	const isSelfSigned = root.verifiedBootState === SELF_SIGNED;
	return [
		...when(!root.deviceLocked, "BOOTLOADER_UNLOCKED"),
		...when(root.verifiedBootState !== VERIFIED && !isSelfSigned, "BOOT_NOT_VERIFIED", `state ${root.verifiedBootState}`),
		...when(isSelfSigned && !bootKeys.includes(hex(root.verifiedBootKey)), "BOOT_KEY_NOT_PINNED", hex(root.verifiedBootKey)),
	];
}

/** Our agent asks for signing and nothing else; verifying takes no secret. */
function checkPurpose(purposes: readonly number[]): Finding[] {
	const isRight = purposes.includes(SIGN) && purposes.every((purpose) => purpose === SIGN || purpose === VERIFY);
	return when(!isRight, "PURPOSE_WRONG", `purposes ${purposes.join(", ") || "none"}`);
}

function checkApp(
	{ attestationApplicationId: app, allApplications }: AuthorizationList,
	asked: AttestationRequirements,
): Finding[] {
	if (!app || allApplications) return [{ code: "APP_UNKNOWN" }];
	const names = app.packages.map(({ name }) => name);
	if (names.length !== 1 || names[0] !== asked.packageName) {
		// Several packages may share one user id, and then any of them may have asked.
		return [{ code: "APP_WRONG", seen: names.join(", ").slice(0, 200) }];
	}
	if (asked.agentCertificates.length === 0) return [{ code: "APP_SIGNER_NOT_COMPARED" }];
	const signers = app.signatures.map(hex);
	const isRight = signers.length > 0 && signers.every((signer) => asked.agentCertificates.includes(signer));
	return when(!isRight, "APP_SIGNER_WRONG", signers.join(", ").slice(0, 200));
}

function checkPatch(code: FindingCode, level: number | undefined, floor: number | undefined): Finding[] {
	if (floor === undefined) return [];
	const isDated = level !== undefined && [6, 8].includes(String(level).length);
	if (!isDated) return [{ code, seen: `${level ?? "not attested"}` }];
	// By month where either has no day.
	const digits = Math.min(String(level).length, String(floor).length);
	const cut = (value: number) => Number(String(value).slice(0, digits));
	return when(cut(level) < cut(floor), code, `${level}, asked for ${floor}`);
}

function checkIds(hardware: AuthorizationList, expected: ExpectedKey, { needsId }: AttestationRequirements): Finding[] {
	const attested = [hardware.attestationIdImei, hardware.attestationIdSecondImei].filter((imei) => imei !== undefined);
	const foreign = attested.filter((imei) => !expected.imeis.includes(imei));
	const serial = hardware.attestationIdSerial;
	return [
		...when(foreign.length > 0, "IMEI_DIFFERS", foreign.map((imei) => `...${imei.slice(-4)}`).join(", ")),
		...when(serial !== undefined && expected.serial !== "" && serial !== expected.serial, "SERIAL_DIFFERS"),
		...when(needsId && attested.length === 0, "ID_NOT_ATTESTED"),
	];
}
