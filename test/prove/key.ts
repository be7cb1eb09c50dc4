import type { Ledger } from "../../agent/policy/ledger.ts";
import { wire } from "../../proto/wire.ts";
import { EPOCH } from "../agent/test-lender.ts";
import { questionOf } from "./truth.ts";
import type { Memories, Phone } from "./walk.ts";
import type { World } from "./world.ts";

const DAY_MS = 24 * 3600 * 1000;
const TICK_MS = 5 * 60 * 1000;
const HOUR_MS = 3600 * 1000;
const WARNING_LIFE_MS = 60 * DAY_MS;
/** Further ahead than any story is long. */
const FAR_MS = 10_000 * DAY_MS;
/** A bound phone compares the age of a recovery with its quiet days, one without a contract with the time that its posture is kept. */
const RECOVERY_AGE_MS = 72 * HOUR_MS;
const UNBOUND_RECOVERY_AGE_MS = 30 * DAY_MS;
const YEAR_SECONDS = 365 * 24 * 3600;

/** Numbers that stand for a state. Two states with the same numbers have the same future. */
export class Key {
	#words = new Float64Array(512);
	#length = 0;
	/** Numbers of bytes that were met, by identity first: most are shared between states. */
	readonly #known = new WeakMap<Uint8Array, number>();

	begin(): void {
		this.#length = 0;
	}

