import { decode, type Message } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import { record } from "../policy/decision-log.ts";
import type { ContractRecord, HandsetRecord, Ledger, ObservationRecord } from "../policy/ledger.ts";
import { carriedAnew, noteShown } from "../policy/notices.ts";
import { isAttestationChanged, isSimChanged, observe, takeAsRight } from "../policy/observations.ts";
import { bitsOf } from "../policy/posture.ts";
import { situationOf } from "../policy/settle.ts";
import { isPackageName } from "../policy/terms.ts";
import { bindingFailed, deviceKeyMade, receiptSigned } from "./binding.ts";
import { isBoundHandset } from "./binding-checks.ts";
import { checkNow, disputeOpened, passTaken } from "./borrower.ts";
import { hangUp, helloSigned, serveCable } from "./cable.ts";
import { checkInUnderWay, failCheckIn, hurryCheckIn, postCheckIn, sealCheckIn, takeReply } from "./check-in.ts";
import { codeEntered } from "./code-entered.ts";
import { fault } from "./faults.ts";
import { deliverOrders } from "./orders.ts";
import { recordWanted, sealCheckpoint } from "./record.ts";
import { dropRequests, takeRequest } from "./signatures.ts";
import type { Tools, Turn } from "./turn.ts";

export type HostEvent = Message<wire.HostEvent.$Properties>;

const SIGNATURE_RETRY_MS = 60_000;
const MAX_ESSENTIAL_PACKAGES = 24;
const MAX_PACKAGE_NAME = 120;

/** What an event changes by itself. What follows from time and from the ledger is settled afterwards. */
export function react(tools: Tools, ledger: Ledger, event: HostEvent): Turn {
	if (event.started) return { ledger: started(ledger) };
	if (event.cable) return serveCable(tools, ledger, event.cable.request, event.entropy);
	if (event.orders) return deliverOrders(tools, ledger, event.orders.orderEnvelopes);
	if (event.reply) return replyArrived(tools, ledger, event.reply.replyEnvelope);
	if (event.checkInFailed) return { ledger: failCheckIn(ledger, event.checkInFailed.counter) };
	if (event.checkNow) return checkNow(ledger);
	if (event.noticeShown) return noticeShown(tools, ledger, event.noticeShown);
	if (event.deviceKeyMade) return deviceKeyMade(tools, ledger, event.deviceKeyMade);
	if (event.signed) return signed(tools, ledger, event.signed);
	if (event.postureApplied) return { ledger: postureApplied(ledger, event.postureApplied) };
	if (event.emergencyCall)
		return { ledger: { ...ledger, handset: { ...ledger.handset, emergencyCall: event.emergencyCall.active } } };
	if (event.ownershipReturned) return ownershipReturned(tools, ledger);
	if (event.facts) return { ledger: factsRead(tools, ledger, event.facts) };
	if (event.codeEntered) return codeEntered(tools, ledger, event.codeEntered.code, event.entropy);
	if (event.passTaken) return passTaken(tools, ledger);
	if (event.disputeOpened) return disputeOpened(tools, ledger);
	if (event.hostFailed) return hostFailed(ledger, event.hostFailed.part);
	if (event.recordWanted) return recordWanted(tools, ledger);
	return { ledger }; // tick: time is all there is to it
}

/** Whoever waited at the cable is gone, and so is a call. */
function started(ledger: Ledger): Ledger {
	const alone = dropRequests(hangUp(ledger), wire.SignaturePurpose.SIGNATURE_PURPOSE_RECORD);
	return { ...alone, handset: { ...alone.handset, emergencyCall: false } };
}

function replyArrived(tools: Tools, ledger: Ledger, envelope: Uint8Array): Turn {
	if (!ledger.contract) return { ledger, faults: [fault("REPLY_REFUSED", "no contract is bound")] };
	const taken = takeReply(tools, ledger, ledger.contract, envelope);
	if (taken.accepted) return taken;
	// An answer that is none is no contact: the same as no answer.
	return { ...taken, ledger: failCheckIn(taken.ledger, checkInUnderWay(taken.ledger)?.counter ?? 0) };
}

