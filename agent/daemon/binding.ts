import { decode, encode, equalBytes, type Message } from "../../proto/codec.ts";
import { keyidOf } from "../../proto/crypto.ts";
import { PayloadType, preAuthenticationEncoding, readEnvelope, wrap } from "../../proto/envelope.ts";
import { ProtocolError } from "../../proto/error.ts";
import { acceptKeySetChain } from "../../proto/roles.ts";
import { objectionsToTerms } from "../../proto/terms-floor.ts";
import { wire } from "../../proto/wire.ts";
import { record } from "../policy/decision-log.ts";
import {
	type ContractRecord,
	emptyContact,
	emptyLedger,
	emptyLock,
	emptyNotices,
	type Ledger,
	type PendingBinding,
} from "../policy/ledger.ts";
import { takeAsRight } from "../policy/observations.ts";
import { readAgreement } from "../policy/terms.ts";
import { learnSignedTime } from "../policy/trusted-time.ts";
import { checkCodeKey, checkConsent, verifyBinding } from "./binding-checks.ts";
import { fault } from "./faults.ts";
import { keySetBytes, MAX_KEY_SETS } from "./key-sets.ts";
import { isRefused, type Refusal, refusal } from "./refusals.ts";
import { askForSignature } from "./signatures.ts";
import type { Tools, Turn } from "./turn.ts";

type Bind = Message<wire.Bind.$Properties>;

/**
 * Takes a binding as far as its device key: the host makes one, the key signs the receipt, and only then is the contract
 * bound. The binding that already holds is answered with its receipt again.
 */
export function bind(tools: Tools, ledger: Ledger, request: Bind): Turn {
	const pending = ledger.contract ? receiptAgain(ledger.contract, request) : checkBind(tools, ledger, request);
	if ("receiptEnvelope" in pending)
		return { ledger, cableReply: { bindingAccepted: { receiptEnvelope: pending.receiptEnvelope } } };
	if (isRefused(pending)) return { ledger, cableReply: { refused: pending.refused } };
	return { ledger: { ...ledger, pendingBinding: pending } };
}

function receiptAgain(
	contract: ContractRecord,
	request: Bind,
): PendingBinding | { receiptEnvelope: Uint8Array } | { refused: Refusal } {
	if (contract.releasedBy) return refusal("RELEASED", "this handset is free for ever");
	try {
		const { payload } = readEnvelope(request.bindingEnvelope, PayloadType.binding);
		if (!equalBytes(payload, contract.binding)) return refusal("BOUND_ELSEWHERE", "another binding holds this handset");
	} catch (error) {
		if (error instanceof ProtocolError) return refusal("BINDING_REFUSED", error.code);
		throw error;
	}
	if (contract.receiptEnvelope.length > 0) return { receiptEnvelope: contract.receiptEnvelope };
	// Confirmed long ago: the keystore still has the chain that the receipt was made with.
	const { binding, terms, keySet, language, codeKey } = contract;
	const notYet = { receipt: new Uint8Array(), devicePublicKey: new Uint8Array(), cableWaits: true };
	return { binding, terms, keySet, language, codeKey, evidence: null, ...notYet };
}

