import { decode, encode, equalBytes, type Message } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { ProtocolError } from "../../proto/error.ts";
import { wire } from "../../proto/wire.ts";
import type { Ledger } from "../policy/ledger.ts";
import { isBelievable } from "../policy/trusted-time.ts";
import { type Agent, createAgent, type TimedEvent } from "./agent.ts";
import type { HostEvent } from "./events.ts";
import { type FaultCode, fault } from "./faults.ts";
import { claimedGeneration, closeLedger, type Opened, openLedger } from "./ledger-file.ts";
import { anchorOf } from "./recovery.ts";
import type { RefusalCode } from "./refusals.ts";
import type { Turn } from "./turn.ts";

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
	 * - no ledger (no bytes) and no anchor are a phone that was never bound;
	 * - a ledger that is lost, cannot be read, or is older than the anchor is replaced by the anchor: nothing is locked by that,
	 *   nothing is freed by it, and the lender's word is required;
	 * - a ledger that cannot be read, with no anchor, is kept inside a new one. Nothing is locked by it; what was last applied
	 *   stays for 30 days of powered-on time, while the borrower is asked to reach the lender, and is then lifted;
	 * - a ledger of a newer format is given back untouched, and nothing is said about what should hold.
	 */
	handle(ledger: Uint8Array, event: Uint8Array): Handled;
}

const ENTROPY_BYTES = 32;

export function createDaemon({ crypto }: { crypto: Crypto }): Daemon {
	const agent = createAgent({ crypto });
	return {
		handle(stored, eventBytes) {
			let event: TimedEvent | undefined;
			try {
				event = readEvent(eventBytes);
				if (!event) return nothing(stored, "EVENT_UNREADABLE", "not an event, or at no believable moment");
				return judge(agent, crypto, stored, event);
			} catch (error) {
				// A bug, not an input: every refusal above is a value. The phone stays as it is, and says so.
				return nothing(stored, "INTERNAL", error instanceof Error ? error.name : "", event && replyTo(event, "INTERNAL"));
			}
		},
	};
}

function judge(agent: Agent, crypto: Crypto, stored: Uint8Array, event: TimedEvent): Handled {
	const found = openLedger(crypto, stored);
	if (found.kind === "newer") {
		return nothing(stored, "LEDGER_NEWER", `format ${found.formatVersion}`, replyTo(event, "LEDGER_NEWER"));
	}
	const turn = unmoved(found.ledger, stored, agent.step(found, anchorAhead(crypto, found, event.anchor), event));
	const effects = { ...agent.effects(turn), anchor: closeLedger(anchorOf(turn.ledger)) };
	return { ledger: closeLedger(turn.ledger), effects: encode(wire.HostEffects, effects) };
}

/** What changes nothing is no new generation: the same event at the same moment gives the same bytes. */
function unmoved(before: Ledger, stored: Uint8Array, turn: Turn): Turn {
	const { time } = turn.ledger;
	if (time.elapsedMs !== before.time.elapsedMs || time.bootCount !== before.time.bootCount) return turn;
	const same: Ledger = { ...turn.ledger, generation: before.generation };
	return equalBytes(closeLedger(same), stored) ? { ...turn, ledger: same } : turn;
}

/** The anchor, where it may be needed: most often the ledger is there and no older. One that is none anchors nothing. */
function anchorAhead(crypto: Crypto, found: Opened, bytes: Uint8Array): Ledger | undefined {
	// What a damaged anchor claims does no harm: either it is not looked at, or it is found to be damaged.
	if (found.kind === "ledger" && found.ledger.generation >= claimedGeneration(bytes)) return undefined;
	const anchor = openLedger(crypto, bytes);
	return anchor.kind === "ledger" ? anchor.ledger : undefined;
}

function readEvent(bytes: Uint8Array): TimedEvent | undefined {
	let event: Message<wire.HostEvent.$Properties>;
	try {
		event = decode(wire.HostEvent, bytes);
	} catch (error) {
		if (error instanceof ProtocolError) return undefined;
		throw error;
	}
	const { now } = event;
	if (!now || !event.event || event.entropy.length !== ENTROPY_BYTES || !isBelievable(now)) return undefined;
	return { ...event, now };
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
