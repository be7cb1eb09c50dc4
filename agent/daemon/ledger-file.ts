import { decode, encode, wordsOf } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { wire } from "../../proto/wire.ts";
import { record } from "../policy/decision-log.ts";
import { emptyLedger, type Ledger } from "../policy/ledger.ts";

/** The format that this agent writes. */
export const FORMAT_VERSION = 1;
/** What is kept of a ledger that cannot be read. Beyond it, its digest. */
const MAX_UNREADABLE_BYTES = 16 * 1024;

const NOTHING_KNOWN = emptyLedger();

/** What stored bytes turned out to be. */
export type Opened =
	/** No bytes: a phone that was never bound, as far as the ledger knows. */
	| { readonly kind: "none"; readonly ledger: Ledger }
	| { readonly kind: "ledger"; readonly ledger: Ledger }
	/** Bytes that make no sense: the ledger begins anew and carries them inside. */
	| { readonly kind: "unreadable"; readonly ledger: Ledger }
	/** Written by a newer agent: not to be touched. */
	| { readonly kind: "newer"; readonly formatVersion: number };

/**
 * Opens stored bytes. Never throws. No bytes at all are a phone that was never bound.
 */
export function openLedger(crypto: Pick<Crypto, "sha256">, stored: Uint8Array): Opened {
	if (stored.length === 0) return { kind: "none", ledger: emptyLedger() };
	try {
		const { formatVersion, state } = readFrame(stored);
		if (formatVersion > FORMAT_VERSION) return { kind: "newer", formatVersion };
		// Older formats will migrate here, one step for each version; there is none before the first.
		if (formatVersion === FORMAT_VERSION) return { kind: "ledger", ledger: readState(state) };
	} catch {
		// Falls through: whatever it was, it is not a ledger.
	}
	return { kind: "unreadable", ledger: recover(crypto, stored) };
}

/** The generation that stored bytes claim, without reading or checking the rest of them; 0 if they claim none. */
export function claimedGeneration(stored: Uint8Array): number {
	try {
		return decode(wire.LedgerGeneration, decode(wire.StoredLedger, stored).state).generation;
	} catch {
		return 0;
	}
}

/** @throws for bytes that are not a whole frame. */
function readFrame(stored: Uint8Array): { formatVersion: number; state: Uint8Array } {
	const frame = decode(wire.StoredLedger, stored);
	const { formatVersion, state, checksum } = frame;
	const isWhole = state.length > 0 && checksum === checksumOf(formatVersion, state);
	// The checksum is over what was read; the length says that nothing stands beside it.
	if (!isWhole || encode(wire.StoredLedger, frame).length !== stored.length) throw new Error("a torn or mixed write");
	return { formatVersion, state };
}

/** The bytes to store. The same ledger gives the same bytes. */
export function closeLedger(ledger: Ledger): Uint8Array {
	const state = encode(wire.Ledger, {
		...ledger,
		pendingBinding: ledger.pendingBinding ? { ...ledger.pendingBinding, evidence: ledger.pendingBinding.evidence ?? null } : null,
		contract: ledger.contract ?? null,
		recovery: ledger.recovery ?? null,
		signatures: [...ledger.signatures],
	});
	return frameState(FORMAT_VERSION, state);
}

/** The frame that every format version has. */
export function frameState(formatVersion: number, state: Uint8Array): Uint8Array {
	return encode(wire.StoredLedger, { formatVersion, state, checksum: checksumOf(formatVersion, state) });
}

function readState(state: Uint8Array): Ledger {
	const read = decode(wire.Ledger, state);
	return {
		time: read.time ?? NOTHING_KNOWN.time,
		handset: read.handset ?? NOTHING_KNOWN.handset,
		pendingBinding: read.pendingBinding ?? undefined,
		contract: read.contract ?? undefined,
		contact: read.contact ?? NOTHING_KNOWN.contact,
		lock: read.lock ?? NOTHING_KNOWN.lock,
		notices: read.notices ?? NOTHING_KNOWN.notices,
		posture: read.posture ?? NOTHING_KNOWN.posture,
		log: read.log ?? NOTHING_KNOWN.log,
		signatures: read.signatures,
		lastRequestId: read.lastRequestId,
		codes: read.codes ?? NOTHING_KNOWN.codes,
		recovery: read.recovery ?? undefined,
		generation: read.generation,
		observations: read.observations ?? NOTHING_KNOWN.observations,
		decided: [],
	};
}

/** Without a record there are no keys to check an unlock by: so there is nothing to lock by either. */
function recover(crypto: Pick<Crypto, "sha256">, stored: Uint8Array): Ledger {
	const unreadable = stored.length <= MAX_UNREADABLE_BYTES ? Uint8Array.from(stored) : crypto.sha256(stored);
	const begun: Ledger = { ...emptyLedger(), recovery: { unreadable, sincePoweredOnMs: 0 } };
	return record(crypto, begun, { kind: wire.DecisionKind.DECISION_KIND_RECORD_LOST });
}

/**
 * Two running sums over the state's 32-bit words, after Fletcher's: they find torn and mixed writes wherever those are, in a tenth of
 * the time that an interpreter needs for a hash. The first is turned at each word, and its sum is an exclusive or, which stays a
 * 32-bit integer; plain sums would let two flips of a highest bit cancel each other out. Words are as the platform has them, which on every one of ours is little-endian.
 */
function checksumOf(formatVersion: number, state: Uint8Array): number {
	const words = wordsOf(state);
	let sum = formatVersion;
	let sumOfSums = state.length;
	// An interpreter takes several times as long to iterate, or to ask for the length each time.
	const { length } = words;
	for (let index = 0; index < length; index += 1) {
		sum = ((sum << 5) | (sum >>> 27)) ^ (words[index] as number);
		sumOfSums = (sumOfSums + sum) | 0;
	}
	for (const byte of state.subarray(words.length * 4)) {
		sum = ((sum << 5) | (sum >>> 27)) ^ byte;
		sumOfSums = (sumOfSums + sum) | 0;
	}
	return mix(sum, sumOfSums) >>> 0;
}

/** Murmur3's step: folds two sums into one so that what changed both does not cancel out. */
function mix(hash: number, word: number): number {
	const scrambled = Math.imul(word, 0xcc9e2d51);
	const turned = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
	return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}
