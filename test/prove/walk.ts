import type { Agent, TimedEvent } from "../../agent/daemon/agent.ts";
import { type Opened, openLedger } from "../../agent/daemon/ledger-file.ts";
import { anchorOf } from "../../agent/daemon/recovery.ts";
import { payloadTypeOf } from "../../agent/daemon/signatures.ts";
import { emptyLedger, type Ledger } from "../../agent/policy/ledger.ts";
import { decode, encode } from "../../proto/codec.ts";
import { preAuthenticationEncoding } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import { EPOCH, IMEI1, IMEI2 } from "../agent/test-lender.ts";
import { symbolicCrypto, symbolicSigner } from "./symbolic-crypto.ts";
import { type Fact, observe, type Truth, truthAtBinding } from "./truth.ts";
import type { World } from "./world.ts";

/** What lies in the two memories of a phone. */
export interface Memories {
	readonly ledger: Ledger;
	readonly anchor: Ledger | undefined;
}

/** A state of a world: a phone, and what truly happened to it. */
export interface Phone extends Memories {
	/** What the stored ledger turns out to be when it is opened. */
	readonly kind: Exclude<Opened["kind"], "newer">;
	readonly bootCount: number;
	readonly elapsedMs: number;
	readonly truth: Truth;
	/** Events so far: makes every nonce another one. */
	readonly events: number;
	/** Both memories as somebody once copied them. */
	readonly image: Memories | undefined;
}

/** One event and all that is known about it: what the invariants are asked about. */
export interface Edge {
	readonly world: World;
	readonly before: Ledger;
	readonly after: Ledger;
	readonly truthBefore: Truth;
	readonly truth: Truth;
	readonly fact: Fact;
	/** What the same phone at the same moment makes of nothing at all. */
	idle(): Phone;
	readonly phone: Phone;
}

/** Told of every event. */
export type Witness = (edge: Edge) => void;

/** Where the power is cut: between ledger and anchor, or before anything is done. Before the ledger is written nothing happened. */
export type Cut = "before the anchor" | "before the effects";

type Body = Pick<TimedEvent, "event"> & Partial<Omit<TimedEvent, "event" | "now" | "entropy" | "anchor">>;

const NOTHING = new Uint8Array();
const GARBAGE = Uint8Array.of(1, 2, 3);
/** The phone's own key, in its keystore. */
export const DEVICE_KEY = symbolicSigner(900);
const MOST_REFLEXES = 8;
const BLANK = decode(wire.HostEvent, encode(wire.HostEvent, { now: { bootCount: 1, elapsedMs: 1 } }));

/** Facts as the platform of every world reads them. */
const FACTS = {
	imeis: [IMEI1, IMEI2],
	serial: "SERIAL1",
	deviceOwner: true,
	agentVersion: "1.0.0",
	essentialPackages: [],
	simDigest: NOTHING,
	attestationDigest: NOTHING,
};

/** Plays events on a phone, with the reflexes of an honest host, and shows each of them to a witness. */
export class Walk {
	readonly world: World;
	readonly agent: Agent;
	phone: Phone;
	readonly #witness: Witness | undefined;
	#idled: { readonly of: Phone; readonly idle: Phone } | undefined;
	#effects: { phone: Phone; effects: wire.HostEffects.$Properties } | undefined;

	constructor(world: World, agent: Agent, phone: Phone | undefined, witness: Witness | undefined) {
		this.world = world;
		this.agent = agent;
		this.phone = phone ?? unboundPhone();
		this.#witness = witness;
	}

	/** What should hold now, from the ledger alone. */
	effects(): wire.HostEffects.$Properties {
		if (this.#effects?.phone !== this.phone) {
			this.#effects = { phone: this.phone, effects: this.agent.effects({ ledger: this.phone.ledger }) };
		}
		return this.#effects.effects;
	}

	/** One event, and what an honest host does about it; or a power cut on the way. */
	send(body: Body, fact: Fact, cut?: Cut): void {
		this.#event(body, fact, cut === "before the anchor");
		if (!cut) this.#reflexes();
	}

