import { decodeCanonical, equalBytes, type Message } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { PayloadType, readEnvelope } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { acceptFromRoles, acceptKeySetChain, acceptNextKeySet, isRoleCurrent, type KeySet } from "../../proto/roles.ts";
import { objectionsToTerms } from "../../proto/terms-floor.ts";
import { wire } from "../../proto/wire.ts";
import { type Agreement, areHarder, readAgreement, type Terms } from "./agreement.ts";
import type { Binding, Contract } from "./life.ts";
import { broken, type Finding } from "./report.ts";

export type Order = Message<wire.Order.$Properties>;
type BindingEvidence = Message<wire.BindingEvidence.$Properties>;

const { ROLE_ROOT: ROOT, ROLE_COMMAND: COMMAND, ROLE_RELEASE: RELEASE, ROLE_ENROLL: ENROLL } = wire.Role;

/** Who may order what, as order.proto says. A NewKeys order moves nothing but the sequence: its keys prove themselves. */
const MAY_ORDER: Readonly<Record<NonNullable<Order["action"]>, readonly wire.Role[]>> = {
	extend: [COMMAND, RELEASE],
	restrict: [COMMAND],
	restore: [COMMAND, RELEASE],
	notice: [COMMAND],
	hold: [COMMAND, RELEASE],
	serviceWindow: [COMMAND, RELEASE],
	rebind: [COMMAND],
	newTerms: [COMMAND, ROOT],
	newKeys: [COMMAND, RELEASE, ROOT],
	release: [RELEASE],
};

/** Something checked, or why it does not hold. */
export type Checked<Value> = { readonly value: Value } | { readonly finding: Finding };

function failed(rule: string, what: string): { readonly finding: Finding } {
	return { finding: broken(rule, what) };
}

/** Runs a check of signed bytes: what the wire does not accept is a finding, not a throw. */
export function check<Value>(rule: string, what: string, work: () => Checked<Value>): Checked<Value> {
	try {
		return work();
	} catch (error) {
		if (error instanceof ProtocolError) return failed(rule, `${what} (${error.code})`);
		throw error;
	}
}

/** What a contract began with: key sets from the first on, the binding under them, terms and consent by their hashes (F10). */
export function checkBinding(crypto: Crypto, evidence: BindingEvidence, boundAt: number): Checked<Contract> {
	return check("F15", "the binding is not the lender's", () => {
		const keySet = acceptKeySetChain(crypto, evidence.keySetEnvelopes);
		const bound = bindingUnder(crypto, keySet, evidence.bindingEnvelope);
		if ("finding" in bound) return bound;
		const { binding, bindingSha256 } = bound.value;
		const read = readAgreement(evidence.terms);
		if (!read) return failed("F10", "the terms cannot be judged by");
		if (!equalBytes(binding.termsSha256, crypto.sha256(evidence.terms))) return failed("F10", "not the terms that were bound");
		if (read.terms.contractId !== binding.contractId || read.terms.lenderId !== binding.lenderId)
			return failed("F10", "terms of another contract or lender");
		if (!equalBytes(binding.consentSha256, crypto.sha256(evidence.consent)))
			return failed("F10", "not the consent that was bound");
		const consent = objectionToConsent(crypto, evidence.consent, evidence.terms, read.terms);
		if (consent) return { finding: consent };
		const [objection] = objectionsToTerms(read.terms, read.profile);
		if (objection) return failed(objection.rule, `the terms go below the floor: ${objection.why}`);
		const { deviceId, contractId, lenderId } = binding;
		const address = { deviceId, contractId, lenderId };
		return { value: { address, bindingSha256, keySet, terms: evidence.terms, agreement: read, boundAt } };
	});
}

function bindingUnder(
	crypto: Crypto,
	keySet: KeySet,
	envelope: Uint8Array,
): Checked<{ binding: Binding; bindingSha256: Uint8Array }> {
	const accepted = acceptFromRoles(crypto, keySet, [ENROLL], wire.Binding, PayloadType.binding, envelope, undefined);
	const { message: binding, payload } = accepted;
	const isOfKeySet =
		binding.lenderId === keySet.lenderId && binding.keySetVersion === keySet.version && binding.epoch === keySet.epoch;
	if (!isOfKeySet || !isRoleCurrent(keySet, ENROLL, binding.issuedAtUnixSeconds))
		return failed("F15", "the binding is for another key set, or signed after its role had expired");
	return { value: { binding, bindingSha256: crypto.sha256(payload) } };
}

function objectionToConsent(crypto: Crypto, consentBytes: Uint8Array, termsBytes: Uint8Array, terms: Terms): Finding | undefined {
	const consent = decodeCanonical(wire.Consent, consentBytes);
	if (!equalBytes(consent.termsSha256, crypto.sha256(termsBytes))) return broken("F10", "the consent is to other terms");
	if (!terms.languages.includes(consent.language))
		return broken("F10", "the consent was given in a language that the terms do not name");
	if (consent.method === wire.ConsentMethod.CONSENT_METHOD_UNSPECIFIED)
		return broken("F10", "it is not said how consent was given");
	return undefined;
}

