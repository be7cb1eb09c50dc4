/** What one finding means for the whole: the chain is bad, it cannot be judged here, or it is worth knowing and no more. */
export type FindingWeight = "failed" | "cannot_verify" | "note";

interface FindingEntry {
	readonly weight: FindingWeight;
	/** In plain words. */
	readonly what: string;
	/** What to do. */
	readonly next: string;
}

const SUSPECT = "Do not hand the phone over. Keep it, and compare it with its box and another phone of the model.";
const REPORT = "Send the phone's report to whoever maintains this program.";
const UPDATE = "Run holdfast attestation update with Google's latest lists.";

/** Every finding there can be. Codes are stable: programs go by them. */
export const FINDINGS = {
	// The chain as such
	CHAIN_TOO_LONG: entry("failed", "The chain has more certificates than any phone sends.", SUSPECT),
	CERTIFICATE_TOO_LARGE: entry("failed", "A certificate is larger than any phone sends.", SUSPECT),
	CERTIFICATE_UNREADABLE: entry("failed", "A certificate cannot be read.", SUSPECT),
	ALGORITHM_UNSUPPORTED: entry("cannot_verify", "The chain is signed by an algorithm that this registry does not know.", REPORT),
	NAMES_DO_NOT_CHAIN: entry("failed", "A certificate names another issuer than the next one in the chain.", SUSPECT),
	SIGNATURE_BAD: entry("failed", "A certificate is not signed by the next one in the chain.", SUSPECT),
	// Factories have made such chains (Sony Xperia 10 III among Android's own test chains); that only one attestation may stand in a
	// chain is what keeps a phone's own key from issuing.
	ISSUER_NOT_CA: entry(
		"note",
		"A certificate was issued by one that does not say that it may issue any.",
		"Nothing: some factories made such chains.",
	),
	CERTIFICATE_NOT_YET_VALID: entry(
		"failed",
		"A certificate of the chain is not valid yet.",
		"Check the registry's clock; then enrol again.",
	),
	CERTIFICATE_EXPIRED: entry(
		"failed",
		"A certificate of the chain has expired.",
		"Connect the phone to the internet for a day, then enrol it again: it fetches new ones.",
	),
	FACTORY_CERTIFICATE_EXPIRED: entry(
		"note",
		"A certificate from the phone's factory has expired. Its maker cannot renew it, so this is accepted.",
		"Nothing.",
	),
	ROOT_UNKNOWN: entry("failed", "The chain does not end at a root of Google's.", SUSPECT),
	CERTIFICATE_REVOKED: entry("failed", "A certificate of the chain is revoked: its key is known to others.", SUSPECT),
	CERTIFICATE_SUSPENDED: entry(
		"failed",
		"A certificate of the chain is suspended by Google.",
		"Wait for Google to decide; enrol another phone.",
	),
	REVOCATION_UNKNOWN: entry("cannot_verify", "This registry has no list of revoked certificates.", UPDATE),
	TRUST_EXPIRED: entry("cannot_verify", "The lists of roots and revoked certificates are too old to go by.", UPDATE),
	// The extension
	EXTENSION_MISSING: entry("failed", "The chain says nothing about the key.", SUSPECT),
	EXTENSION_NOT_IN_LEAF: entry("failed", "What the chain attests is another key than the one it ends in.", SUSPECT),
	EXTENSION_HIDDEN: entry("failed", "The chain holds more than one attestation: one hides another.", SUSPECT),
	EXTENSION_UNREADABLE: entry("failed", "The attestation cannot be read.", SUSPECT),
	EXTENSION_UNSUPPORTED: entry("cannot_verify", "The attestation is of a newer kind than this registry knows.", REPORT),
	TAGS_OUT_OF_ORDER: entry(
		"failed",
		"The attestation's parts are out of order.",
		"If all phones of the model do this, allow it: holdfast attestation policy --any-tag-order.",
	),
	TAGS_OUT_OF_ORDER_ALLOWED: entry("note", "The attestation's parts are out of order. The lender allows it.", "Nothing."),
	BOOLEAN_NOT_DER: entry("note", "The phone writes yes and no in its own way.", "Nothing."),
	// What it says
	ATTESTED_BY_SOFTWARE: entry("failed", "The attestation was made by software, not by secure hardware.", SUSPECT),
	KEY_IN_SOFTWARE: entry("failed", "The key is kept by software, not by secure hardware.", SUSPECT),
	ENFORCED_BY_SOFTWARE: entry("failed", "Something that secure hardware has to vouch for is vouched for by software.", SUSPECT),
	ROOT_OF_TRUST_MISSING: entry("failed", "The attestation does not say how the phone was started.", SUSPECT),
	BOOTLOADER_UNLOCKED: entry(
		"failed",
		"The phone's bootloader is unlocked.",
		"Lock the bootloader, reset the phone, then enrol it again.",
	),
	BOOT_NOT_VERIFIED: entry(
		"failed",
		"The phone was not started from software that its maker signed.",
		"Install the maker's own software, lock the bootloader, then enrol again.",
	),
	BOOT_KEY_NOT_PINNED: entry(
		"failed",
		"The phone was started from software signed by a key that the lender has not named.",
		"Install the maker's own software; or name the key: holdfast attestation policy --boot-key.",
	),
	CHALLENGE_MISMATCH: entry("failed", "The attestation was made for something else than this binding.", SUSPECT),
	ORIGIN_NOT_GENERATED: entry("failed", "The key was not made in the phone's secure hardware.", SUSPECT),
	PURPOSE_WRONG: entry("failed", "The key may do something else than sign.", SUSPECT),
	KEY_MISMATCH: entry("failed", "The attested key is not the phone's key.", SUSPECT),
	USES_LIMITED: entry("failed", "The key stops working after some uses.", SUSPECT),
	APP_UNKNOWN: entry("failed", "The attestation does not say which app asked for it.", SUSPECT),
	APP_WRONG: entry("failed", "Another app than the agent asked for the key.", SUSPECT),
	APP_SIGNER_WRONG: entry("failed", "The agent on the phone is signed by somebody else.", SUSPECT),
	APP_SIGNER_NOT_COMPARED: entry(
		"note",
		"The lender has not said who signs the agent, so that was not compared.",
		"Name the certificate: holdfast attestation policy --agent-certificate.",
	),
	OS_PATCH_OLD: entry(
		"failed",
		"The phone's system is older than the lender accepts.",
		"Update the phone's system, then enrol it again.",
	),
	VENDOR_PATCH_OLD: entry(
		"failed",
		"The maker's part of the phone's system is older than the lender accepts.",
		"Update the phone's system, then enrol it again.",
	),
	BOOT_PATCH_OLD: entry(
		"failed",
		"The start of the phone's system is older than the lender accepts.",
		"Update the phone's system, then enrol it again.",
	),
	IMEI_DIFFERS: entry("failed", "The phone attests other IMEIs than it was enrolled with.", SUSPECT),
	SERIAL_DIFFERS: entry("failed", "The phone attests another serial number than it was enrolled with.", SUSPECT),
	ID_NOT_ATTESTED: entry(
		"failed",
		"The phone does not attest its IMEI, and the lender asks for that.",
		"Enrol a model that does, or do not ask: holdfast attestation policy --no-id.",
	),
} as const satisfies Readonly<Record<string, FindingEntry>>;

function entry(weight: FindingWeight, what: string, next: string): FindingEntry {
	return { weight, what, next };
}

export type FindingCode = keyof typeof FINDINGS;

/** One thing that was found, with what was seen: never more of an IMEI than its end. */
export interface Finding {
	readonly code: FindingCode;
	readonly seen?: string;
}

export function isFindingCode(text: string): text is FindingCode {
	return Object.hasOwn(FINDINGS, text);
}
