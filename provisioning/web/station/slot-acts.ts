import type { SlotView, SlotWord } from "../../station/view.ts";

/** What a person may do to a slot from its panel. `unlock`, `lift-hold` need a supervisor. */
export type SlotAct = "start" | "retry" | "stop" | "identify" | "hold" | "lift-hold" | "reprint" | "unlock";
/** Those that may be done to several at once. */
export type BulkAct = Extract<SlotAct, "start" | "retry" | "stop">;

/** Above so many slots the count has to be typed. */
export const TYPED_COUNT_ABOVE = 5;

const ACTS: Readonly<Record<SlotWord, readonly SlotAct[]>> = {
	empty: [],
	detected: ["identify"],
	unauthorised: ["retry"],
	"preflight-fail": ["retry", "identify", "hold"],
	ready: ["start", "identify", "hold"],
	running: ["stop"],
	verify: ["stop"],
	pass: ["identify", "reprint"],
	queued: ["identify"],
	fail: ["retry", "identify", "hold"],
	error: ["retry", "identify", "hold"],
	hold: ["lift-hold", "identify"],
	"remove-me": ["identify", "reprint"],
};

/** Acts that make sense for a slot as it is now. The station has the last word. */
export function actsOf({ word, locked, contractId }: SlotView): readonly SlotAct[] {
	const needsContract: readonly SlotAct[] = ["hold", "lift-hold", "reprint"];
	const acts = ACTS[word].filter((act) => contractId !== undefined || !needsContract.includes(act));
	return locked ? ["unlock", ...acts.filter((act) => act === "stop" || act === "identify")] : acts;
}

/** Slots of a list for which the act makes sense. */
export function slotsFor(act: BulkAct, slots: readonly SlotView[]): readonly SlotView[] {
	return slots.filter((slot) => actsOf(slot).includes(act));
}

export function isUnderWay({ word }: SlotView): boolean {
	return word === "running" || word === "verify";
}
