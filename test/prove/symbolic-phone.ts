import { createAgent, type TimedEvent } from "../../agent/daemon/agent.ts";
import { anchorOf } from "../../agent/daemon/recovery.ts";
import type { Turn } from "../../agent/daemon/turn.ts";
import { emptyLedger, type Ledger } from "../../agent/policy/ledger.ts";
import { decode, encode, type Message } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";
import { EPOCH, IMEI1, IMEI2 } from "../agent/test-lender.ts";
import type { SymbolicLender } from "./lender.ts";
import { symbolicCrypto, symbolicSigner } from "./symbolic-crypto.ts";

/** An event without its moment. */
export type EventBody = Partial<Omit<TimedEvent, "now" | "entropy" | "anchor" | "event">>;
export type Channel = "screen" | "notification";

const NO_EVENT = decode(wire.HostEvent, new Uint8Array());
const CHANNELS: Readonly<Record<Channel, wire.NoticeChannel>> = {
	screen: wire.NoticeChannel.NOTICE_CHANNEL_SCREEN,
	notification: wire.NoticeChannel.NOTICE_CHANNEL_NOTIFICATION,
};

/** A question to the lender, as the phone signed it. */
export interface Question {
	readonly counter: number;
	readonly nonce: Uint8Array;
}

/** A phone at one moment. */
export interface PhoneImage {
	readonly ledger: Ledger;
	readonly effects: wire.HostEffects.$Properties;
	readonly bootCount: number;
	readonly elapsedMs: number;
	readonly unixSeconds: number;
	readonly keepsOwnership: boolean;
	readonly isKeyAwaited: boolean;
	readonly entropy: number;
	readonly signed: number;
	readonly applied: number;
}

/**
 * The shipped agent between the bytes, with a host of the least kind: a powered-on clock that is turned by hand, a device key,
 * nothing on disk. What the agent asks of its host is answered at once; what it asks of its borrower and its lender waits.
 */
export class SymbolicPhone {
	readonly #agent = createAgent({ crypto: symbolicCrypto });
	readonly #key = symbolicSigner(900);
	ledger: Ledger = emptyLedger();
	effects: wire.HostEffects.$Properties = {};
	bootCount = 1;
	elapsedMs = 0;
	/** Real time, seconds: what an honest lender signs. */
	unixSeconds = EPOCH;
	/** Called when the phone has signed a question; `isPosted`: for its host to carry to the lender. */
	onQuestion: (question: Question, isPosted: boolean) => void = () => {};
	/** Called when an event was judged and nothing of it is stored yet; a throw is a power cut. */
	beforeStore: (after: Ledger) => void = () => {};
	/** Called when an event is stored and nothing of its effects is done yet; a throw is a power cut. */
	afterStore: () => void = () => {};
	/** A platform that does not give device ownership back. */
	keepsOwnership = false;
	/** A keystore that has not made a key yet. */
	isKeyAwaited = false;
	#entropy = 0;
	#signed = 0;
	#applied = 0;

	/** Everything of it, at this moment, to be put into another. */
	save(): PhoneImage {
		const { ledger, effects, bootCount, elapsedMs, unixSeconds, keepsOwnership, isKeyAwaited } = this;
		return {
			ledger,
			effects,
			bootCount,
			elapsedMs,
			unixSeconds,
			keepsOwnership,
			isKeyAwaited,
			entropy: this.#entropy,
			signed: this.#signed,
			applied: this.#applied,
		};
	}

	restore({ entropy, signed, applied, ...image }: PhoneImage): void {
		Object.assign(this, image);
		this.#entropy = entropy;
		this.#signed = signed;
		this.#applied = applied;
	}

