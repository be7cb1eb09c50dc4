import { randomBytes } from "node:crypto";

import { decode, encode, equalBytes, type Message } from "../../../proto/codec.ts";
import { toHex } from "../../../proto/crypto.ts";
import { wire } from "../../../proto/wire.ts";
import type { Daemon } from "../../daemon/daemon.ts";
import type { RefusalCode } from "../../daemon/refusals.ts";
import type { AgentHostOptions } from "./agent-host.ts";
import { createAnswerFirst } from "./answer-first.ts";
import type { HandsetFiles } from "./handset-files.ts";
import { screenFile, standingShown } from "./screen-file.ts";

type Effects = Message<wire.HostEffects.$Properties>;
export type BorrowerAnswer = Message<wire.BorrowerAnswer.$Properties>;
/** What happened, without when. */
export type EventBody = Omit<wire.HostEvent.$Properties, "now" | "entropy" | "anchor">;

const POST_DEADLINE_MS = 10_000;
const WRITE_RETRY_MS = 60_000;
/** Decisions that the screen lists. */
const DECISIONS_SHOWN = 12;

/** The daemon's events, one at a time: ledger to disk first, effects after. */
export interface EventLoop {
	/** Handles an event and everything that follows from it at once. Gives the CableReply that came of it, if one did. */
	dispatch(body: EventBody): Uint8Array | undefined;
	/** What the borrower did, and what became of it; `undefined` if it could not be stored, and so was not done. */
	ask(body: EventBody): BorrowerAnswer | undefined;
	/** The borrower's file (RecordFile); `undefined` if there is no contract, or its key does not sign. */
	exportRecord(): Uint8Array | undefined;
	/** Posts that are under way. */
	readonly outstanding: ReadonlySet<Promise<void>>;
	stop(): void;
}

/**
 * Runs a daemon over files and a handset. Everything but the post is synchronous, so events never interleave. An event
 * whose record or ledger cannot be written has not happened: nothing of it is performed, and what was last applied stays.
 */
