import { decode, encode } from "../../proto/codec.ts";
import type { Crypto } from "../../proto/crypto.ts";
import { wire } from "../../proto/wire.ts";
import type { Decision, DecisionLog, Ledger, RecordEntry } from "./ledger.ts";
import { spentMs } from "./offline-budget.ts";
import { trustedNow } from "./trusted-time.ts";

/** Decisions that stay readable on the phone; the head covers all of them. */
const KEPT = 12;

/** What is written down about a decision; the rest follows from the ledger. */
export interface DecisionMade {
	readonly kind: wire.DecisionKind;
	readonly orderEpoch?: number;
	readonly orderSequence?: number;
	readonly reason?: wire.ReasonCode;
	readonly detail?: string;
	readonly noticeKind?: wire.NoticeKind;
	readonly noticeChannel?: wire.NoticeChannel;
	/** What moved it, for the borrower's record; the chain covers the decision alone. */
	readonly evidence?: Evidence;
}

/** What a decision rests on, as somebody else signed it. */
export type Evidence = Pick<RecordEntry, "bound" | "orderEnvelope" | "replyEnvelope">;

/**
 * Writes a decision down: head(n) = SHA-256(head(n-1) || decision n), head(0) = 32 zero bytes (F12). The whole of it, with what
 * moved it, waits in `decided` for the host's record.
 */
export function record(crypto: Pick<Crypto, "sha256">, ledger: Ledger, made: DecisionMade): Ledger {
	const { log, time, lock } = ledger;
	const decision: Decision = {
		number: log.length + 1,
		atUnixSeconds: trustedNow(time),
		atPoweredOnSeconds: Math.floor(time.poweredOnMs / 1000),
		kind: made.kind,
		standing: lock.standing,
		causes: lock.causes.map((cause) => cause.cause),
		orderEpoch: made.orderEpoch ?? 0,
		orderSequence: made.orderSequence ?? 0,
		reason: made.reason ?? wire.ReasonCode.REASON_CODE_UNSPECIFIED,
		detail: made.detail ?? "",
		paidUntilUnixSeconds: ledger.contract?.paidUntilUnixSeconds ?? 0,
		offlineSpentSeconds: Math.floor(spentMs(ledger.contact, time.elapsedMs) / 1000),
		noticeKind: made.noticeKind ?? wire.NoticeKind.NOTICE_KIND_UNSPECIFIED,
		noticeChannel: made.noticeChannel ?? wire.NoticeChannel.NOTICE_CHANNEL_UNSPECIFIED,
	};
	const bytes = encode(wire.Decision, decision);
	return {
		...ledger,
		log: {
			head: chain(crypto, log.head, bytes),
			length: decision.number,
			recent: [...log.recent, bytes].slice(-KEPT),
		},
		decided: [...ledger.decided, { decision: bytes, ...made.evidence }],
	};
}

/** The decisions that stay readable, oldest first. Read where they are wanted: an event only adds to them. */
export function recentDecisions(log: DecisionLog): Decision[] {
	return log.recent.map((bytes) => decode(wire.Decision, bytes));
}

/** Head after one more decision. An empty head stands for the first, 32 zero bytes. */
export function nextHead(crypto: Pick<Crypto, "sha256">, head: Uint8Array, decision: Decision): Uint8Array {
	return chain(crypto, head, encode(wire.Decision, decision));
}

function chain(crypto: Pick<Crypto, "sha256">, head: Uint8Array, bytes: Uint8Array): Uint8Array {
	const chained = new Uint8Array(32 + bytes.length);
	chained.set(head);
	chained.set(bytes, 32);
	return crypto.sha256(chained);
}