	put(...values: (number | boolean | undefined)[]): void {
		for (const value of values) {
			if (this.#length === this.#words.length) {
				const larger = new Float64Array(this.#words.length * 2);
				larger.set(this.#words);
				this.#words = larger;
			}
			this.#words[this.#length] = value === undefined ? -7 : Number(value);
			this.#length += 1;
		}
	}

	bytes(bytes: Uint8Array | undefined): void {
		if (!bytes) {
			this.put(undefined);
			return;
		}
		let number = this.#known.get(bytes);
		if (number === undefined) {
			let hash = bytes.length;
			for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) + (hash >>> 17);
			number = hash >>> 0;
			this.#known.set(bytes, number);
		}
		this.put(number);
	}

	text(text: string): void {
		let hash = text.length;
		for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
		this.put(hash >>> 0);
	}

	/** 64 bits, as two numbers of 32. */
	hash(): [number, number] {
		const words = new Uint32Array(this.#words.buffer, 0, this.#length * 2);
		let a = 0x9e3779b9 ^ this.#length;
		let b = 0x85ebca6b;
		for (let index = 0; index < words.length; index += 1) {
			const word = words[index] ?? 0;
			a = Math.imul(a ^ word, 0xcc9e2d51);
			a = ((a << 15) | (a >>> 17)) + b;
			b = Math.imul(b + word, 0x1b873593) ^ (b >>> 13);
		}
		return [mix(a ^ (b >>> 7)), mix(b + Math.imul(a, 5))];
	}

	get numbers(): readonly number[] {
		return Array.from(this.#words.subarray(0, this.#length));
	}
}

function mix(word: number): number {
	let hash = word;
	hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
	hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
	return (hash ^ (hash >>> 16)) >>> 0;
}

/** How long ago, no more than. */
const ago = (now: number, then: number, most: number) => Math.min(now - then, most);
/** How long until, never less than nothing. */
const until = (now: number, then: number) => Math.max(0, then - now);

/**
 * Writes a state's normal form. Times are differences to the present, because the agent only ever compares; a difference
 * beyond the largest constant it is compared with is cut off there. README.md gives the reason for each part; the search
 * checks them on a sample of merged states.
 */
export function writePhone(key: Key, world: World, phone: Phone): void {
	key.begin();
	const { truth } = phone;
	key.put(["none", "ledger", "unreadable"].indexOf(phone.kind));
	writeLedger(key, world, phone.ledger);
	// The clock of the phone, where it is not the ledger's last moment: a boot counts all of its milliseconds.
	const { time } = phone.ledger;
	const sameBoot = phone.bootCount === time.bootCount;
	key.put(sameBoot, sameBoot ? phone.elapsedMs - time.elapsedMs : phone.elapsedMs);
	if (world.hasAnchor) {
		writeMemory(key, world, phone, phone.anchor);
		writeMemory(key, world, phone, phone.image?.ledger);
		writeMemory(key, world, phone, phone.image?.anchor);
	}
	writeTruth(key, world, phone);
	key.put(truth.questions.length);
}

/** A second ledger beside the one in force: what it says, and whether it is older. */
function writeMemory(
	key: Key,
	world: World,
	{ ledger, bootCount, elapsedMs }: Memories & Phone,
	memory: Ledger | undefined,
): void {
	if (!memory) {
		key.put(undefined);
		return;
	}
	key.put(Math.sign(memory.generation - ledger.generation));
	if (memory.generation === ledger.generation) return;
	writeLedger(key, world, memory);
	// How much would be gained by going back: all of a budget, or less.
	const most = world.promise.offlineMs + TICK_MS;
	const sameBoot = memory.time.bootCount === bootCount;
	key.put(sameBoot, sameBoot ? Math.min(elapsedMs - memory.time.elapsedMs, most) : -1);
	key.put(
		Math.max(memory.time.poweredOnMs - ledger.time.poweredOnMs, -most),
		Math.max(trustedMs(memory) - trustedMs(ledger), -most),
	);
}

/** Trusted time in milliseconds: the agent's own sum. */
function trustedMs({ time }: Ledger): number {
	return time.signedUnixSeconds === 0 ? 0 : time.signedUnixSeconds * 1000 + (time.poweredOnMs - time.signedAtPoweredOnMs);
}

function writeLedger(key: Key, world: World, ledger: Ledger): void {
	for (const write of Object.values(PARTS)) write(key, world, ledger);
}

type Part = (key: Key, world: World, ledger: Ledger) => void;
const nothing: Part = () => {};

/** Every part of a ledger, so that a new one cannot be forgotten: leaving one out needs a reason here. */
export const PARTS: { readonly [Name in keyof Ledger]-?: Part } = {
	time: (key, world, ledger) => {
		if (ledger.contract?.releasedBy) return; // free for ever: no time is compared with anything any more
		const now = trustedMs(ledger);
		key.put(Math.min(now - EPOCH * 1000, world.horizonSeconds * 1000), now % 1000);
		if (world.hasQuietHours) key.put(Math.floor(now / 1000) % (7 * 24 * 3600));
	},
	handset: (key, _, { handset }) => {
		key.put(handset.emergencyCall, handset.deviceOwner, handset.imeis.length);
		for (const imei of handset.imeis) key.text(imei);
	},
	pendingBinding: (key, _, { pendingBinding }) => {
		key.bytes(pendingBinding?.binding);
		key.bytes(pendingBinding?.receipt);
	},
	contract: (key, world, { contract, time, ...ledger }) => {
		if (!contract) return key.put(undefined);
		key.put(contract.releasedBy, contract.ownershipReturned, contract.codeKey.length > 0);
		key.bytes(contract.keySet);
		key.put(contract.lastSequence, contract.confirmed);
		if (contract.releasedBy) return;
		const now = trustedMs({ ...ledger, contract, time });
		key.bytes(contract.binding);
		key.bytes(contract.terms);
		key.put(contract.receiptEnvelope.length > 0, contract.sealed);
		if (!contract.confirmed) key.put(ago(time.poweredOnMs, contract.boundAtPoweredOnMs, world.promise.unconfirmedMs));
		// Past due by more than every grace and the dead lender's time is past due for good.
		const furthest =
			(world.promise.deadLenderSeconds + world.promise.graceSeconds + world.promise.firstNoticePastDueSeconds) * 1000;
		key.put(Math.min(Math.max(contract.paidUntilUnixSeconds * 1000 - now, -furthest), FAR_MS));
		key.put(until(now, contract.serviceOpensAtUnixSeconds * 1000), until(now, contract.serviceClosesAtUnixSeconds * 1000));
	},
	contact: (key, world, { contact, time, ...ledger }) => {
		const budget = world.promise.offlineMs;
		const isFree = Boolean(ledger.contract?.releasedBy);
		const now = trustedMs({ ...ledger, contact, time });
		key.put(contact.open.length, until(time.poweredOnMs, contact.nextAtPoweredOnMs), Math.min(contact.failures, 10));
		for (const open of contact.open) {
			key.put(open.envelope.length > 0, open.reportsEnd);
			// What an answer to it would leave of the charge.
			if (budget > 0 && !isFree) key.put(Math.min(contact.chargedMs - open.spentMs, budget + TICK_MS));
		}
		if (budget > 0 && !isFree) {
			key.put(Math.min(contact.chargedMs, budget + TICK_MS), contact.prepaidUntilElapsedMs - time.elapsedMs);
		}
		if (!isFree && world.horizonSeconds > 0)
			key.put(ago(now, contact.lastReplyUnixSeconds * 1000, world.promise.deadLenderSeconds * 1000));
		key.put(contact.paymentFeedStale, contact.endReported, contact.required);
	},
	lock: (key, world, ledger) => {
		const { lock, contract, time } = ledger;
		const now = trustedMs(ledger);
		key.put(lock.standing);
		if (contract?.releasedBy) return key.put(lock.causes.length, lock.holds.length);
		const isLimited = lock.standing === wire.Standing.STANDING_LOCKED_LIMITED;
		key.put(isLimited ? ago(time.poweredOnMs, lock.standingSincePoweredOnMs, world.promise.dwellMs) : 0);
		key.put(lock.causes.length);
		for (const { cause, level, reason } of lock.causes) key.put(cause, level, reason);
		const holds = lock.holds.filter((hold) => hold.untilUnixSeconds * 1000 > now);
		key.put(holds.length);
		for (const hold of holds) key.put(hold.kind, hold.untilUnixSeconds * 1000 - now);
		// Paid-until only grows, so another period's dispute is no dispute of this one.
		key.put(lock.disputedPaidUntilUnixSeconds === contract?.paidUntilUnixSeconds);
		const passes = lock.passesTakenAtUnixSeconds.filter((at) => (at + YEAR_SECONDS) * 1000 > now);
		key.put(passes.length);
		key.put(until(time.poweredOnMs, lock.passUntilPoweredOnMs));
	},
	notices: (key, world, ledger) => {
		const { notices, time, contract } = ledger;
		const paidUntil = contract?.paidUntilUnixSeconds ?? 0;
		writeSeen(
			key,
			world,
			time.poweredOnMs,
			paidUntil,
			notices.shown.map(({ noticeId, kind, channels, onScreenAtPoweredOnMs, onScreenAtUnixSeconds }) => ({
				id: noticeId,
				notice: kind,
				channels,
				onMs: onScreenAtPoweredOnMs,
				atUnixSeconds: onScreenAtUnixSeconds,
			})),
		);
		key.put(notices.pending.length, notices.seenIds.length);
		for (const { noticeId } of notices.pending) key.text(noticeId);
		for (const id of notices.seenIds) key.text(id);
		key.put(notices.offlineWarnedAtRemainingSeconds);
		if (notices.offlineWarnedAtRemainingSeconds > 0) {
			key.put(ago(time.poweredOnMs, notices.offlineWarnedAtPoweredOnMs, warningAgeMs(world)));
		}
	},
	posture: (key, _, { posture }) => {
		key.put(posture.wanted, posture.drift, posture.applied, posture.revision > 0, posture.appliedRevision === posture.revision);
	},
	// Written, never read by any decision; the invariant F12 looks at every new entry.
	log: nothing,
	signatures: (key, _, { signatures }) => {
		key.put(signatures.length);
		for (const { purpose } of signatures) key.put(purpose);
	},
	// Names of requests: only ever compared for being the same.
	lastRequestId: nothing,
	codes: (key, _, { codes, time }) => {
		// Whoever knows the code for a counter knows it whatever its number is: worlds make codes for the counter that is shown.
		key.put(
			codes.badCodes,
			until(time.poweredOnMs, codes.backingOffUntilPoweredOnMs),
			codes.counter > 0,
			codes.usedAhead,
			codes.lastCounter > 0,
		);
	},
	recovery: (key, _, { recovery, time, contract }) => {
		const most = contract ? RECOVERY_AGE_MS : UNBOUND_RECOVERY_AGE_MS;
		key.put(recovery !== undefined && ago(time.poweredOnMs, recovery.sincePoweredOnMs, most));
	},
	// Only compared with the anchor's: writeMemory.
	generation: nothing,
	observations: (key, _, { observations }) => {
		key.bytes(observations.simDigest);
		key.bytes(observations.simDigestNow);
		key.bytes(observations.attestationDigest);
		key.bytes(observations.attestationDigestNow);
	},
	// Empty between events.
	decided: nothing,
};

/** An offline warning stands for an hour, or as long as it warns of if that is shorter. */
const warningAgeMs = ({ promise }: World) => Math.min(promise.shortestWarningSeconds * 1000, HOUR_MS);

interface SeenNotice {
	readonly id: string;
	readonly notice: number;
	readonly channels: number;
	readonly onMs: number;
	readonly atUnixSeconds: number;
}

/**
 * Notices by their gaps: how far apart, and how long since the last. A gap beyond every spacing and total is long; one beyond the
 * life of a warning is longer. A world's steps before its leaps take less than that life altogether.
 */
function writeSeen(key: Key, world: World, nowMs: number, paidUntil: number, seen: readonly SeenNotice[]): void {
	const counts = seen.filter((notice) => notice.onMs === 0 || notice.atUnixSeconds >= paidUntil || world.warningsLast);
	key.put(counts.length);
	let later = nowMs;
	for (const notice of [...counts].sort((a, b) => b.onMs - a.onMs)) {
		const isOwn = notice.id.startsWith(`overdue-${paidUntil}-`);
		key.put(isOwn ? Number(notice.id.at(-1)) : -1, notice.notice, notice.channels, notice.onMs > 0);
		if (!isOwn) key.text(notice.id);
		if (notice.onMs > 0) {
			const gap = later - notice.onMs;
			key.put(gap >= WARNING_LIFE_MS ? WARNING_LIFE_MS : Math.min(gap, world.noticeAgeMs));
			// Which of the debts that there may be it warned of.
			key.put(world.paidUntils.filter((paid) => notice.atUnixSeconds >= paid + world.promise.firstNoticePastDueSeconds).length);
			later = notice.onMs;
		}
	}
}

/** The monitor's memory. Most of it says the same as the ledger, and so splits no state; where a mutant lies, it does. */
export function writeTruth(key: Key, world: World, phone: Phone): void {
	const { truth, ledger } = phone;
	const { promise } = world;
	const now = trustedMs(ledger);
	key.put(truth.call, truth.confirmed, truth.released, truth.feedStale, truth.epoch, truth.ring, truth.sequence);
	// Worlds move by their grid even after a release.
	key.put(truth.onMs % 1000 !== 0);
	if (truth.released && ledger.contract?.releasedBy) return;
	// How far the real time is ahead of the trusted: only a world that goes on answering can tell.
	key.put(
		Math.min(truth.realMs - EPOCH * 1000, world.horizonSeconds * 1000) -
			Math.min(now - EPOCH * 1000, world.horizonSeconds * 1000),
	);
	// More boots than ticks excuse everything.
	const bootsSince = (boot: number) => Math.min(truth.boots - boot, promise.offlineMs / TICK_MS);
	if (promise.offlineMs > 0) {
		key.put(ago(truth.onMs, truth.contactOnMs, promise.offlineMs + TICK_MS), bootsSince(truth.contactAtBoot));
		key.put(truth.warnedOnMs === undefined ? -1 : ago(truth.onMs, truth.warnedOnMs, warningAgeMs(world)));
		key.put(truth.recoveredOnMs === undefined ? -1 : ago(truth.onMs, truth.recoveredOnMs, RECOVERY_AGE_MS));
		for (const question of truth.questions) {
			key.put(ago(truth.onMs, question.askedOnMs, promise.offlineMs + TICK_MS), bootsSince(question.askedAtBoot));
		}
	}
	if (world.horizonSeconds > 0) key.put(ago(now, truth.lastAnswerUnixSeconds * 1000, promise.deadLenderSeconds * 1000));
	writeSeen(key, world, truth.onMs, ledger.contract?.paidUntilUnixSeconds ?? 0, truth.seen);
	if (ledger.lock.standing === wire.Standing.STANDING_LOCKED_LIMITED)
		key.put(ago(truth.onMs, truth.limitedOnMs, promise.dwellMs));
	for (const hold of truth.holds) if (hold.untilUnixSeconds * 1000 > now) key.put(hold.kind, hold.untilUnixSeconds * 1000 - now);
	key.put(truth.disputedPaidUntil === ledger.contract?.paidUntilUnixSeconds);
	key.put(truth.passes.filter((at) => (at + YEAR_SECONDS) * 1000 > now).length);
	key.put(until(truth.onMs, truth.passUntilOnMs));
	key.put(
		truth.sealed,
		truth.window && until(now, truth.window.opensAtUnixSeconds * 1000),
		truth.window && until(now, truth.window.closesAtUnixSeconds * 1000),
	);
	key.put(truth.badCodes, until(truth.onMs, truth.codesWaitUntilOnMs));
	const { kept } = truth;
	key.put(kept !== undefined);
	if (kept) {
		const openAt = ledger.contact.open.findIndex(({ counter }) => counter === kept.fact.counter);
		key.put(openAt, questionOf(truth, kept.fact) !== undefined, kept.fact.feedStale);
		if (world.horizonSeconds > 0) key.put(Math.max(-1, kept.fact.serverTimeUnixSeconds * 1000 - now));
	}
	// Which of the questions that left the phone it still waits for.
	for (const question of truth.questions) {
		key.put(
			ledger.contact.open.findIndex(({ counter, nonce }) => counter === question.counter && sameBytes(nonce, question.nonce)),
		);
	}
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.every((byte, index) => byte === b[index]);
}
