import type { FaultCode } from "../../handset/fault-codes.ts";
import type { StepEnd } from "../../procedure/step.ts";

/**
 * How a run ended. `pass`: read back from the phone and confirmed by the registry. `queued`: bound with a voucher and proven, the
 * registry has yet to hear of it, and the phone is not sealed. `fail`: the phone's or its paperwork's fault. `error`: the station's,
 * the cable's or the registry's. `cancelled`: a person stopped it.
 */
export type Verdict = "pass" | "queued" | "fail" | "error" | "cancelled";

/** Why a scan was not taken. */
export type MisScan = "not-a-code" | "not-in-batch" | "other-phone" | "already-done" | "on-hold";

/** One check before a shift, such as the printer. */
export interface ShiftCheck {
	readonly name: "printer" | "clock" | "registry" | "disk" | "adb-server" | "apk";
	readonly ok: boolean;
	/** One sentence: what was seen, and what to do if it is not ok. */
	readonly detail: string;
}

/**
 * What a batch's journal holds, one line each. What happened is told by these alone: whoever reads them from the first to the last
 * knows where every phone is. A run is named by `contractId#n`, n = 1, 2, 3 ... for each contract.
 */
export type JournalEntry =
	| {
			readonly type: "batch-opened";
			readonly batchId: string;
			/** SHA-256 of the manifest file, hex. */
			readonly manifestSha256: string;
			readonly units: number;
			/** `{SITE}-{LINE}-{FUNC}-{NN}`, such as `BLR-A-ENR-01`. */
			readonly station: string;
			readonly tool: string;
			readonly apkSha256: string;
			/** Whether each phone's box is scanned, or a phone that the manifest names is taken as soon as it is plugged in. */
			readonly match: "scan" | "manifest";
			readonly seal: boolean;
	  }
	| {
			readonly type: "station-started";
			readonly station: string;
			readonly tool: string;
			/** Bytes of a line that was cut off by a crash, kept in a file beside the journal. */
			readonly tornBytes?: number;
	  }
	| { readonly type: "shift-started"; readonly operator: string; readonly checks: readonly ShiftCheck[] }
	| { readonly type: "shift-ended"; readonly operator: string; readonly why: "signed out" | "timed out" | "batch closed" }
	| { readonly type: "scanned"; readonly operator: string; readonly contractId: string; readonly imei: string }
	| {
			readonly type: "mis-scan";
			readonly operator: string;
			readonly why: MisScan;
			/** Last four characters of what was scanned. */
			readonly tail: string;
			readonly slot?: number;
	  }
	| {
			readonly type: "run-started";
			readonly run: string;
			readonly contractId: string;
			readonly slot: number;
			readonly usbPath: string;
			readonly adbSerial: string;
			readonly operator: string;
	  }
	/** The phone told who it is. Stands before anything is changed on it. */
	| {
			readonly type: "identified";
			readonly run: string;
			readonly serial: string;
			readonly imeis: readonly string[];
			readonly model: string;
	  }
	/** Stands before each side effect on a phone. */
	| { readonly type: "act"; readonly run: string; readonly step: string }
	| {
			readonly type: "step-ended";
			readonly run: string;
			readonly step: string;
			readonly end: StepEnd;
			readonly milliseconds: number;
			readonly fault?: FaultCode;
	  }
	/** A receipt that the registry has yet to get. Base64. */
	| {
			readonly type: "receipt-queued";
			readonly run: string;
			readonly contractId: string;
			readonly enrollmentId: string;
			readonly receiptEnvelope: string;
			readonly evidence: string;
	  }
	| { readonly type: "receipt-delivered"; readonly contractId: string; readonly enrollmentId: string }
	| {
			readonly type: "run-ended";
			readonly run: string;
			readonly contractId: string;
			readonly verdict: Verdict;
			readonly milliseconds: number;
			readonly fault?: FaultCode;
			readonly details?: Readonly<Record<string, string>>;
			/** The registry's ids, once they are known. */
			readonly enrollmentId?: string;
			readonly deviceId?: string;
			/**
			 * A second end of a run that was lost at its last step: the phone had sealed itself, and the registry heard of it later.
			 */
			readonly foundSealed?: true;
			/** It was under way when the station's program or its power ended; found so when it started again. */
			readonly interrupted?: true;
	  }
	| { readonly type: "held"; readonly contractId: string; readonly operator: string; readonly reason: string }
	| { readonly type: "hold-lifted"; readonly contractId: string; readonly supervisor: string; readonly reason: string }
	| {
			readonly type: "override";
			readonly supervisor: string;
			readonly operator: string;
			readonly what: "typed-imei" | "clear-mismatch" | "unlock-slot" | "skip-shift-check";
			readonly reason: string;
			readonly contractId?: string;
			readonly slot?: number;
	  }
	| { readonly type: "slot-locked"; readonly slot: number; readonly why: "three mismatches in a row" }
	| {
			readonly type: "label-printed";
			readonly contractId: string;
			/** Number of the label: batch, unit and how many-th print, such as `B7-000012-2`. */
			readonly label: string;
			readonly operator: string;
			/** The label that this one replaces, void from now on, and why. */
			readonly voids?: string;
			readonly reason?: string;
	  }
	| { readonly type: "report-made"; readonly format: "csv" | "json" | "pdf"; readonly sha256: string }
	| { readonly type: "webhook-queued"; readonly id: string; readonly event: string; readonly contractId?: string }
	| { readonly type: "webhook-ended"; readonly id: string; readonly delivered: boolean; readonly attempts: number }
	| { readonly type: "batch-closed"; readonly operator: string };

/** An entry as it stands in the file: numbered, dated, chained. */
export type JournalLine = JournalEntry & {
	/** 1, 2, 3 ... */
	readonly n: number;
	/** When, by the station's own clock: milliseconds since 1970-01-01T00:00:00Z. Never a reason to decide anything. */
	readonly at: number;
	/** Hash of the line before, hex; 64 zeros for the first. */
	readonly previous: string;
	/** SHA-256 of this line without this member, as canonical JSON (RFC 8785), hex. */
	readonly hash: string;
};