function checkBind(tools: Tools, ledger: Ledger, request: Bind): PendingBinding | { refused: Refusal } {
	const { crypto } = tools;
	if (!ledger.handset.deviceOwner) return refusal("NOT_DEVICE_OWNER", "the agent is not device owner");
	if (request.keySetEnvelopes.length > MAX_KEY_SETS) return refusal("KEY_SETS_REFUSED", "too many key sets");
	let keySet: Uint8Array;
	try {
		keySet = keySetBytes(acceptKeySetChain(crypto, request.keySetEnvelopes));
	} catch (error) {
		if (error instanceof ProtocolError) return refusal("KEY_SETS_REFUSED", error.code);
		throw error;
	}
	const verified = verifyBinding(crypto, ledger, keySet, request.bindingEnvelope);
	if (isRefused(verified)) return verified;
	const { binding, payload } = verified;

	if (!equalBytes(binding.termsSha256, crypto.sha256(request.terms)))
		return refusal("TERMS_MISMATCH", "not the terms the binding names");
	const agreement = readAgreement(request.terms);
	if ("problem" in agreement) return refusal("TERMS_INVALID", agreement.problem);
	const { terms } = agreement;
	if (terms.contractId !== binding.contractId || terms.lenderId !== binding.lenderId) {
		return refusal("TERMS_MISMATCH", "of another contract or lender");
	}
	const objections = objectionsToTerms(agreement.terms, agreement.profile);
	if (objections.length > 0) {
		return refusal("TERMS_BELOW_FLOOR", objections.map(({ rule, why }) => `${rule}: ${why}`).join("; "));
	}
	if (!equalBytes(binding.consentSha256, crypto.sha256(request.consent))) {
		return refusal("CONSENT_MISMATCH", "not the consent the binding names");
	}
	const consent = checkConsent(crypto, request.consent, request.terms, terms);
	if (isRefused(consent)) return consent;
	const codeKeyProblem = checkCodeKey(crypto, binding, request.codeKey);
	if (codeKeyProblem) return codeKeyProblem;
	return {
		binding: payload,
		terms: request.terms,
		keySet,
		language: consent.language,
		receipt: new Uint8Array(),
		devicePublicKey: new Uint8Array(),
		cableWaits: true,
		codeKey: request.codeKey,
		evidence: {
			keySetEnvelopes: request.keySetEnvelopes,
			bindingEnvelope: request.bindingEnvelope,
			terms: new Uint8Array(), // they are above, and are put back when the decision is made
			consent: request.consent,
		},
	};
}

/** Challenge for the device key: of a bound phone the one it was made with, so that the keystore finds the same key. */
export function keyChallenge(tools: Tools, { contract, pendingBinding }: Ledger): Uint8Array | undefined {
	if (!pendingBinding) return undefined;
	return contract ? contract.keyChallenge : tools.crypto.sha256(pendingBinding.binding);
}

/** The host made, or found, the device key: the receipt can be written, and signed by it. */
export function deviceKeyMade(tools: Tools, ledger: Ledger, made: Message<wire.DeviceKeyMade.$Properties>): Turn {
	const { pendingBinding, contract } = ledger;
	const challenge = keyChallenge(tools, ledger);
	if (!pendingBinding || !challenge || !equalBytes(made.challenge, challenge)) {
		return { ledger, faults: [fault("DEVICE_KEY_UNEXPECTED", "nobody asked for this key")] };
	}
	const isPoint = made.publicKey.length === 65 && made.publicKey[0] === 4;
	if (!isPoint || (contract && !equalBytes(contract.devicePublicKey, made.publicKey))) {
		return bindingFailed(ledger, "not the key that was asked for");
	}
	const receipt = encode(wire.BindingReceipt, receiptOf(tools, ledger, pendingBinding, made));
	if (contract && isSignedBy(tools, made.publicKey, receipt, contract.receiptSignature)) {
		return receiptReady(
			{ ...ledger, pendingBinding: undefined },
			receiptEnvelopeOf(tools, contract, receipt, contract.receiptSignature),
		);
	}
	const waiting: Ledger = { ...ledger, pendingBinding: { ...pendingBinding, receipt, devicePublicKey: made.publicKey } };
	return { ledger: askForSignature(waiting, wire.SignaturePurpose.SIGNATURE_PURPOSE_BINDING_RECEIPT, receipt) };
}

function receiptOf(
	tools: Tools,
	{ handset }: Ledger,
	pending: PendingBinding,
	made: Message<wire.DeviceKeyMade.$Properties>,
): wire.BindingReceipt.$Properties {
	const { deviceId, contractId } = decode(wire.Binding, pending.binding);
	return {
		bindingSha256: tools.crypto.sha256(pending.binding),
		deviceId,
		contractId,
		devicePublicKey: made.publicKey,
		attestationChain: made.attestationChain,
		imeis: handset.imeis,
		serial: handset.serial,
		agentVersion: handset.agentVersion,
	};
}

