import { decode, encode, equalBytes, type Message } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { ProtocolError } from "../../proto/error.ts";
import { wire } from "../../proto/wire.ts";
import type { Ledger } from "../policy/ledger.ts";
import { createStandingRule } from "../policy/machine.ts";
import { beginSession, chargeUntil } from "../policy/offline-budget.ts";
import { settle } from "../policy/settle.ts";
import { type Agreement, readAgreement } from "../policy/terms.ts";
import { advance, isBelievable, type PoweredOnInstant } from "../policy/trusted-time.ts";
import { hurryCheckIn, isCheckInDue, startCheckIn } from "./check-in.ts";
import { effectsOf } from "./effects.ts";
import { type HostEvent, react } from "./events.ts";
import { type Fault, type FaultCode, fault } from "./faults.ts";
import { closeLedger, openLedger } from "./ledger-file.ts";
import type { RefusalCode } from "./refusals.ts";
import type { Tools, Turn } from "./turn.ts";

/** What an event made of the phone. */
export interface Handled {
	/** The ledger to store, before any effect is performed. Equal to the one given if nothing changed. */
	readonly ledger: Uint8Array;
	/** HostEffects. */
	readonly effects: Uint8Array;
}

/** The agent. */
export interface Daemon {
	/**
	 * Judges one event. Synchronous, deterministic, without memory of its own, and without a throw, whatever it is given:
	 *
	 * - an event that cannot be read leaves the ledger as it is, byte for byte, and is named in `faults`;
	 * - no ledger (no bytes) is a phone that was never bound;
	 * - a ledger that cannot be read is kept inside a new one. Nothing is locked by it; what was last applied stays for 30
	 *   days of powered-on time, while the borrower is asked to reach the lender, and is then lifted;
	 * - a ledger of a newer format is given back untouched, and nothing is said about what should hold.
	 */
	handle(ledger: Uint8Array, event: Uint8Array): Handled;
}

const ENTROPY_BYTES = 32;
/** A change of standing is reported within a minute or so, not by every phone at the same second. */
const REPORT_WITHIN_MS = 60_000;

export function createDaemon({ crypto }: { crypto: Crypto }): Daemon {
	const tools: Tools = { crypto, standingAfter: createStandingRule(), agreementOf: createAgreementReader() };
	return {
		handle(stored, eventBytes) {
			let event: { event: HostEvent; now: PoweredOnInstant } | undefined;
			try {
				event = readEvent(eventBytes);
				if (!event) return nothing(stored, "EVENT_UNREADABLE", "not an event, or at no believable moment");
				return judge(tools, stored, event.event, event.now);
			} catch (error) {
				// A bug, not an input: every refusal above is a value. The phone stays as it is, and says so.
				return nothing(stored, "INTERNAL", error instanceof Error ? error.name : "", event && replyTo(event.event, "INTERNAL"));
			}
		},
	};
}

function judge(tools: Tools, stored: Uint8Array, event: HostEvent, now: PoweredOnInstant): Handled {
	const opened = openLedger(tools.crypto, stored);
	if (opened.kind === "newer") {
		return nothing(stored, "LEDGER_NEWER", `format ${opened.formatVersion}`, replyTo(event, "LEDGER_NEWER"));
	}
	const faults: Fault[] = [];
	if (opened.kind === "unreadable") faults.push(fault("LEDGER_UNREADABLE", `${stored.length} bytes`));
	if (opened.ledger.contract && !tools.agreementOf(opened.ledger)) faults.push(fault("TERMS_UNKNOWN", ""));

	const present = arriveAt(opened.ledger, now);
	const turn = react(tools, present, event);
	const settled = settle(tools, turn.ledger, tools.agreementOf(turn.ledger));
	const ledger = checkInIfDue(tools, reportStanding(opened.ledger, settled, event), event);
	const effects = effectsOf(tools, { ...turn, ledger, faults: [...faults, ...(turn.faults ?? [])] });
	return { ledger: closeLedger(ledger), effects: encode(wire.HostEffects, effects) };
}

/** The moment is reached, and paid for, before anything in the event is looked at. */
function arriveAt(before: Ledger, now: PoweredOnInstant): Ledger {
	const { time, newSessionFromMs } = advance(before.time, now);
	const begun = newSessionFromMs === undefined ? before.contact : beginSession(before.contact, newSessionFromMs);
	const counts = before.contract && !before.contract.releasedBy;
	return { ...before, time, contact: counts ? chargeUntil(begun, now.elapsedMs) : begun };
}

function reportStanding(before: Ledger, after: Ledger, event: HostEvent): Ledger {
	if (!after.contract?.confirmed || after.lock.standing === before.lock.standing) return after;
	const spread = ((event.entropy[16] ?? 0) / 256) * REPORT_WITHIN_MS;
	return hurryCheckIn(after, Math.round(spread));
}

function checkInIfDue(tools: Tools, ledger: Ledger, event: HostEvent): Ledger {
	if (!ledger.contract || !isCheckInDue(ledger)) return ledger;
	return startCheckIn(tools, ledger, ledger.contract, event.entropy, "network");
}

function readEvent(bytes: Uint8Array): { event: HostEvent; now: PoweredOnInstant } | undefined {
	let event: Message<wire.HostEvent.$Properties>;
	try {
		event = decode(wire.HostEvent, bytes);
	} catch (error) {
		if (error instanceof ProtocolError) return undefined;
		throw error;
	}
	const { now } = event;
	if (!now || !event.event || event.entropy.length !== ENTROPY_BYTES || !isBelievable(now)) return undefined;
	return { event, now };
}

/** The ledger as it was, and a fault. What should hold is not restated: the host keeps what it last did. */
function nothing(stored: Uint8Array, code: FaultCode, detail: string, cableReply?: Turn["cableReply"]): Handled {
	const effects = encode(wire.HostEffects, {
		faults: [fault(code, detail)],
		cableReply: cableReply ? encode(wire.CableReply, cableReply) : new Uint8Array(),
	});
	return { ledger: stored, effects };
}

function replyTo(event: HostEvent, code: RefusalCode): Turn["cableReply"] {
	return event.cable ? { refused: { code, detail: "" } } : undefined;
}

/** Reading terms is most of an event's cost, and they hardly ever change: the last ones read are remembered. */
function createAgreementReader(): Tools["agreementOf"] {
	let last: { terms: Uint8Array; agreement: Agreement | undefined } | undefined;
	return ({ contract }) => {
		if (!contract) return undefined;
		if (!last || !equalBytes(last.terms, contract.terms)) {
			const read = readAgreement(contract.terms);
			last = { terms: Uint8Array.from(contract.terms), agreement: "problem" in read ? undefined : read };
		}
		return last.agreement;
	};
}
