import { createHash } from "node:crypto";

import { createDaemon, type Daemon } from "../../agent/daemon/daemon.ts";
import { openLedger } from "../../agent/daemon/ledger-file.ts";
import { recentDecisions } from "../../agent/policy/decision-log.ts";
import type { Decision, Ledger } from "../../agent/policy/ledger.ts";
import { decode, encode, type Message } from "../../proto/codec.ts";
import { toHex } from "../../proto/crypto.ts";
import { nobleCrypto } from "../../proto/noble-crypto.ts";
import { writeRecordFile } from "../../proto/record-file.ts";
import { wire } from "../../proto/wire.ts";
import { EPOCH, IMEI1, IMEI2, type TestLender } from "./test-lender.ts";
import { createTestSigner } from "./test-signer.ts";

export type Effects = Message<wire.HostEffects.$Properties>;
type EventBody = Omit<wire.HostEvent.$Properties, "now" | "entropy" | "anchor">;

const CHANNELS = [wire.NoticeChannel.NOTICE_CHANNEL_NOTIFICATION, wire.NoticeChannel.NOTICE_CHANNEL_SCREEN];

/**
 * The least host: a powered-on clock that a test turns, a device key, and nothing on disk. Signatures and postures are
 * answered at once, as a host would; check-ins wait for the test.
 */
export class TestPhone {
	readonly key = createTestSigner();
	stored: Uint8Array = new Uint8Array();
	/** The second memory, kept apart from `stored`. */
	anchor: Uint8Array = new Uint8Array();
	/** Every decision's RecordEntry, as a host keeps them. */
	readonly record: Uint8Array[] = [];
	checkpoint: Uint8Array = new Uint8Array();
	bootCount = 1;
	elapsedMs = 1000;
	/** Real time in seconds, as far as the test's lender is concerned. */
	unixSeconds = EPOCH;
	imeis = [IMEI1, IMEI2];
	serial = "SERIAL1";
	deviceOwner = true;
	/** Controls that this platform cannot hold. */
	drift: string[] = [];
	/** What should hold, as last stated. */
	effects: Effects = decode(wire.HostEffects, new Uint8Array());
	restricted: readonly string[] = [];
	faults: string[] = [];
	/** A person looks at every notice as soon as it is there. */
	looksAtNotices = true;
	readonly daemon: Daemon;
	#events = 0;
	#applied = "";
	readonly #signed = new Set<string>();

	constructor(daemon: Daemon = createDaemon({ crypto: nobleCrypto })) {
		this.daemon = daemon;
	}