function noticeShown(tools: Tools, ledger: Ledger, { noticeId, channel }: Message<wire.NoticeShown.$Properties>): Turn {
	const situation = situationOf(ledger, tools.agreementOf(ledger));
	if (!situation || situation.contract.releasedBy) return { ledger };
	const notices = noteShown(situation, noticeId, channel);
	if (notices === ledger.notices) return { ledger };
	const noted = { ...ledger, notices };
	const noticeKind = carriedAnew(ledger.notices, notices, noticeId, channel);
	if (noticeKind === undefined) return { ledger: noted };
	const made = { kind: wire.DecisionKind.DECISION_KIND_NOTICE_SHOWN, detail: noticeId, noticeKind, noticeChannel: channel };
	return { ledger: record(tools.crypto, noted, made) };
}

function signed(tools: Tools, before: Ledger, { requestId, signature }: Message<wire.Signed.$Properties>): Turn {
	const taken = takeRequest(before, requestId);
	const { contract } = before;
	if (!taken || signature.length !== 64)
		return { ledger: before, faults: [fault("SIGNATURE_UNEXPECTED", "nobody asked, or not 64 bytes")] };
	const { ledger, request } = taken;
	if (request.purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_BINDING_RECEIPT) {
		return receiptSigned(tools, ledger, request.payload, signature);
	}
	if (!contract) return { ledger, faults: [fault("SIGNATURE_UNEXPECTED", "no contract is bound")] };
	if (request.purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_HELLO) return helloSigned(tools, ledger, signature);
	if (request.purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_RECORD) {
		return { ledger, checkpoint: sealCheckpoint(tools, contract, request.payload, signature) };
	}
	return checkInSigned(tools, ledger, contract, request.purpose, request.payload, signature);
}

function checkInSigned(
	tools: Tools,
	ledger: Ledger,
	contract: ContractRecord,
	purpose: wire.SignaturePurpose,
	payload: Uint8Array,
	signature: Uint8Array,
): Turn {
	const checkInEnvelope = sealCheckIn(tools, contract, payload, signature);
	if (purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_CABLE_CHECK_IN) {
		return { ledger, cableReply: { checkInStarted: { checkInEnvelope } } };
	}
	return { ledger: postCheckIn(ledger, payload, checkInEnvelope) };
}

function postureApplied(ledger: Ledger, { revision, drift }: Message<wire.PostureApplied.$Properties>): Ledger {
	const { posture, contract } = ledger;
	// A reading of an older posture says nothing about this one.
	if (revision !== posture.revision) return ledger;
	const drifted = bitsOf(drift);
	const applied = posture.wanted & ~drifted;
	const read: Ledger = { ...ledger, posture: { ...posture, appliedRevision: revision, drift: drifted, applied } };
	// Whoever sealed the phone, or opened it for service, waits to hear from it, and can no longer ask by cable.
	const debuggingChanged = (applied ^ posture.applied) & bitsOf(["debugging"]);
	return contract?.confirmed && debuggingChanged ? hurryCheckIn(read, 0) : read;
}

function ownershipReturned(tools: Tools, ledger: Ledger): Turn {
	const { contract } = ledger;
	if (!contract?.releasedBy || contract.ownershipReturned) return { ledger };
	const returned: Ledger = {
		...ledger,
		contract: { ...contract, ownershipReturned: true },
		handset: { ...ledger.handset, deviceOwner: false },
	};
	return {
		ledger: hurryCheckIn(record(tools.crypto, returned, { kind: wire.DecisionKind.DECISION_KIND_OWNERSHIP_RETURNED }), 0),
	};
}