	/** One event, and whatever a host answers to its effects by itself. Gives what the event itself led to. */
	send(body: EventBody): Turn {
		const turn = this.#step(body);
		let { cableReply } = turn;
		this.effects = this.#agent.effects(turn);
		const { posture, makeDeviceKey, sign, returnOwnership } = this.effects;
		if (posture && posture.revision !== this.#applied) {
			this.#applied = posture.revision ?? 0;
			this.send({ postureApplied: { revision: this.#applied, drift: [] } });
		}
		if (makeDeviceKey && !this.isKeyAwaited) {
			const made = {
				challenge: makeDeviceKey.challenge ?? new Uint8Array(),
				publicKey: this.#key.publicKey,
				attestationChain: [],
			};
			cableReply = this.send({ deviceKeyMade: made }).cableReply ?? cableReply;
		}
		for (const { requestId: id, toSign, purpose } of sign ?? []) {
			const requestId = id ?? 0;
			if (!toSign || requestId <= this.#signed) continue; // stated again, answered already
			this.#signed = requestId;
			const question = isQuestion(purpose) ? this.ledger.contact.open.at(-1) : undefined;
			cableReply = this.send({ signed: { requestId, signature: this.#key.sign(toSign) } }).cableReply ?? cableReply;
			if (question) this.onQuestion(question, purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_CHECK_IN);
		}
		if (returnOwnership && !this.keepsOwnership) this.send({ ownershipReturned: {} });
		return cableReply ? { ...turn, cableReply } : turn;
	}

	#step(body: EventBody): Turn {
		const turn = this.#agent.step({ kind: "ledger", ledger: this.ledger }, undefined, this.#timed(body));
		this.beforeStore(turn.ledger);
		this.ledger = turn.ledger;
		this.afterStore();
		return turn;
	}

	#timed(body: EventBody): TimedEvent {
		this.#entropy += 1;
		const entropy = new Uint8Array(32);
		new DataView(entropy.buffer).setUint32(0, this.#entropy);
		return { ...NO_EVENT, now: { bootCount: this.bootCount, elapsedMs: this.elapsedMs }, entropy, ...body };
	}

	/** A request over the cable whose effects the host does not come to: what it asks for is still wanted. */
	begin(request: wire.CableRequest.$Properties): void {
		this.effects = this.#agent.effects(this.#step({ cable: { request: encode(wire.CableRequest, request) } }));
	}

	/** The ledger is gone and the phone starts again; the second memory is there. */
	loseLedger(): void {
		const turn = this.#agent.step({ kind: "none", ledger: emptyLedger() }, anchorOf(this.ledger), this.#timed({ started: {} }));
		this.ledger = turn.ledger;
		this.effects = this.#agent.effects(turn);
		this.#signed = 0;
		this.#applied = 0;
	}

	/** What the platform says about this handset. */
	readFacts(facts: Partial<Message<wire.FactsRead.$Properties>>): void {
		this.send({ facts: { ...decode(wire.FactsRead, new Uint8Array()), ...facts } });
	}

	/** Binds to a lender; the first question to it waits for its answer. */
	bind(lender: SymbolicLender, request = lender.bind()): void {
		this.send({ started: {} });
		this.readFacts({ imeis: [IMEI1, IMEI2], serial: "SERIAL1", deviceOwner: true, agentVersion: "1.0.0" });
		const { cableReply } = this.cable({ bind: request });
		if (!cableReply?.bindingAccepted) throw new Error(`not bound: ${JSON.stringify(cableReply)}`);
	}

	cable(request: wire.CableRequest.$Properties): Turn {
		return this.send({ cable: { request: encode(wire.CableRequest, request) } });
	}

	/** What became of an order that was handed over. */
	order(envelope: Uint8Array): Message<wire.OrderOutcome.$Properties> {
		const reply = encode(wire.CableReply, this.cable({ deliverOrders: { orderEnvelopes: [envelope] } }).cableReply ?? {});
		const outcome = decode(wire.CableReply, reply).outcome?.orders[0];
		if (!outcome) throw new Error("an order had no outcome");
		return outcome;
	}

	/** An answer to a question, from the lender or whoever has its key. Gives whether the phone took it. */
	answer(replyEnvelope: Uint8Array): boolean {
		return this.cable({ finishCheckIn: { replyEnvelope } }).cableReply?.outcome != null;
	}

	/** Powered-on time passes, and the phone is called at its end. */
	live(seconds: number): void {
		this.elapsedMs += seconds * 1000;
		this.unixSeconds += seconds;
		this.send({ tick: {} });
	}

	/** The power fails now; the phone is off for a while, then on again. */
	reboot(offSeconds = 0): void {
		this.unixSeconds += offSeconds;
		this.bootCount += 1;
		this.elapsedMs = 0;
		// A host that starts remembers nothing of what it did.
		this.#signed = 0;
		this.#applied = 0;
		this.send({ started: {} });
		// A question that was on its way when the power failed is carried again.
		const open = this.ledger.contact.open.find(({ counter }) => counter === this.effects.checkIn?.counter);
		if (open) this.onQuestion(open, true);
	}

	/** A notice reached the borrower. */
	shown(noticeId: string, channel: Channel): void {
		this.send({ noticeShown: { noticeId, channel: CHANNELS[channel] } });
	}

	get standing(): string {
		return wire.Standing[this.ledger.lock.standing].replace("STANDING_", "");
	}

	/** Controls that should be restricted now. */
	get restricted(): readonly string[] {
		return this.effects.posture?.restricted ?? [];
	}

	/** The causes of a lock, sorted; none unless something is locked. */
	get causes(): string {
		if (!this.standing.startsWith("LOCKED")) return "";
		return this.ledger.lock.causes
			.map(({ cause }) => wire.LockCause[cause].replace("LOCK_CAUSE_", ""))
			.sort()
			.join("+");
	}
}

function isQuestion(purpose: wire.SignaturePurpose | null | undefined): boolean {
	return (
		purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_CHECK_IN ||
		purpose === wire.SignaturePurpose.SIGNATURE_PURPOSE_CABLE_CHECK_IN
	);
}