/** The lender's answer that confirmed the binding, or came after contact was required. */
export function checkReply(crypto: Crypto, { keySet, address }: Contract, envelope: Uint8Array): Checked<true> {
	return check("F15", "the answer is not the lender's", () => {
		const heartbeat = wire.Role.ROLE_HEARTBEAT;
		const { message } = acceptFromRoles(
			crypto,
			keySet,
			[heartbeat],
			wire.CheckInReply,
			PayloadType.checkInReply,
			envelope,
			undefined,
		);
		if (message.deviceId !== address.deviceId || message.contractId !== address.contractId)
			return failed("F15", "the answer is to another phone or contract");
		return { value: true };
	});
}

/** Newer key sets in a NewKeys order, each following from the one before. Those already trusted are passed over. */
export function checkKeysTaken(crypto: Crypto, { keySet, address }: Contract, envelope: Uint8Array): Checked<KeySet> {
	return check("F15", "the new keys do not follow from the old ones", () => {
		const order = decodeCanonical(wire.Order, readEnvelope(envelope, PayloadType.order).payload);
		if (!order.newKeys || !isAddressed(order, address)) return failed("F15", "the new keys are not for this phone");
		let trusted = keySet;
		for (const each of order.newKeys.keySetEnvelopes) {
			const { version } = decodeCanonical(wire.KeySet, readEnvelope(each, PayloadType.keySet).payload);
			if (version > trusted.version) trusted = acceptNextKeySet(crypto, trusted, each);
		}
		return trusted === keySet ? failed("F15", "no newer keys are in it") : { value: trusted };
	});
}

function isAddressed(order: Order, { deviceId, contractId, lenderId }: Contract["address"]): boolean {
	return order.deviceId === deviceId && order.contractId === contractId && order.lenderId === lenderId;
}

/** An authentic order for this phone, by somebody who may give it. */
export function checkOrder(
	crypto: Crypto,
	{ keySet, address }: Contract,
	envelope: Uint8Array,
): Checked<{ order: Order; role: wire.Role }> {
	return check("F15", "the order is not the lender's", () => {
		const { message: order, role } = acceptFromRoles(
			crypto,
			keySet,
			[COMMAND, RELEASE, ROOT],
			wire.Order,
			PayloadType.order,
			envelope,
			undefined,
		);
		if (!isAddressed(order, address)) return failed("F15", "an order for another phone, contract or lender");
		if (!order.action || !MAY_ORDER[order.action].includes(role)) return failed("F15", "an order by a role that may not give it");
		if (order.action !== "release" && order.epoch !== keySet.epoch) return failed("F15", "an order of another key epoch");
		return { value: { order, role } };
	});
}

/** The new binding inside a Rebind: the same contract and terms, on a changed handset. */
export function checkRebind(crypto: Crypto, contract: Contract, envelope: Uint8Array): Checked<Contract> {
	return check("F15", "the new binding is not the lender's", () => {
		const bound = bindingUnder(crypto, contract.keySet, envelope);
		if ("finding" in bound) return bound;
		const { binding, bindingSha256 } = bound.value;
		if (binding.deviceId !== contract.address.deviceId || binding.contractId !== contract.address.contractId)
			return failed("F15", "the new binding is of another contract");
		return { value: { ...contract, bindingSha256 } };
	});
}

/** F10: other terms, never below the floor; harder ones only by the root's threshold and with consent to exactly these. */
export function checkNewTerms(
	crypto: Crypto,
	contract: Contract,
	{ terms: bytes, consent }: { readonly terms: Uint8Array; readonly consent: Uint8Array },
	role: wire.Role,
): Checked<Contract> {
	return check("F10", "the new terms are none", () => {
		const before: Agreement = contract.agreement;
		const after = readAgreement(bytes);
		if (!after) return failed("F10", "the new terms cannot be judged by");
		if (after.terms.contractId !== before.terms.contractId || after.terms.lenderId !== before.terms.lenderId)
			return failed("F10", "the new terms are of another contract or lender");
		if (!equalBytes(after.terms.releaseDigest, before.terms.releaseDigest)) return failed("F7", "the release code was changed");
		const [objection] = objectionsToTerms(after.terms, after.profile);
		if (objection) return failed(objection.rule, `the new terms go below the floor: ${objection.why}`);
		if (role !== ROOT && isReachedElsewhere(before.terms, after.terms))
			return failed("F15", "where the lender is reached and paid was changed without the root's signatures");
		if (areHarder(before.terms, after.terms)) {
			if (role !== ROOT) return failed("F10", "harder terms without the root's signatures");
			const finding = objectionToConsent(crypto, consent, bytes, after.terms);
			if (finding) return { finding };
		}
		return { value: { ...contract, terms: bytes, agreement: after } };
	});
}

function isReachedElsewhere(before: Terms, after: Terms): boolean {
	const of = ({ checkInUrl, lenderName, accountShown, contact }: Terms) =>
		JSON.stringify([checkInUrl, lenderName, accountShown, contact]);
	return of(before) !== of(after);
}