	/** One event, and whatever a host answers to its effects by itself. Gives the effects of the event itself. */
	send(body: EventBody): Effects {
		const effects = this.once(body);
		let reply = effects.cableReply;
		if (effects.posture) {
			this.restricted = effects.posture.restricted;
			const key = `${effects.posture.revision}:${this.drift.join()}`;
			if (this.#applied !== key) {
				this.#applied = key;
				const applied = this.send({ postureApplied: { revision: effects.posture.revision, drift: this.drift } });
				if (applied.cableReply.length > 0) reply = applied.cableReply;
			}
		}
		if (effects.makeDeviceKey) {
			const { challenge } = effects.makeDeviceKey;
			reply = this.send({ deviceKeyMade: { challenge, publicKey: this.key.publicKey, attestationChain: [] } }).cableReply;
		}
		for (const { requestId, toSign } of effects.sign) {
			const asked = `${requestId} ${toHex(toSign)}`; // ids begin again where an earlier ledger does
			if (this.#signed.has(asked)) continue; // stated again, answered already
			this.#signed.add(asked);
			const after = this.send({ signed: { requestId, signature: this.key.signNow(toSign) } });
			if (after.cableReply.length > 0) reply = after.cableReply;
		}
		if (effects.returnOwnership) {
			this.deviceOwner = false;
			this.send({ ownershipReturned: {} });
		}
		if (this.looksAtNotices) {
			for (const { noticeId } of effects.notices) {
				for (const channel of CHANNELS) this.once({ noticeShown: { noticeId, channel } });
			}
		}
		return { ...effects, cableReply: reply };
	}

	/** One event and nothing else: the bare function. */
	once(body: EventBody): Effects {
		this.#events += 1;
		const entropy = Uint8Array.from(createHash("sha256").update(String(this.#events)).digest());
		const now = { bootCount: this.bootCount, elapsedMs: this.elapsedMs };
		const event = encode(wire.HostEvent, { now, entropy, anchor: this.anchor, ...body });
		const handled = this.daemon.handle(this.stored, event);
		this.stored = handled.ledger;
		this.effects = decode(wire.HostEffects, handled.effects);
		if (this.effects.anchor.length > 0) this.anchor = this.effects.anchor;
		this.#keepRecord(this.effects);
		for (const { code, detail } of this.effects.faults) this.faults.push(`${code} ${detail}`);
		return this.effects;
	}

	#keepRecord({ record, checkpoint }: Effects): void {
		for (const entry of record) {
			const { number } = decode(wire.Decision, entry.decision);
			this.record.splice(number - 1);
			const { decision, bound, orderEnvelope, replyEnvelope } = entry;
			const evidence = bound ? { bound } : orderEnvelope ? { orderEnvelope } : replyEnvelope ? { replyEnvelope } : {};
			this.record.push(encode(wire.RecordEntry, { decision, ...evidence }));
		}
		if (checkpoint.length > 0) this.checkpoint = checkpoint;
	}

	/** The borrower's file. */
	takeRecord(): Uint8Array {
		this.checkpoint = new Uint8Array();
		this.send({ recordWanted: {} });
		return writeRecordFile({
			beginsAfter: new Uint8Array(),
			entries: this.record,
			endsWith: this.checkpoint,
			devicePublicKey: this.key.publicKey,
		});
	}

	facts(changes: Partial<wire.FactsRead.$Properties> = {}): void {
		const { imeis, serial, deviceOwner } = this;
		this.send({ facts: { imeis, serial, deviceOwner, agentVersion: "1.0.0", ...changes } });
	}

	cable(request: wire.CableRequest.$Properties): Message<wire.CableReply.$Properties> {
		return decode(wire.CableReply, this.send({ cable: { request: encode(wire.CableRequest, request) } }).cableReply);
	}

	/** Powered-on time passes; the phone is called at each moment it asked for, at most so many times. */
	pass(seconds: number, { calls = 100_000 }: { calls?: number } = {}): void {
		const until = this.elapsedMs + seconds * 1000;
		for (let call = 0; call < calls; call += 1) {
			const at = this.effects.alarm?.atElapsedMs ?? 0;
			if (at === 0 || at > until) break;
			this.#advanceTo(Math.max(at, this.elapsedMs));
			this.send({ tick: {} });
		}
		this.#advanceTo(until);
		this.send({ tick: {} });
	}

	/** Time passes and the phone is called only at its end: what a jump of the clock looks like. */
	jump(seconds: number): void {
		this.#advanceTo(this.elapsedMs + seconds * 1000);
		this.send({ tick: {} });
	}

	#advanceTo(elapsedMs: number): void {
		this.unixSeconds += (elapsedMs - this.elapsedMs) / 1000;
		this.elapsedMs = elapsedMs;
	}

	/** Off for a while, then on again. */
	reboot(offSeconds = 0): void {
		this.unixSeconds += offSeconds;
		this.bootCount += 1;
		this.elapsedMs = 0;
		this.send({ started: {} });
		this.facts();
	}

	/** A check-in over the cable, answered by the lender. */
	async checkIn(
		lender: TestLender,
		changes: Parameters<TestLender["reply"]>[2] = {},
	): Promise<Message<wire.CableReply.$Properties>> {
		const envelope = this.startCheckIn();
		const replyEnvelope = await lender.reply(envelope, Math.floor(this.unixSeconds), changes);
		return this.cable({ finishCheckIn: { replyEnvelope } });
	}

	startCheckIn(): Uint8Array {
		const started = this.cable({ startCheckIn: {} }).checkInStarted;
		if (!started) throw new Error("no check-in was started");
		return started.checkInEnvelope;
	}

	async deliver(lender: TestLender, ...orders: Parameters<TestLender["order"]>[0][]) {
		const orderEnvelopes: Uint8Array[] = [];
		for (const order of orders) orderEnvelopes.push(await lender.order(order));
		return this.deliverEnvelopes(...orderEnvelopes);
	}

	deliverEnvelopes(...orderEnvelopes: Uint8Array[]) {
		return this.cable({ deliverOrders: { orderEnvelopes } }).outcome?.orders ?? [];
	}

	get ledger(): Ledger {
		const opened = openLedger(nobleCrypto, this.stored);
		if (opened.kind === "newer") throw new Error("a newer ledger");
		return opened.ledger;
	}

	/** The decisions that its ledger still holds, oldest first. */
	get decisions(): Decision[] {
		return recentDecisions(this.ledger.log);
	}

	get standing(): string {
		return wire.Standing[this.ledger.lock.standing].replace("STANDING_", "");
	}

	get causes(): string[] {
		return this.ledger.lock.causes.map(({ cause }) => wire.LockCause[cause].replace("LOCK_CAUSE_", ""));
	}
}

/** A phone that is bound and confirmed. */
export async function boundPhone(lender: TestLender, daemon?: Daemon): Promise<TestPhone> {
	const phone = new TestPhone(daemon);
	phone.send({ started: {} });
	phone.facts();
	const reply = phone.cable({ bind: await lender.bind() });
	if (!reply.bindingAccepted) throw new Error(`not bound: ${reply.refused?.code} ${reply.refused?.detail}`);
	const confirmed = await phone.checkIn(lender);
	if (!confirmed.outcome) throw new Error(`not confirmed: ${confirmed.refused?.code} ${confirmed.refused?.detail}`);
	return phone;
}
