import type { Fault } from "../handset/fault.ts";
import type { BatchFigures } from "./journal/batch-state.ts";
import type { ShiftCheck } from "./journal/entry.ts";

/** What a slot's card says, in one word. */
export type SlotWord =
	| "empty"
	| "detected"
	| "unauthorised"
	| "preflight-fail"
	| "ready"
	| "running"
	| "verify"
	| "pass"
	| "queued"
	| "fail"
	| "error"
	| "hold"
	| "remove-me";

/** One card of the grid. */
export interface SlotView {
	/** As on its sticker: 1, 2, 3 ... */
	readonly slot: number;
	/** Bus and chain of ports, such as `1-4.2`; the adb serial of a phone that is not on USB. */
	readonly usbPath: string;
	readonly word: SlotWord;
	/** Last four digits. */
	readonly imeiTail?: string;
	readonly contractId?: string;
	readonly model?: string;
	readonly step?: {
		readonly name: string;
		readonly title: string;
		/** 1 to `count`. */
		readonly number: number;
		readonly count: number;
		/** 0 to 1, where the step knows. */
		readonly fraction?: number;
		/** What the person has to do, or what is awaited. */
		readonly note?: string;
	};
	/** When the run or the state began, by the station's clock. */
	readonly sinceMs?: number;
	readonly endedAtMs?: number;
	readonly batteryPercent?: number;
	/** Such as `480 Mbit/s`; absent where the machine does not tell. */
	readonly linkSpeed?: string;
	readonly fault?: Fault;
	/** Three mismatches in a row: a supervisor's badge opens it again. */
	readonly locked?: true;
	readonly cable: {
		readonly plugs: number;
		/** Links that were lost while a run was under way. */
		readonly drops: number;
		/** Drops of 100 runs. 0 is a good cable. */
		readonly score: number;
	};
}

/** A sound, with its twin on the screen. `ok` one high, `operator` two low, `device` three low, `station` one long low. */
export interface Signal {
	/** Grows by one with each. */
	readonly id: number;
	readonly kind: "ok" | "operator" | "device" | "station";
	readonly slot?: number;
	/** One sentence. */
	readonly text: string;
}

/** A failure that stays on the screen until somebody saw to it. */
export interface PinnedFault {
	readonly slot: number;
	readonly contractId?: string;
	readonly imeiTail?: string;
	readonly fault: Fault;
	readonly atMs: number;
}

/** Everything that the station page, the terminal table and the metrics show. A plain value: it crosses to the browser as JSON. */
export interface StationView {
	/** Grows with each change. */
	readonly revision: number;
	readonly nowMs: number;
	readonly station: string;
	readonly tool: string;
	readonly adbServer: "up" | "down";
	readonly registry: {
		readonly state: "up" | "down";
		readonly sinceMs: number;
		/** Vouchers that are left for work without the registry, and when the first of them expires. */
		readonly vouchers: { readonly left: number; readonly of: number; readonly expiresAtMs?: number };
		/** Receipts that wait for the registry. */
		readonly queuedReceipts: number;
	};
	/** Messages to the ERP. `stopped`: it said that it is gone, so nothing is sent until somebody asks for it. */
	readonly webhooks: { readonly waiting: number; readonly failed: number; readonly stopped: boolean };
	readonly shift?: { readonly operator: string; readonly startedAtMs: number; readonly checks: readonly ShiftCheck[] };
	readonly batch: {
		readonly id: string;
		readonly match: "scan" | "manifest";
		readonly seal: boolean;
		readonly figures: BatchFigures;
		readonly head: { readonly n: number; readonly hash: string };
		readonly closed?: true;
	};
	/** The box that was scanned and whose phone is awaited. */
	readonly scan?: { readonly contractId: string; readonly imeiTail: string; readonly atMs: number };
	/** A stop that only a supervisor, or scanning the right box, clears. */
	readonly stop?: { readonly text: string; readonly slot?: number };
	/** The station itself cannot go on: disk full, journal damaged. */
	readonly down?: Fault;
	readonly slots: readonly SlotView[];
	readonly pinned: readonly PinnedFault[];
	/** The latest. */
	readonly signal?: Signal;
}
