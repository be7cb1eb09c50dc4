import { decode, encode, type Message } from "../../proto/codec.ts";
import { toHex } from "../../proto/crypto.ts";
import { writeRecordFile } from "../../proto/record-file.ts";
import { wire } from "../../proto/wire.ts";
import type { AgentDaemon } from "./agent-script.ts";
import { seededBytes } from "./seeded-bytes.ts";
import { SIMULATED_SERIAL } from "./simulated-lender.ts";
import type { SimulatedSigner } from "./simulated-signer.ts";

export type Effects = Message<wire.HostEffects.$Properties>;
export type Decision = Message<wire.Decision.$Properties>;
export type EventBody = Omit<wire.HostEvent.$Properties, "now" | "entropy" | "anchor">;

const { NOTICE_CHANNEL_SCREEN } = wire.NoticeChannel;

/** A decision of the agent, and when it fell by the clock on the wall, which the agent does not know. */
export interface Decided {
	readonly decision: Decision;
	/** RecordEntry. */
	readonly entry: Uint8Array;
	readonly atUnixSeconds: number;
	/** What held and was shown when it had fallen. */
	readonly effects: Effects;
}

/** What surrounds a phone while it handles an event. */
export interface Surroundings {
	readonly unixSeconds: number;
	readonly isPersonPresent: boolean;
	/** The lender's answer to a check-in; `undefined`: nobody was reached. */
	post(checkInEnvelope: Uint8Array): Uint8Array | undefined;
}

/** What would happen if the phone were called now. Nothing has changed yet. */
export interface Probe {
	readonly ledger: Uint8Array;
	readonly effects: Effects;
}

/** A host for the agent that is nothing but memory: it does what the effects say, at once. */
export interface SimulatedPhone {
	/** What should hold, as last stated. */
	readonly effects: Effects;
	/** Controls that are restricted now, as applied. */
	readonly restricted: readonly string[];
	readonly decided: readonly Decided[];
	readonly bootCount: number;
	readonly devicePublicKey: Uint8Array;
	/** Notices on the screen that nobody has seen. */
	readonly hasUnseenNotices: boolean;
	/** Whether the agent is on the phone as its owner. */
	readonly isOwner: boolean;
	probe(unixSeconds: number): Probe;
	/** Makes a probe come true, and performs what follows from it. */
	commit(probe: Probe, around: Surroundings): void;
	/** An event, and everything that follows from it at once. */
	send(body: EventBody, around: Surroundings): Effects;
	/** Switched on again at this time. Trusted time stood still meanwhile. */
	boot(around: Surroundings): void;
	/** The borrower's file (RecordFile). */
	exportRecord(around: Surroundings): Uint8Array;
	/** The same phone, in another world. */
	fork(): SimulatedPhone;
}

interface Memory {
	stored: Uint8Array;
	anchor: Uint8Array;
	effects: Effects;
	restricted: readonly string[];
	decided: readonly Decided[];
	checkpoint: Uint8Array;
	bootCount: number;
	bootedAtUnixSeconds: number;
	events: number;
	applied: string;
	isOwner: boolean;
	/** Signatures, notices and check-ins that were answered: an effect that is stated again is not performed again. */
	done: ReadonlySet<string>;
}

interface PhoneParts {
	readonly daemon: AgentDaemon;
	readonly key: SimulatedSigner;
	readonly seed: number;
	readonly imeis: readonly string[];
	readonly startsAtUnixSeconds: number;
}

export function simulatedPhone(parts: PhoneParts): SimulatedPhone {
	return phoneWith(parts, {
		stored: new Uint8Array(),
		anchor: new Uint8Array(),
		effects: decode(wire.HostEffects, new Uint8Array()),
		restricted: [],
		decided: [],
		checkpoint: new Uint8Array(),
		bootCount: 1,
		// A phone that was just started, so that nothing happens at the very millisecond of its boot.
		bootedAtUnixSeconds: parts.startsAtUnixSeconds - 60,
		events: 0,
		applied: "",
		isOwner: true,
		done: new Set(),
	});
}

