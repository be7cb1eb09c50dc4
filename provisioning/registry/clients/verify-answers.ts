import { decode, equalBytes, type Message } from "../../../proto/codec.ts";
import { type Crypto, toHex } from "../../../proto/crypto.ts";
import { PayloadType, readEnvelope } from "../../../proto/envelope.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { acceptFromRoles, type KeySet } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { faultError } from "../../handset/fault.ts";
import type { EnrollmentOffer, HandsetIdentity, ReleaseGrant } from "../../procedure/registry-port.ts";

/**
 * Checks an offer before anything of it reaches a phone: signed by the enroll role of the chain it came with, for the very
 * contract and handset that were asked for, with the terms and the consent whose hashes were signed.
 *
 * @throws {FaultError} REGISTRY_UNTRUSTED.
 */
export function verifyOffer(
	crypto: Crypto,
	keySets: readonly KeySet[],
	contractId: string,
	handset: HandsetIdentity,
	offer: EnrollmentOffer,
): void {
	const binding = acceptBy(crypto, keySets, [wire.Role.ROLE_ENROLL], wire.Binding, PayloadType.binding, offer.bindingEnvelope);
	const { terms, consent } = untrustedIfMalformed("terms or consent", () => ({
		terms: decode(wire.Terms, offer.terms),
		consent: decode(wire.Consent, offer.consent),
	}));
	const asked = [handset.imei1, ...(handset.imei2 === undefined ? [] : [handset.imei2])];
	const keySet = keySets[binding.keySetVersion - 1];
	requireAll("offer", {
		"another contract": binding.contractId === contractId && offer.contractId === contractId && terms.contractId === contractId,
		"another device id": binding.deviceId === offer.deviceId,
		"another lender": binding.lenderId === terms.lenderId && binding.lenderId === keySet?.lenderId,
		"another handset": isSameSet(asked, [binding.imei1, binding.imei2].filter(Boolean)) && binding.serial === handset.serial,
		"terms that were not signed": equalBytes(binding.termsSha256, crypto.sha256(offer.terms)),
		"a consent that was not signed": equalBytes(binding.consentSha256, crypto.sha256(offer.consent)),
		"a consent to other terms": equalBytes(consent.termsSha256, binding.termsSha256),
		"a code key that was not signed": isCodeKey(crypto, binding.codeKeySha256, offer.codeKey),
		"another epoch": binding.epoch === keySet?.epoch,
	});
}

function isCodeKey(crypto: Crypto, codeKeySha256: Uint8Array, codeKey: Uint8Array): boolean {
	return codeKey.length === 0 ? codeKeySha256.length === 0 : equalBytes(codeKeySha256, crypto.sha256(codeKey));
}

/** Checks that a release grant frees this contract. @throws {FaultError} REGISTRY_UNTRUSTED. */
export function verifyReleaseGrant(crypto: Crypto, keySets: readonly KeySet[], contractId: string, grant: ReleaseGrant): void {
	const release = acceptBy(crypto, keySets, [wire.Role.ROLE_RELEASE], wire.Order, PayloadType.order, grant.releaseEnvelope);
	const service = acceptBy(
		crypto,
		keySets,
		[wire.Role.ROLE_COMMAND, wire.Role.ROLE_RELEASE],
		wire.Order,
		PayloadType.order,
		grant.serviceWindowEnvelope,
	);
	requireAll("release grant", {
		"another contract": release.contractId === contractId && service.contractId === contractId,
		"two devices": release.deviceId === service.deviceId,
		"no release": release.release?.certificateId === grant.certificateId,
		"no service window": service.action === "serviceWindow",
	});
}

/** Checks that a check-in reply answers this check-in, in the lender's name. @throws {FaultError} REGISTRY_UNTRUSTED. */
export function verifyCheckInReply(crypto: Crypto, keySets: readonly KeySet[], checkIn: Uint8Array, reply: Uint8Array): void {
	const asked = untrustedIfMalformed("check-in", () => decode(wire.CheckIn, readEnvelope(checkIn, PayloadType.checkIn).payload));
	const answer = acceptBy(crypto, keySets, [wire.Role.ROLE_HEARTBEAT], wire.CheckInReply, PayloadType.checkInReply, reply);
	requireAll("check-in reply", {
		"another device": answer.deviceId === asked.deviceId && answer.contractId === asked.contractId,
		"another question": equalBytes(answer.nonce, asked.nonce) && answer.counter === asked.counter,
	});
}

/** The binding that a receipt, not yet trusted, is for: hex. */
export function bindingNamedBy(receiptEnvelope: Uint8Array): string | undefined {
	try {
		return toHex(decode(wire.BindingReceipt, readEnvelope(receiptEnvelope, PayloadType.bindingReceipt).payload).bindingSha256);
	} catch (error) {
		if (error instanceof ProtocolError) return undefined;
		throw error;
	}
}

/** Accepts by any version of the chain, the latest first: a phone behind is spoken to in the keys that it knows. */
function acceptBy<Properties>(
	crypto: Crypto,
	keySets: readonly KeySet[],
	roles: readonly wire.Role[],
	type: Parameters<typeof acceptFromRoles<Properties>>[3],
	payloadType: PayloadType,
	envelope: Uint8Array,
): Message<Properties> {
	let refused: unknown;
	for (const keySet of keySets.toReversed()) {
		try {
			// Expiry is the phone's to judge: only it has trusted time.
			return acceptFromRoles<Properties>(crypto, keySet, roles, type, payloadType, envelope, undefined).message;
		} catch (error) {
			if (!(error instanceof ProtocolError)) throw error;
			refused ??= error;
		}
	}
	throw faultError("REGISTRY_UNTRUSTED", { raw: refused instanceof Error ? refused.message : "no key set" }, { cause: refused });
}

function requireAll(what: string, rules: Readonly<Record<string, boolean>>): void {
	const broken = Object.entries(rules).flatMap(([name, holds]) => (holds ? [] : [name]));
	if (broken.length > 0) throw faultError("REGISTRY_UNTRUSTED", { raw: `${what}: ${broken.join(", ")}` });
}

function untrustedIfMalformed<Value>(what: string, read: () => Value): Value {
	try {
		return read();
	} catch (cause) {
		if (!(cause instanceof ProtocolError)) throw cause;
		throw faultError("REGISTRY_UNTRUSTED", { raw: `${what}: ${cause.message}` }, { cause });
	}
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((value) => b.includes(value));
}