export function createEventLoop(options: AgentHostOptions, daemon: Daemon, files: HandsetFiles): EventLoop {
	const { clock, handset } = options;
	const queue: EventBody[] = [];
	const outstanding = new Set<Promise<void>>();
	/** What was answered or begun, so that an effect that is stated again is not performed again. */
	const done = new Set<string>();
	let stored = files.readLedger();
	let anchor = files.readAnchor();
	let applied = "";
	const answerFirst = createAnswerFirst();
	/** The daemon's own wish; one alarm serves it and what waits for an answer to be out. */
	let alarmAtMs: number | undefined;
	let isRunning = false;
	let isStopped = false;
	let cableReply: Uint8Array | undefined;
	/** To the borrower, of the event that is being handled. */
	let answer: BorrowerAnswer | undefined;
	/** The last checkpoint that was signed. */
	let checkpoint: Uint8Array | undefined;
	/** Attempts that failed are made again at the next event from outside, not in a circle. */
	const triedNow = new Set<string>();

	function dispatch(body: EventBody): Uint8Array | undefined {
		if (isStopped) return undefined;
		queue.push(body);
		if (isRunning) return undefined;
		isRunning = true;
		cableReply = undefined;
		triedNow.clear();
		answerFirst.begin(Boolean(body.cable));
		try {
			for (let next = queue.shift(); next && !isStopped; next = queue.shift()) handle(next);
		} finally {
			isRunning = false;
			queue.length = 0;
			answerFirst.end(clock.elapsedMs());
			if (answerFirst.dueMs !== undefined) setAlarm();
		}
		return cableReply;
	}

	function setAlarm(): void {
		if (isStopped) return;
		const never = Number.POSITIVE_INFINITY;
		const { dueMs = never } = answerFirst;
		// What is overdue could not be stored or applied: the next event tries again.
		const atMs = Math.min(alarmAtMs ?? never, dueMs > clock.elapsedMs() ? dueMs : never);
		clock.wakeAt(atMs === never ? undefined : atMs, () => dispatch({ tick: {} }));
	}

	function handle(body: EventBody): void {
		const now = { bootCount: clock.bootCount(), elapsedMs: Math.floor(clock.elapsedMs()) };
		const event = encode(wire.HostEvent, { now, entropy: Uint8Array.from(randomBytes(32)), anchor, ...body });
		const handled = daemon.handle(stored, event);
		const effects = decode(wire.HostEffects, handled.effects);
		const name = Object.keys(body)[0] ?? "";
		try {
			// Ahead of the ledger: a crash between them leaves entries that were never decided, and the next ones take their place.
			files.record.append(effects.record);
			if (!equalBytes(handled.ledger, stored)) files.writeLedger(handled.ledger);
		} catch {
			notStored(body, now.elapsedMs);
			return;
		}
		stored = handled.ledger;
		// After a boot or an update nobody knows what the platform still holds.
		if (body.started) applied = "";
		keepAnchor(effects.anchor);
		perform(effects);
		options.onEvent?.({ at: now.elapsedMs, event: name, standing: standingShown(effects.screen) });
	}

	/** An anchor that cannot be written stays an older one, which anchors a little less. */
	function keepAnchor(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		try {
			files.writeAnchor(bytes);
			anchor = bytes;
		} catch {
			options.onEvent?.({ at: Math.floor(clock.elapsedMs()), event: "anchorNotWritten", standing: "unknown" });
		}
	}

	/** A full disk must not lock, unlock or forget anything: the event is dropped and time will bring the next one. */
	function notStored(body: EventBody, elapsedMs: number): void {
		done.clear();
		applied = "";
		queue.length = 0;
		if (body.cable || body.signed || body.deviceKeyMade) cableReply ??= refused("NOT_STORED", "the ledger could not be written");
		alarmAtMs = elapsedMs + WRITE_RETRY_MS;
		setAlarm();
		options.onEvent?.({ at: elapsedMs, event: "ledgerNotWritten", standing: "unknown" });
	}

	function perform(effects: Effects): void {
		if (effects.cableReply.length > 0) cableReply = effects.cableReply;
		if (effects.answer) answer = effects.answer;
		if (effects.posture) applyPosture(effects.posture);
		if (effects.screen) files.showScreen(screenFile(effects.screen, effects.notices, files.record.last(DECISIONS_SHOWN)));
		if (effects.makeDeviceKey) makeDeviceKey(effects.makeDeviceKey.challenge);
		for (const wanted of effects.sign) sign(wanted);
		showNotices(effects.notices);
		if (effects.checkIn) carry(effects.checkIn);
		if (effects.returnOwnership) returnOwnership();
		if (effects.checkpoint.length > 0) keepCheckpoint(effects.checkpoint);
		else if (files.record.wantsCheckpoint && once(triedNow, "checkpoint")) queue.push({ recordWanted: {} });
		const at = effects.alarm?.atElapsedMs;
		if (at === undefined) return;
		alarmAtMs = at || undefined;
		setAlarm();
	}

	/** A record that cannot be shortened stays long; the borrower can take it all the same. */
	function keepCheckpoint(envelope: Uint8Array): void {
		checkpoint = envelope;
		try {
			files.record.keep(envelope);
		} catch {
			options.onEvent?.({ at: Math.floor(clock.elapsedMs()), event: "checkpointNotWritten", standing: "unknown" });
		}
	}

	function ask(body: EventBody): BorrowerAnswer | undefined {
		answer = undefined;
		dispatch(body);
		return answer;
	}

	function exportRecord(): Uint8Array | undefined {
		checkpoint = undefined;
		dispatch({ recordWanted: {} });
		const key = files.deviceKey.publicKey();
		return checkpoint && key ? files.record.fileEndingWith(checkpoint, key) : undefined;
	}

	function applyPosture({ revision, openPackages, ...wanted }: Message<wire.Posture.$Properties>): void {
		const restricted = answerFirst.restrictedNow(wanted.restricted, clock.elapsedMs());
		const key = `${revision} ${restricted.join()} ${openPackages.join()}`;
		if (applied === key || !once(triedNow, `posture ${key}`)) return;
		try {
			const drift = [...handset.apply(restricted, openPackages)];
			files.showRestrictions({ revision, restricted, openPackages, drift });
			// What drifted is applied again with the next event from outside.
			applied = drift.length === 0 ? key : "";
			// What still waits is no drift: the posture is reported once all of it was applied.
			if (restricted.length === wanted.restricted.length) queue.push({ postureApplied: { revision, drift } });
		} catch {
			queue.push({ hostFailed: { part: wire.HostPart.HOST_PART_POSTURE } });
		}
	}

	function makeDeviceKey(challenge: Uint8Array): void {
		if (!once(triedNow, `key ${toHex(challenge)}`)) return;
		try {
			const publicKey = files.deviceKey.makeFor(challenge);
			const attestationChain = [...(handset.attest?.(challenge, publicKey) ?? [])];
			queue.push({ deviceKeyMade: { challenge, publicKey, attestationChain } });
		} catch {
			queue.push({ hostFailed: { part: wire.HostPart.HOST_PART_DEVICE_KEY } });
		}
	}

	function sign({ requestId, toSign }: Message<wire.SignatureWanted.$Properties>): void {
		if (!once(done, `sign ${requestId}`)) return;
		try {
			queue.push({ signed: { requestId, signature: files.deviceKey.sign(toSign) } });
		} catch {
			queue.push({ hostFailed: { part: wire.HostPart.HOST_PART_SIGNATURE } });
		}
	}

	function showNotices(notices: Effects["notices"]): void {
		for (const { noticeId, channels } of notices) {
			for (const channel of channels) {
				// A notification is there whoever looks; the screen counts only with somebody in front of it.
				if (channel === wire.NoticeChannel.NOTICE_CHANNEL_SCREEN && !options.isPersonPresent()) continue;
				if (once(done, `notice ${channel} ${noticeId}`)) queue.push({ noticeShown: { noticeId, channel } });
			}
		}
	}

	function carry({ counter, url, envelope }: Message<wire.CheckInWanted.$Properties>): void {
		if (!once(done, `check-in ${counter}`)) return;
		const carried = carryTo(counter, url, envelope).finally(() => outstanding.delete(carried));
		outstanding.add(carried);
	}

	async function carryTo(counter: number, url: string, envelope: Uint8Array): Promise<void> {
		let replyEnvelope: Uint8Array;
		try {
			replyEnvelope = await withDeadline((deadlineMs) => options.post(url, envelope, deadlineMs), POST_DEADLINE_MS);
		} catch {
			dispatch({ checkInFailed: { counter } });
			return;
		}
		dispatch({ reply: { replyEnvelope } });
	}

	function returnOwnership(): void {
		if (!once(triedNow, "ownership")) return;
		let isGone = false;
		try {
			isGone = handset.returnOwnership();
		} catch {
			// The same as not gone: it is asked for again.
		}
		queue.push(isGone ? { ownershipReturned: {} } : { hostFailed: { part: wire.HostPart.HOST_PART_OWNERSHIP } });
	}

	function stop(): void {
		isStopped = true;
		clock.wakeAt(undefined, () => {});
	}

	return { dispatch, ask, exportRecord, outstanding, stop };
}

/** True the first time. */
function once(known: Set<string>, key: string): boolean {
	if (known.has(key)) return false;
	known.add(key);
	return true;
}

/** What a request over the cable is answered with when the agent could not. */
export function refused(code: RefusalCode, detail: string): Uint8Array {
	return encode(wire.CableReply, { refused: { code, detail } });
}

/** A post that keeps its deadline even if whoever carries it does not. */
async function withDeadline<Value>(work: (deadlineMs: number) => Promise<Value>, deadlineMs: number): Promise<Value> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error("no answer in time")), deadlineMs);
	});
	try {
		return await Promise.race([work(deadlineMs), late]);
	} finally {
		clearTimeout(timer);
	}
}
