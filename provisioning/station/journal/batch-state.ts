import type { FaultCode } from "../../handset/fault-codes.ts";
import type { JournalEntry, ShiftCheck, Verdict } from "./entry.ts";

/** Where a unit of the batch stands. `waiting`: nothing was done yet. `running`: a run is under way, or was when the journal ended. */
export type UnitStanding = "waiting" | "running" | "hold" | Verdict;

/** One attempt on one phone. */
export interface RunState {
	readonly run: string;
	readonly contractId: string;
	readonly slot: number;
	readonly usbPath: string;
	readonly operator: string;
	readonly startedAtMs: number;
	readonly serial?: string;
	readonly imeis?: readonly string[];
	readonly model?: string;
	/** Steps that ended, in order. */
	readonly steps: readonly Extract<JournalEntry, { type: "step-ended" }>[];
	/** A side effect that was announced and whose end is not known: the step's name. */
	readonly openAct?: string;
	/** `hash`: of the line that says so; stands on the phone's label. */
	readonly end?: Extract<JournalEntry, { type: "run-ended" }> & { readonly atMs: number; readonly hash: string };
}

/** Everything that the journal tells of one unit. Only units that something happened to are listed. */
export interface UnitState {
	readonly contractId: string;
	readonly standing: UnitStanding;
	readonly scannedImei?: string;
	readonly runs: readonly RunState[];
	readonly hold?: { readonly reason: string; readonly operator: string; readonly atMs: number };
	/** A receipt that the registry has yet to get. */
	readonly queuedReceipt?: Extract<JournalEntry, { type: "receipt-queued" }>;
	/** The registry got the receipt of a run that ended `queued`. Where phones are not sealed, nothing is left to do: it is a pass. */
	readonly receiptDelivered?: true;
	/** The label that is valid now, and those that are void. */
	readonly label?: string;
	readonly voidLabels: readonly string[];
}

/** A batch as its journal tells it: a fold over the lines, nothing else. */
export interface BatchState {
	readonly opened: Extract<JournalEntry, { type: "batch-opened" }> & { readonly atMs: number };
	/** By contract number. */
	readonly units: ReadonlyMap<string, UnitState>;
	readonly shift?: { readonly operator: string; readonly startedAtMs: number; readonly checks: readonly ShiftCheck[] };
	readonly misScans: readonly {
		readonly why: string;
		readonly operator: string;
		readonly atMs: number;
		readonly slot?: number;
	}[];
	readonly overrides: readonly (Extract<JournalEntry, { type: "override" }> & { readonly atMs: number })[];
	/** Mismatches in a row, by slot; three lock it. */
	readonly mismatches: ReadonlyMap<number, number>;
	readonly lockedSlots: ReadonlySet<number>;
	/** Webhooks that are neither delivered nor given up. */
	readonly openWebhooks: ReadonlyMap<string, Extract<JournalEntry, { type: "webhook-queued" }>>;
	readonly closed?: { readonly atMs: number; readonly operator: string };
	/** Number, hash and time of the last line. */
	readonly head: { readonly n: number; readonly hash: string; readonly atMs: number };
}

/** How often a code ended a run. */
export interface FaultCount {
	readonly code: FaultCode;
	readonly count: number;
}

/** What a shift lead asks of a batch. */
export interface BatchFigures {
	readonly expected: number;
	readonly pass: number;
	readonly queued: number;
	readonly failed: number;
	readonly held: number;
	readonly running: number;
	/** Nothing was done about them yet. */
	readonly missing: number;
	/** Of the units that ended at all, the part (0 to 1) that passed in their first run. */
	readonly firstPassYield: number | null;
	/** Passes per hour over the last hour of work, or over all of it while that is less. */
	readonly unitsPerHour: number | null;
	/** Most frequent first, at most five. */
	readonly topFaults: readonly FaultCount[];
	readonly slots: readonly {
		readonly slot: number;
		readonly runs: number;
		readonly passes: number;
		/** passes / runs. */
		readonly yield: number;
	}[];
	readonly misScans: number;
	/** Median time of a run that passed, milliseconds. */
	readonly medianRunMs: number | null;
}