function phoneWith(parts: PhoneParts, memory: Memory): SimulatedPhone {
	const { daemon, key, seed, imeis } = parts;

	function call(body: EventBody, unixSeconds: number): Probe {
		const now = { bootCount: memory.bootCount, elapsedMs: (unixSeconds - memory.bootedAtUnixSeconds) * 1000 };
		const entropy = seededBytes(seed, `event ${memory.events + 1}`);
		const event = encode(wire.HostEvent, { now, entropy, anchor: memory.anchor, ...body });
		const { ledger, effects } = daemon.handle(memory.stored, event);
		return { ledger, effects: decode(wire.HostEffects, effects) };
	}

	function take({ ledger, effects }: Probe, { unixSeconds }: Surroundings): void {
		memory.events += 1;
		memory.stored = ledger;
		memory.effects = effects;
		if (effects.anchor.length > 0) memory.anchor = effects.anchor;
		if (effects.checkpoint.length > 0) memory.checkpoint = effects.checkpoint;
		const added = effects.record.map((entry) => ({
			decision: decode(wire.Decision, entry.decision),
			entry: entryBytes(entry),
			atUnixSeconds: unixSeconds,
			effects,
		}));
		if (added.length > 0) memory.decided = [...memory.decided, ...added];
	}

	/** True the first time. */
	function once(name: string): boolean {
		if (memory.done.has(name)) return false;
		// Signature requests and counters only grow: what was long ago is never stated again.
		memory.done = new Set([...[...memory.done].slice(-40), name]);
		return true;
	}

	/** Performs effects one after the other, each event's before the next: what is stated later overrides. */
	function perform(first: Effects, around: Surroundings): Uint8Array {
		let reply = first.cableReply;
		const queue: EventBody[] = [...answersTo(first, around)];
		for (let body = queue.shift(); body; body = queue.shift()) {
			const probe = call(body, around.unixSeconds);
			take(probe, around);
			if (probe.effects.cableReply.length > 0) reply = probe.effects.cableReply;
			queue.push(...answersTo(probe.effects, around));
		}
		return reply;
	}

	/** What a host answers to the effects of one event. */
	function answersTo(effects: Effects, around: Surroundings): EventBody[] {
		const answers: EventBody[] = [];
		const { posture, makeDeviceKey, checkIn } = effects;
		if (posture) {
			memory.restricted = posture.restricted;
			const wanted = `${memory.bootCount} ${posture.revision}`;
			if (memory.applied !== wanted) {
				memory.applied = wanted;
				answers.push({ postureApplied: { revision: posture.revision, drift: [] } });
			}
		}
		if (makeDeviceKey && once(`key ${toHex(makeDeviceKey.challenge)}`)) {
			answers.push({
				deviceKeyMade: { challenge: makeDeviceKey.challenge, publicKey: key.publicKey, attestationChain: [] },
			});
		}
		for (const { requestId, toSign } of effects.sign) {
			if (once(`sign ${requestId}`)) answers.push({ signed: { requestId, signature: key.sign(toSign) } });
		}
		for (const { noticeId, channels } of effects.notices) {
			for (const channel of channels) {
				if (channel === NOTICE_CHANNEL_SCREEN && !around.isPersonPresent) continue;
				if (once(`notice ${channel} ${noticeId}`)) answers.push({ noticeShown: { noticeId, channel } });
			}
		}
		if (checkIn && once(`check-in ${checkIn.counter}`)) {
			const replyEnvelope = around.post(checkIn.envelope);
			answers.push(replyEnvelope ? { reply: { replyEnvelope } } : { checkInFailed: { counter: checkIn.counter } });
		}
		if (effects.returnOwnership && memory.isOwner) {
			memory.isOwner = false;
			answers.push({ ownershipReturned: {} });
		}
		return answers;
	}

	function send(body: EventBody, around: Surroundings): Effects {
		const probe = call(body, around.unixSeconds);
		take(probe, around);
		const cableReply = perform(probe.effects, around);
		return { ...probe.effects, cableReply };
	}

	return {
		get effects() {
			return memory.effects;
		},
		get restricted() {
			return memory.restricted;
		},
		get decided() {
			return memory.decided;
		},
		get bootCount() {
			return memory.bootCount;
		},
		get isOwner() {
			return memory.isOwner;
		},
		get hasUnseenNotices() {
			return memory.effects.notices.some(({ noticeId }) => !memory.done.has(`notice ${NOTICE_CHANNEL_SCREEN} ${noticeId}`));
		},
		devicePublicKey: key.publicKey,
		probe: (unixSeconds) => call({ tick: {} }, unixSeconds),
		commit(probe, around) {
			take(probe, around);
			perform(probe.effects, around);
		},
		send,
		boot(around) {
			// The very first start is the boot that was counted already.
			if (memory.events > 0) {
				memory.bootCount += 1;
				memory.bootedAtUnixSeconds = around.unixSeconds;
			}
			send({ started: {} }, around);
			send(
				{ facts: { imeis: [...imeis], serial: SIMULATED_SERIAL, deviceOwner: memory.isOwner, agentVersion: "simulated" } },
				around,
			);
		},
		exportRecord(around) {
			memory.checkpoint = new Uint8Array();
			send({ recordWanted: {} }, around);
			// What was decided while it was signed comes after it, as on a phone.
			const covered = memory.checkpoint.length > 0 ? decode(wire.Envelope, memory.checkpoint).payload : new Uint8Array();
			const { logLength } = decode(wire.RecordCheckpoint, covered);
			return writeRecordFile({
				beginsAfter: new Uint8Array(),
				entries: memory.decided.slice(0, logLength).map(({ entry }) => entry),
				endsWith: memory.checkpoint,
				devicePublicKey: key.publicKey,
			});
		},
		// Every part of the memory is replaced when it changes, never changed in place.
		fork: () => phoneWith(parts, { ...memory }),
	};
}

function entryBytes({ decision, bound, orderEnvelope, replyEnvelope }: Effects["record"][number]): Uint8Array {
	const evidence = bound ? { bound } : orderEnvelope ? { orderEnvelope } : replyEnvelope ? { replyEnvelope } : {};
	return encode(wire.RecordEntry, { decision, ...evidence });
}
