import type { Message } from "../../proto/codec.ts";
import type { wire } from "../../proto/wire.ts";

export type Decision = Message<wire.Decision.$Properties>;

/**
 * What a finding means. broken: the record shows that a promise was not kept, or is not what it says it is. unknown: it rests
 * on decisions from before this file begins.
 */
export type Severity = "broken" | "unknown";

/** Something that is not as it should be. */
export interface Finding {
	readonly severity: Severity;
	/** The promise: F1 to F18. */
	readonly rule: string;
	/** In plain words. */
	readonly what: string;
}

/** One decision, and what the audit makes of it. */
export interface JudgedDecision {
	readonly decision: Decision;
	/** What was decided, in plain words. */
	readonly words: string;
	readonly findings: readonly Finding[];
}

/** Sums over the decisions in the file. Minutes are powered-on. */
export interface Totals {
	readonly decisions: number;
	readonly locks: number;
	readonly minutesLocked: number;
	/** As the phone counted them, those before the file begins included. */
	readonly wrongfulMinutesRecorded: number;
	/** As they follow from the orders and locks in the file, and what its first checkpoint says of earlier ones. */
	readonly wrongfulMinutesRecomputed: number;
	readonly passes: number;
	readonly disputes: number;
	readonly noticesOnScreen: number;
	readonly ordersAccepted: number;
	readonly ordersRefused: number;
}

/** Whose record it is, as signed. */
export interface RecordOwner {
	readonly deviceId: string;
	readonly contractId: string;
	readonly lenderName: string;
	readonly accountShown: string;
	/** Jurisdiction profile by which it was judged at its end. */
	readonly jurisdiction: string;
	/** Id of the device key, to compare with the lender's receipt. */
	readonly deviceKeyId: string;
	/** Version of the key set that was trusted at the end. */
	readonly keySetVersion: number;
	/** SHA-256 of the first key set that the file holds, in hex: trusted on first use. Empty if the file begins at a checkpoint. */
	readonly firstKeySetSha256: string;
}

/** What came of an audit. */
export type AuditReport =
	/** The bytes are no record: nothing in them can be judged. */
	| { readonly verdict: "unreadable"; readonly problem: string }
	/** A record of another phone than the one that was asked about. */
	| { readonly verdict: "other phone"; readonly problem: string }
	| {
			/** ok: every promise that the file can show was kept. partly: as far as the file goes. broken: at least one was not. */
			readonly verdict: "ok" | "partly" | "broken";
			readonly owner: RecordOwner;
			/** Last decision before the file's first one; 0 = it begins at the beginning. */
			readonly beginsAfter: number;
			readonly endsAtUnixSeconds: number;
			readonly decisions: readonly JudgedDecision[];
			/** About the file as a whole. */
			readonly findings: readonly Finding[];
			readonly totals: Totals;
	  };

export function broken(rule: string, what: string): Finding {
	return { severity: "broken", rule, what };
}