	#event(body: Body, fact: Fact, loseAnchor = false): void {
		const { phone, world } = this;
		const ledger = this.#step(body);
		const truth = observe(world, phone.truth, inForce(phone), ledger, fact);
		this.phone = {
			...phone,
			ledger,
			kind: "ledger",
			anchor: world.hasAnchor ? (loseAnchor ? phone.anchor : anchorOf(ledger)) : undefined,
			truth,
			events: phone.events + 1,
		};
		this.#witness?.({
			world,
			before: inForce(phone),
			after: ledger,
			truthBefore: phone.truth,
			truth,
			fact,
			phone,
			idle: () => this.#idle(phone),
		});
	}

	#step(body: Body): Ledger {
		const { phone } = this;
		const entropy = new Uint8Array(32);
		new DataView(entropy.buffer).setUint32(0, phone.events + 1);
		new DataView(entropy.buffer).setUint32(24, phone.events + 1);
		const event: TimedEvent = {
			...BLANK,
			...body,
			now: { bootCount: phone.bootCount, elapsedMs: phone.elapsedMs },
			entropy,
			anchor: NOTHING,
		};
		return this.agent.step({ kind: phone.kind, ledger: phone.ledger }, phone.anchor, event).ledger;
	}

	/** The moves of one state are often asked about the same idle moment. */
	#idle(phone: Phone): Phone {
		if (this.#idled?.of !== phone) {
			const walk = new Walk(this.world, this.agent, phone, undefined);
			const idle: Phone = { ...phone, ledger: walk.#step({ event: "tick", tick: {} }), kind: "ledger" };
			this.#idled = { of: phone, idle };
		}
		return this.#idled.idle;
	}

	/** The posture is applied and read back, signatures are made. */
	#reflexes(): void {
		for (let count = 0; count < MOST_REFLEXES; count += 1) {
			const { posture, signatures, pendingBinding } = this.phone.ledger;
			const wanted = signatures[0];
			if (posture.appliedRevision !== posture.revision) {
				const postureApplied = { revision: posture.revision, drift: [] };
				this.#event({ event: "postureApplied", postureApplied }, { kind: "host" });
			} else if (wanted) {
				const message = preAuthenticationEncoding(payloadTypeOf(wanted.purpose), wanted.payload);
				const signed = { requestId: wanted.requestId, signature: DEVICE_KEY.sign(message) };
				this.#event({ event: "signed", signed }, { kind: "host" });
			} else if (pendingBinding?.receipt.length === 0) {
				const challenge = this.effects().makeDeviceKey?.challenge ?? NOTHING;
				const deviceKeyMade = { challenge, publicKey: DEVICE_KEY.publicKey, attestationChain: [] };
				this.#event({ event: "deviceKeyMade", deviceKeyMade }, { kind: "host" });
			} else return;
		}
		throw new Error("the host's reflexes do not come to rest");
	}

	/** Powered-on time passes, and the phone is called at its end. */
	pass(ms: number): void {
		this.wait(ms);
		this.send({ event: "tick", tick: {} }, { kind: "time" });
	}

	/** Powered-on time passes, and nobody calls the phone. */
	wait(ms: number): void {
		const { truth } = this.phone;
		this.phone = {
			...this.phone,
			elapsedMs: this.phone.elapsedMs + ms,
			truth: { ...truth, onMs: truth.onMs + ms, realMs: truth.realMs + ms },
		};
	}

	/** Off for a while, then on. */
	boot(offMs = 0, { facts = false }: { facts?: boolean } = {}): void {
		const { truth } = this.phone;
		this.phone = {
			...this.phone,
			bootCount: this.phone.bootCount + 1,
			elapsedMs: 0,
			truth: { ...truth, realMs: truth.realMs + offMs },
		};
		this.send({ event: "started", started: {} }, { kind: "boot" });
		if (facts) this.facts();
	}

	facts(changes: Partial<typeof FACTS> = {}): void {
		this.send({ event: "facts", facts: { ...FACTS, ...changes } }, { kind: "host" });
	}

	orders(envelope: Uint8Array, fact: Extract<Fact, { kind: "order" }>, cut?: Cut): void {
		this.send({ event: "orders", orders: { orderEnvelopes: [envelope] } }, fact, cut);
	}

	reply(replyEnvelope: Uint8Array, fact: Extract<Fact, { kind: "answer" }>, cut?: Cut): void {
		this.send({ event: "reply", reply: { replyEnvelope } }, fact, cut);
	}

	/** A person looks at everything there is to read; or it goes by another channel only. */
	look(channels: readonly wire.NoticeChannel[]): void {
		for (const { noticeId, kind } of this.effects().notices ?? []) {
			for (const channel of channels) {
				const shown = { noticeId: noticeId ?? "", channel };
				// What is not on the list any more, because another one counted, was taken down.
				if (!(this.effects().notices ?? []).some((notice) => notice.noticeId === noticeId)) continue;
				this.send({ event: "noticeShown", noticeShown: shown }, { kind: "shown", ...shown, notice: kind ?? 0 });
			}
		}
	}

	/** Somebody types a code. */
	code(code: string, meaning: Extract<Fact, { kind: "code" }>["meaning"]): void {
		this.send({ event: "codeEntered", codeEntered: { code } }, { kind: "code", meaning });
	}

	/** Whatever was done to the memories while the power was off. */
	replace(memories: Partial<Memories>, kind: Phone["kind"] = "ledger"): void {
		const lost = kind === "none" ? emptyLedger() : undefined;
		const opened = kind === "unreadable" ? openLedger(symbolicCrypto, GARBAGE) : undefined;
		const broken = opened?.kind === "unreadable" ? opened.ledger : undefined;
		this.phone = { ...this.phone, ...memories, kind, ledger: lost ?? broken ?? memories.ledger ?? this.phone.ledger };
	}

	keepImage(image: Memories | undefined): void {
		this.phone = { ...this.phone, image };
	}

	tell(changes: Partial<Truth>): void {
		this.phone = { ...this.phone, truth: { ...this.phone.truth, ...changes } };
	}

	/** Bound by the lender's binding; not confirmed yet. */
	bind(codeKey: Uint8Array = NOTHING): void {
		this.send({ event: "started", started: {} }, { kind: "host" });
		this.facts();
		const request = encode(wire.CableRequest, {
			bind: this.world.lender.bind({ codeKey }, codeKey.length > 0 ? { codeKeySha256: symbolicCrypto.sha256(codeKey) } : {}),
		});
		this.send({ event: "cable", cable: { request } }, { kind: "host" });
		if (!this.phone.ledger.contract) throw new Error(`world ${this.world.name}: the binding was refused`);
		this.tell({ ...truthAtBinding(this.phone.ledger, EPOCH * 1000), questions: this.phone.truth.questions });
	}

	/** Debugging is closed, as at the end of an enrolment. */
	seal(): void {
		this.send({ event: "cable", cable: { request: encode(wire.CableRequest, { seal: {} }) } }, { kind: "host" });
		this.tell({ sealed: true });
	}

	/** The lender answers the youngest question, now. */
	answer(changes: Partial<wire.CheckInReply.$Properties> = {}): void {
		const question = this.phone.truth.questions.at(-1);
		if (!question) throw new Error(`world ${this.world.name}: nothing was asked`);
		const serverTimeUnixSeconds = Math.floor(this.phone.truth.realMs / 1000);
		const envelope = this.world.lender.reply(question, serverTimeUnixSeconds, changes);
		const { counter, nonce } = question;
		this.reply(envelope, {
			kind: "answer",
			by: "heartbeat",
			ring: 1,
			toUs: true,
			counter,
			nonce,
			serverTimeUnixSeconds,
			feedStale: changes.paymentFeedStale ?? false,
		});
	}
}

/** What a phone goes by: the anchor where the ledger is lost, broken or older. That is the promise of the second memory. */
function inForce({ kind, ledger, anchor }: Phone): Ledger {
	return anchor?.contract && (kind !== "ledger" || ledger.generation < anchor.generation) ? anchor : ledger;
}

function unboundPhone(): Phone {
	const ledger = emptyLedger();
	return {
		ledger,
		anchor: undefined,
		kind: "none",
		bootCount: 1,
		// Far from zero, where "never" and "at the first millisecond" are written alike.
		elapsedMs: 100 * 24 * 3600 * 1000,
		truth: truthAtBinding(ledger, EPOCH * 1000),
		events: 0,
		image: undefined,
	};
}
