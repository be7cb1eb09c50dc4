import type { Fault } from "../../handset/fault.ts";
import type { SeenDevice } from "../../transport/device-list.ts";

/** One phone in one slot, from when it was plugged in until it left. */
export interface Plugging {
	/** Number of the slot. */
	readonly slot: number;
	/** Bus and chain of ports, such as `1-4.2`; the adb serial of a phone that is not on USB. */
	readonly usbPath: string;
	/** Names this plugging: grows with each one at any slot, and is never given twice. The same phone plugged in again has another. */
	readonly generation: number;
	/** As the adb server sees it now, or saw it last. */
	readonly device: SeenDevice;
	/** When it was plugged in or found, by the station's clock. */
	readonly sinceMs: number;
	/** It was there already when the adb server began to answer: nobody need have touched it, and nobody knows that it is the same phone. */
	readonly found: boolean;
}

/**
 * What happened at the slots, in order. While the adb server is down nothing is known: no phone is said to be unplugged, and each
 * that is there afterwards is `plugged` anew, for its place may have been taken by another.
 */
export type SlotEvent =
	| ({ readonly type: "plugged" } & Plugging)
	/** `unauthorized` became `device`, `device` became `offline`, ... The phone is the same. */
	| ({ readonly type: "state-changed"; readonly before: SeenDevice; readonly atMs: number } & Plugging)
	| ({ readonly type: "unplugged"; readonly atMs: number } & Plugging)
	| {
			readonly type: "server-down";
			readonly fault: Fault;
			/** What was plugged in when it went: unknown from now on. */
			readonly lost: readonly Plugging[];
			readonly atMs: number;
	  }
	| { readonly type: "server-up"; readonly atMs: number };

/** One slot now. */
export interface SlotState {
	readonly slot: number;
	readonly usbPath: string;
	/** False for a port that is not on the hub map: its number is provisional. */
	readonly calibrated: boolean;
	readonly label?: string;
	/** What its phones share bandwidth and endpoints with. */
	readonly controller: string;
	/** Absent for an empty slot, and for every slot while the adb server is down. */
	readonly plugging?: Plugging;
}
