import { decode, decodeCanonical, encode } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { wire } from "../../proto/wire.ts";
import { record } from "../policy/decision-log.ts";
import { emptyLedger, type Ledger } from "../policy/ledger.ts";

/** The format that this agent writes. */
export const FORMAT_VERSION = 1;
/** What is kept of a ledger that cannot be read. Beyond it, its digest. */
const MAX_UNREADABLE_BYTES = 16 * 1024;

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
		const { formatVersion, state, checksum } = decodeCanonical(wire.StoredLedger, stored);
		const isWhole = state.length > 0 && checksum === checksumOf(formatVersion, state);
		if (isWhole && formatVersion > FORMAT_VERSION) return { kind: "newer", formatVersion };
		// Older formats will migrate here, one step for each version; there is none before the first.
		if (isWhole && formatVersion === FORMAT_VERSION) return { kind: "ledger", ledger: readState(state) };
	} catch {
		// Falls through: whatever it was, it is not a ledger.
	}
	return { kind: "unreadable", ledger: recover(crypto, stored) };
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
	const empty = emptyLedger();
	return {
		time: read.time ?? empty.time,
		handset: read.handset ?? empty.handset,
		pendingBinding: read.pendingBinding ?? undefined,
		contract: read.contract ?? undefined,
		contact: read.contact ?? empty.contact,
		lock: read.lock ?? empty.lock,
		notices: read.notices ?? empty.notices,
		posture: read.posture ?? empty.posture,
		log: read.log ?? empty.log,
		signatures: read.signatures,
		lastRequestId: read.lastRequestId,
		codes: read.codes ?? empty.codes,
		recovery: read.recovery ?? undefined,
		generation: read.generation,
		observations: read.observations ?? empty.observations,
		decided: [],
	};
}

/** Without a record there are no keys to check an unlock by: so there is nothing to lock by either. */
function recover(crypto: Pick<Crypto, "sha256">, stored: Uint8Array): Ledger {
	const unreadable = stored.length <= MAX_UNREADABLE_BYTES ? Uint8Array.from(stored) : crypto.sha256(stored);
	const begun: Ledger = { ...emptyLedger(), recovery: { unreadable, sincePoweredOnMs: 0 } };
	return record(crypto, begun, { kind: wire.DecisionKind.DECISION_KIND_RECORD_LOST });
}

/** Murmur3's mixing over 32-bit words: cheap in an interpreter, and any torn or mixed write changes it. */
function checksumOf(formatVersion: number, bytes: Uint8Array): number {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const wholeWords = bytes.length & ~3;
	let hash = mix(formatVersion, bytes.length);
	for (let index = 0; index < wholeWords; index += 4) hash = mix(hash, view.getUint32(index, true));
	for (let index = wholeWords; index < bytes.length; index += 1) hash = mix(hash, view.getUint8(index));
	return hash >>> 0;
}

function mix(hash: number, word: number): number {
	const scrambled = Math.imul(word, 0xcc9e2d51);
	const turned = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
	return (Math.imul((turned << 13) | (turned >>> 19), 5) + 0xe6546b64) | 0;
}
