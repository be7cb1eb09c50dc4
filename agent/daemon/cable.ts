import { decode } from "../../proto/codec.ts";
import { ProtocolError } from "../../proto/error.ts";
import { toLowS } from "../../proto/low-s.ts";
import { wire } from "../../proto/wire.ts";
import { record } from "../policy/decision-log.ts";
import type { ContractRecord, Ledger } from "../policy/ledger.ts";
import { settle } from "../policy/settle.ts";
import { deviceStatus } from "../policy/status.ts";
import { bind } from "./binding.ts";
import { startCheckIn, takeReply } from "./check-in.ts";
import { deliverOrders } from "./orders.ts";
import type { OrderOutcome } from "./outcomes.ts";
import type { RefusalCode } from "./refusals.ts";
import { askForSignature, dropRequests } from "./signatures.ts";
import type { Tools, Turn } from "./turn.ts";

const CHALLENGE_BYTES = 16;

/**
 * Serves a request of the cable. The cable carries no authority: what it brings is believed only as far as it is signed.
 * Some requests take a signature first; their reply comes with a later event.
 */
export function serveCable(tools: Tools, before: Ledger, requestBytes: Uint8Array, entropy: Uint8Array): Turn {
	const ledger = hangUp(before);
	let request: ReturnType<typeof readRequest>;
	try {
		request = readRequest(requestBytes);
	} catch (error) {
		if (error instanceof ProtocolError) return refuse(ledger, "MALFORMED", error.code);
		throw error;
	}
	if (request.hello) return hello(tools, ledger, request.hello.challenge);
	if (request.bind) return bind(tools, ledger, request.bind);
	const { contract } = ledger;
	if (!request.request) return refuse(ledger, "MALFORMED", "no request in it");
	if (!contract) return refuse(ledger, "NOT_BOUND", "no contract is bound");
	if (request.startCheckIn) return { ledger: startCheckIn(tools, ledger, contract, entropy, "cable") };
	if (request.finishCheckIn) return finishCheckIn(tools, ledger, contract, request.finishCheckIn.replyEnvelope);
	if (request.deliverOrders) {
		const { outcomes, faults, ledger: after } = deliverOrders(tools, ledger, request.deliverOrders.orderEnvelopes);
		return { ...outcome(tools, after, outcomes), faults };
	}
	return seal(tools, ledger, contract);
}

function readRequest(bytes: Uint8Array) {
	return decode(wire.CableRequest, bytes);
}

/** Nobody waits at the cable any more for what was begun there. */
export function hangUp(ledger: Ledger): Ledger {
	return {
		...dropRequests(
			ledger,
			wire.SignaturePurpose.SIGNATURE_PURPOSE_HELLO,
			wire.SignaturePurpose.SIGNATURE_PURPOSE_CABLE_CHECK_IN,
			wire.SignaturePurpose.SIGNATURE_PURPOSE_BINDING_RECEIPT,
		),
		pendingBinding: undefined,
	};
}

function hello(tools: Tools, ledger: Ledger, challenge: Uint8Array): Turn {
	if (challenge.length !== CHALLENGE_BYTES) return refuse(ledger, "MALFORMED", "a challenge is 16 bytes");
	if (!ledger.contract) return { ledger, cableReply: { identity: identity(tools, ledger, new Uint8Array()) } };
	return { ledger: askForSignature(ledger, wire.SignaturePurpose.SIGNATURE_PURPOSE_HELLO, challenge) };
}

/** The challenge of a Hello was signed. */
export function helloSigned(tools: Tools, ledger: Ledger, signature: Uint8Array): Turn {
	return { ledger, cableReply: { identity: identity(tools, ledger, toLowS(signature)) } };
}

function identity(tools: Tools, ledger: Ledger, challengeSignature: Uint8Array): wire.AgentIdentity.$Properties {
	const { handset, contract } = ledger;
	const binding = contract ? decode(wire.Binding, contract.binding) : undefined;
	return {
		agentVersion: handset.agentVersion,
		imeis: handset.imeis,
		serial: handset.serial,
		deviceOwner: handset.deviceOwner,
		deviceId: binding?.deviceId ?? "",
		contractId: binding?.contractId ?? "",
		bindingSha256: contract ? tools.crypto.sha256(contract.binding) : new Uint8Array(),
		devicePublicKey: contract?.devicePublicKey ?? new Uint8Array(),
		challengeSignature,
		status: deviceStatus(ledger, tools.agreementOf(ledger)),
		confirmed: contract?.confirmed ?? false,
	};
}

function finishCheckIn(tools: Tools, before: Ledger, contract: ContractRecord, envelope: Uint8Array): Turn {
	const { ledger, outcomes, faults, accepted } = takeReply(tools, before, contract, envelope);
	if (!accepted) return { ...refuse(ledger, "REPLY_REFUSED", faults[0]?.detail ?? ""), faults };
	return { ...outcome(tools, ledger, outcomes), faults };
}

function seal(tools: Tools, ledger: Ledger, contract: ContractRecord): Turn {
	if (contract.releasedBy) return refuse(ledger, "RELEASED", "this handset is free for ever");
	if (!contract.confirmed) return refuse(ledger, "NOT_CONFIRMED", "no signed check-in reply has confirmed the binding");
	if (contract.sealed) return outcome(tools, ledger, []);
	const sealed: Ledger = { ...ledger, contract: { ...contract, sealed: true } };
	// The cable is about to drop. The phone tells the lender itself, once debugging was read back as off: events.ts.
	return outcome(tools, record(tools.crypto, sealed, { kind: wire.DecisionKind.DECISION_KIND_SEALED }), []);
}

function outcome(tools: Tools, before: Ledger, orders: readonly OrderOutcome[]): Turn {
	// The status in the reply is that after this event.
	const agreement = tools.agreementOf(before);
	const ledger = settle(tools, before, agreement);
	return { ledger, cableReply: { outcome: { orders: [...orders], status: deviceStatus(ledger, agreement) } } };
}

function refuse(ledger: Ledger, code: RefusalCode, detail: string): Turn {
	return { ledger, cableReply: { refused: { code, detail } } };
}
