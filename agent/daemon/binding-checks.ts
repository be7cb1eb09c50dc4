import { decode, decodeCanonical, equalBytes, type Message } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { PayloadType } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { parseImei } from "../../proto/imei.ts";
import { acceptFromRoles, isRoleCurrent } from "../../proto/roles.ts";
import { wire } from "../../proto/wire.ts";
import type { HandsetRecord, Ledger } from "../policy/ledger.ts";
import type { Terms } from "../policy/terms.ts";
import { isTimeKnown, trustedNow } from "../policy/trusted-time.ts";
import { type Refusal, refusal } from "./refusals.ts";

const CODE_KEY_BYTES = 32;

export type Binding = Message<wire.Binding.$Properties>;

/**
 * Checks a binding: signed by the enroll role of a key set, for this very handset, of that lender and key set, in time.
 *
 * @param keySetBytes the key set, verified before.
 */
export function verifyBinding(
	crypto: Crypto,
	ledger: Ledger,
	keySetBytes: Uint8Array,
	envelope: Uint8Array,
): { binding: Binding; payload: Uint8Array } | { refused: Refusal } {
	const keySet = decode(wire.KeySet, keySetBytes);
	const enroll = wire.Role.ROLE_ENROLL;
	let accepted: { message: Binding; payload: Uint8Array };
	try {
		accepted = acceptFromRoles(crypto, keySet, [enroll], wire.Binding, PayloadType.binding, envelope, undefined);
	} catch (error) {
		if (error instanceof ProtocolError) return refusal("BINDING_REFUSED", error.code);
		throw error;
	}
	const { message: binding, payload } = accepted;
	if (!/^[0-9a-f]{32}$/.test(binding.deviceId) || binding.nonce.length !== 16)
		return refusal("BINDING_REFUSED", "device id or nonce");
	if (binding.lenderId !== keySet.lenderId) return refusal("BINDING_REFUSED", "another lender's");
	if (binding.keySetVersion !== keySet.version || binding.epoch !== keySet.epoch)
		return refusal("BINDING_REFUSED", "for another key set");
	if (binding.expiresAtUnixSeconds <= binding.issuedAtUnixSeconds)
		return refusal("BINDING_EXPIRED", "expires before it was issued");
	if (!isRoleCurrent(keySet, enroll, binding.issuedAtUnixSeconds))
		return refusal("BINDING_REFUSED", "signed after the role's end");
	// A phone that has never heard a signed time cannot know more than the binding itself says.
	if (isTimeKnown(ledger.time) && trustedNow(ledger.time) >= binding.expiresAtUnixSeconds)
		return refusal("BINDING_EXPIRED", "too late");
	const mismatch = checkIdentity(binding, ledger.handset);
	return mismatch ?? { binding, payload };
}

/** F15: this handset and no other. All IMEIs, in either order, as the agent itself reads them. */
function checkIdentity(binding: Binding, handset: HandsetRecord): { refused: Refusal } | undefined {
	const named = [binding.imei1, binding.imei2].filter((imei) => imei !== "");
	if (named.length === 0 || named.some((imei) => !("imei" in parseImei(imei))))
		return refusal("BINDING_REFUSED", "an IMEI is not one");
	if (!isSameSet(named, handset.imeis)) return refusal("IMEI_MISMATCH", "the binding's IMEIs are not this handset's");
	if (handset.serial !== "" && binding.serial !== handset.serial)
		return refusal("SERIAL_MISMATCH", "the binding's serial is not this handset's");
	return undefined;
}

/** Whether a handset still is the one that a binding names. */
export function isBoundHandset(binding: Binding, handset: HandsetRecord): boolean {
	return checkIdentity(binding, handset) === undefined;
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
	return new Set(a).size === a.length && a.length === b.length && a.every((value) => b.includes(value));
}

/** The secret that comes beside a binding is the one that was signed for, or there is none. @param codeKey as in Bind. */
export function checkCodeKey(
	crypto: Pick<Crypto, "sha256">,
	{ codeKeySha256 }: Binding,
	codeKey: Uint8Array,
): { refused: Refusal } | undefined {
	const isNone = codeKey.length === 0 && codeKeySha256.length === 0;
	const isSigned = codeKey.length === CODE_KEY_BYTES && equalBytes(codeKeySha256, crypto.sha256(codeKey));
	return isNone || isSigned ? undefined : refusal("CODE_KEY_MISMATCH", "not the code key the binding names");
}

/** F10: a consent to exactly these terms, in a language in which they are available. */
export function checkConsent(
	crypto: Pick<Crypto, "sha256">,
	consentBytes: Uint8Array,
	termsBytes: Uint8Array,
	terms: Terms,
): { language: string } | { refused: Refusal } {
	let consent: Message<wire.Consent.$Properties>;
	try {
		consent = decodeCanonical(wire.Consent, consentBytes);
	} catch (error) {
		if (error instanceof ProtocolError) return refusal("CONSENT_MISMATCH", error.code);
		throw error;
	}
	if (!equalBytes(consent.termsSha256, crypto.sha256(termsBytes))) return refusal("CONSENT_MISMATCH", "to other terms");
	if (!terms.languages.includes(consent.language)) return refusal("CONSENT_MISMATCH", "in a language the terms do not name");
	if (consent.method === wire.ConsentMethod.CONSENT_METHOD_UNSPECIFIED)
		return refusal("CONSENT_MISMATCH", "not said how it was given");
	return { language: consent.language };
}