/** The receipt is signed: from here on the phone is bound. */
export function receiptSigned(tools: Tools, ledger: Ledger, receipt: Uint8Array, signature: Uint8Array): Turn {
	const { pendingBinding, contract: before } = ledger;
	if (!pendingBinding || !equalBytes(pendingBinding.receipt, receipt)) {
		return { ledger, faults: [fault("SIGNATURE_UNEXPECTED", "no receipt waits for it")] };
	}
	if (!isSignedBy(tools, pendingBinding.devicePublicKey, receipt, signature)) {
		return bindingFailed(ledger, "the receipt's signature is not the device key's");
	}
	const contract = before ? { ...before, receiptSignature: signature } : contractOf(tools, ledger, pendingBinding, signature);
	const envelope = receiptEnvelopeOf(tools, contract, receipt, signature);
	const kept: ContractRecord = contract.confirmed ? contract : { ...contract, receiptEnvelope: envelope };
	if (before) return receiptReady({ ...ledger, pendingBinding: undefined, contract: kept }, envelope);
	const bound: Ledger = {
		...emptyLedger(),
		time: learnSignedTime(ledger.time, decode(wire.Binding, pendingBinding.binding).issuedAtUnixSeconds),
		handset: ledger.handset,
		observations: takeAsRight(ledger.observations),
		generation: ledger.generation,
		posture: ledger.posture,
		log: ledger.log,
		decided: ledger.decided,
		lastRequestId: ledger.lastRequestId,
		contract: kept,
		// The budget begins with the binding. A check-in is due at once: it confirms.
		contact: {
			...emptyContact(),
			prepaidUntilElapsedMs: ledger.time.elapsedMs,
			nextAtPoweredOnMs: ledger.time.poweredOnMs,
		},
		lock: emptyLock(),
		notices: emptyNotices(),
	};
	const { evidence, terms } = pendingBinding;
	const made = {
		kind: wire.DecisionKind.DECISION_KIND_BOUND,
		...(evidence ? { evidence: { bound: { ...evidence, terms } } } : {}),
	};
	return receiptReady(record(tools.crypto, bound, made), envelope);
}

function contractOf(tools: Tools, { time }: Ledger, pending: PendingBinding, signature: Uint8Array): ContractRecord {
	const agreement = readAgreement(pending.terms);
	return {
		binding: pending.binding,
		terms: pending.terms,
		keySet: pending.keySet,
		devicePublicKey: pending.devicePublicKey,
		receiptEnvelope: new Uint8Array(),
		receiptSignature: signature,
		keyChallenge: tools.crypto.sha256(pending.binding),
		boundAtPoweredOnMs: time.poweredOnMs,
		confirmed: false,
		sealed: false,
		lastSequence: 0,
		paidUntilUnixSeconds: "terms" in agreement ? agreement.terms.initialPaidUntilUnixSeconds : 0,
		serviceOpensAtUnixSeconds: 0,
		serviceClosesAtUnixSeconds: 0,
		releasedBy: wire.ReleaseCause.RELEASE_CAUSE_UNSPECIFIED,
		ownershipReturned: false,
		language: pending.language,
		codeKey: pending.codeKey,
	};
}

/** Nothing was bound; whoever waits at the cable is told. */
export function bindingFailed(before: Ledger, detail: string): Turn {
	const { pendingBinding } = before;
	const ledger: Ledger = { ...before, pendingBinding: undefined };
	const told = pendingBinding?.cableWaits ? { cableReply: { refused: { code: "DEVICE_KEY_FAILED", detail } } } : {};
	return { ledger, faults: [fault("DEVICE_KEY_UNEXPECTED", detail)], ...told };
}

function receiptReady(ledger: Ledger, receiptEnvelope: Uint8Array): Turn {
	return { ledger, cableReply: { bindingAccepted: { receiptEnvelope } } };
}

function receiptEnvelopeOf(tools: Tools, contract: ContractRecord, receipt: Uint8Array, signature: Uint8Array): Uint8Array {
	return wrap(PayloadType.bindingReceipt, receipt, keyidOf(tools.crypto, contract.devicePublicKey), signature);
}

function isSignedBy(tools: Tools, publicKey: Uint8Array, receipt: Uint8Array, signature: Uint8Array): boolean {
	if (signature.length !== 64) return false;
	return tools.crypto.verifyP256(publicKey, preAuthenticationEncoding(PayloadType.bindingReceipt, receipt), signature);
}
