import type { Message } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";

export type TimeRecord = Message<wire.TimeRecord.$Properties>;
export type HandsetRecord = Message<wire.HandsetRecord.$Properties>;
export type PendingBinding = Message<wire.PendingBinding.$Properties>;
export type ContractRecord = Message<wire.ContractRecord.$Properties>;
export type ContactRecord = Message<wire.ContactRecord.$Properties>;
export type OpenCheckIn = Message<wire.OpenCheckIn.$Properties>;
export type LockRecord = Message<wire.LockRecord.$Properties>;
export type CauseRecord = Message<wire.CauseRecord.$Properties>;
export type NoticeRecord = Message<wire.NoticeRecord.$Properties>;
export type ShownNotice = Message<wire.ShownNotice.$Properties>;
export type PendingNotice = Message<wire.PendingNotice.$Properties>;
export type PostureRecord = Message<wire.PostureRecord.$Properties>;
export type DecisionLog = Message<wire.DecisionLog.$Properties>;
export type Decision = Message<wire.Decision.$Properties>;
export type PendingSignature = Message<wire.PendingSignature.$Properties>;
export type CodeRecord = Message<wire.CodeRecord.$Properties>;
export type ObservationRecord = Message<wire.ObservationRecord.$Properties>;
export type RecoveryRecord = Message<wire.RecoveryRecord.$Properties>;
/** An entry of the borrower's record: a decision's bytes and what moved it. */
export type RecordEntry = wire.RecordEntry.$Properties;

/** The agent's memory, every part of it present. Never changed in place: each decision gives a new one. */
export interface Ledger {
	readonly time: TimeRecord;
	readonly handset: HandsetRecord;
	readonly pendingBinding: PendingBinding | undefined;
	readonly contract: ContractRecord | undefined;
	readonly contact: ContactRecord;
	readonly lock: LockRecord;
	readonly notices: NoticeRecord;
	readonly posture: PostureRecord;
	readonly log: DecisionLog;
	readonly signatures: readonly PendingSignature[];
	readonly lastRequestId: number;
	readonly codes: CodeRecord;
	readonly recovery: RecoveryRecord | undefined;
	readonly generation: number;
	readonly observations: ObservationRecord;
	/** What the event in hand has decided so far. Never stored: when the step ends it goes to the host, for the borrower's record. */
	readonly decided: readonly RecordEntry[];
}

/** A phone that was never bound. */
export function emptyLedger(): Ledger {
	return {
		time: { bootCount: 0, elapsedMs: 0, poweredOnMs: 0, signedUnixSeconds: 0, signedAtPoweredOnMs: 0 },
		handset: { imeis: [], serial: "", deviceOwner: false, agentVersion: "", emergencyCall: false, essentialPackages: [] },
		pendingBinding: undefined,
		contract: undefined,
		contact: emptyContact(),
		lock: emptyLock(),
		notices: emptyNotices(),
		posture: { revision: 0, wanted: 0, appliedRevision: 0, drift: 0, applied: 0 },
		log: { head: new Uint8Array(), length: 0, recent: [] },
		signatures: [],
		lastRequestId: 0,
		codes: emptyCodes(),
		recovery: undefined,
		generation: 0,
		observations: emptyObservations(),
		decided: [],
	};
}

/** Code entry of a phone that has no code key. */
export function emptyCodes(): CodeRecord {
	return { badCodes: 0, backingOffUntilPoweredOnMs: 0, counter: 0, nonce: 0, usedAhead: 0, lastCounter: 0, lastNonce: 0 };
}

/** A phone that has not looked at itself yet. */
export function emptyObservations(): ObservationRecord {
	const none = () => new Uint8Array();
	return { simDigest: none(), attestationDigest: none(), simDigestNow: none(), attestationDigestNow: none() };
}

/** Contact of a phone that has had none. */
export function emptyContact(): ContactRecord {
	return {
		counter: 0,
		open: [],
		nextAtPoweredOnMs: 0,
		failures: 0,
		chargedMs: 0,
		prepaidUntilElapsedMs: 0,
		lastReplyUnixSeconds: 0,
		paymentFeedStale: false,
		outcomes: [],
		outcomesRecorded: 0,
		endReported: false,
		required: false,
	};
}

/** Locks of a phone that has none. */
export function emptyLock(): LockRecord {
	return {
		standing: wire.Standing.STANDING_UNBOUND,
		standingSincePoweredOnMs: 0,
		causes: [],
		lockedSincePoweredOnMs: 0,
		wrongfulLockMinutes: 0,
		holds: [],
		disputedPaidUntilUnixSeconds: 0,
		passesTakenAtUnixSeconds: [],
		passUntilPoweredOnMs: 0,
	};
}

/** Notices of a phone that was shown none. */
export function emptyNotices(): NoticeRecord {
	return { shown: [], pending: [], seenIds: [], offlineWarnedAtRemainingSeconds: 0, offlineWarnedAtPoweredOnMs: 0 };
}