function factsRead(tools: Tools, ledger: Ledger, facts: Message<wire.FactsRead.$Properties>): Ledger {
	const { simDigest, attestationDigest, ...named } = facts;
	const handset: HandsetRecord = { ...named, emergencyCall: ledger.handset.emergencyCall };
	const observations = observe(ledger.observations, { simDigest, attestationDigest });
	const known = withEssential({ ...ledger, handset, observations });
	const { contract } = ledger;
	if (!contract) return { ...known, observations: takeAsRight(observations) };
	if (contract.releasedBy) return known;
	return identityRead(tools, ledger, observationsRead(tools, ledger.observations, known), contract);
}

/** What a platform calls essential, as far as it can be: a wrong or endless list opens nothing. */
function withEssential(ledger: Ledger): Ledger {
	const { handset } = ledger;
	const essentialPackages = handset.essentialPackages
		.filter(({ packageName }) => packageName.length <= MAX_PACKAGE_NAME && isPackageName(packageName))
		.slice(0, MAX_ESSENTIAL_PACKAGES);
	return { ...ledger, handset: { ...handset, essentialPackages } };
}

/** A change is written down, reported, and otherwise nothing, unless the terms say so: causes.ts. */
function observationsRead(tools: Tools, before: ObservationRecord, ledger: Ledger): Ledger {
	const { DECISION_KIND_SIM_CHANGED: SIM, DECISION_KIND_ATTESTATION_CHANGED: ATTESTATION } = wire.DecisionKind;
	const seen: [wire.DecisionKind, (record: ObservationRecord) => boolean][] = [
		[SIM, isSimChanged],
		[ATTESTATION, isAttestationChanged],
	];
	return seen
		.filter(([, isChanged]) => isChanged(before) !== isChanged(ledger.observations))
		.reduce(
			(known, [kind, isChanged]) =>
				hurryCheckIn(record(tools.crypto, known, { kind, detail: isChanged(known.observations) ? "changed" : "as before" }), 0),
			ledger,
		);
}

function identityRead(tools: Tools, ledger: Ledger, known: Ledger, contract: ContractRecord): Ledger {
	const { handset } = known;
	const binding = decode(wire.Binding, contract.binding);
	const isOther = isBoundHandset(binding, ledger.handset) && !isBoundHandset(binding, handset);
	return isOther ? record(tools.crypto, known, { kind: wire.DecisionKind.DECISION_KIND_IDENTITY_CHANGED }) : known;
}

/** A host's own failure loosens nothing and tightens nothing; what waited for it is told or tried again. */
function hostFailed(before: Ledger, part: wire.HostPart): Turn {
	const faults = [fault("HOST_FAILED", `part ${part}`)];
	const keyFailed = part === wire.HostPart.HOST_PART_DEVICE_KEY || part === wire.HostPart.HOST_PART_SIGNATURE;
	if (!keyFailed) return { ledger: before, faults };
	const waits = before.pendingBinding?.cableWaits || before.signatures.some(({ purpose }) => isOfCable(purpose));
	const { SIGNATURE_PURPOSE_CHECK_IN: checkIn, SIGNATURE_PURPOSE_RECORD: checkpoint } = wire.SignaturePurpose;
	const hung = dropRequests(hangUp(before), checkIn, checkpoint);
	const ledger = { ...hung, contact: { ...hung.contact, nextAtPoweredOnMs: hung.time.poweredOnMs + SIGNATURE_RETRY_MS } };
	if (before.pendingBinding)
		return { ...bindingFailed({ ...ledger, pendingBinding: before.pendingBinding }, "no device key"), faults };
	return { ledger, faults, ...(waits ? { cableReply: { refused: { code: "DEVICE_KEY_FAILED", detail: "no signature" } } } : {}) };
}

function isOfCable(purpose: wire.SignaturePurpose): boolean {
	return (
		purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_HELLO ||
		purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_CABLE_CHECK_IN
	);
}
