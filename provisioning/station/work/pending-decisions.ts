import type { LiveSlot } from "./live-slot.ts";

/** A unit that a slot has taken up. `begun`: its turn has come, and the journal is about to say so, or does already. */
export interface TakenUnit {
	readonly slot: LiveSlot;
	begun: boolean;
}

/**
 * What was decided and may not stand in the journal yet. Whoever decides looks at both, and writes here in the same turn of the event loop:
 * else two slots take up one unit, or a phone is begun that is being put on hold.
 */
export interface PendingDecisions {
	/** By contract, from the match until the run has ended, also while its phone waits for its turn. */
	readonly taken: Map<string, TakenUnit>;
	/** Reasons by contract: holds that are being written. */
	readonly held: Map<string, string>;
	/** The batch's end is being written. */
	closing: boolean;
}

export function noDecisions(): PendingDecisions {
	return { taken: new Map(), held: new Map(), closing: false };
}
