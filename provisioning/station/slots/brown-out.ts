import type { Clock } from "../../procedure/step.ts";
import { sharedHub } from "./usb-path.ts";

/** Drops within this time of the first may have one cause. */
export const BROWN_OUT_MS = 2_000;
/** Two phones may be in a person's two hands; a third went by itself. */
export const BROWN_OUT_PHONES = 3;

/** A phone that left although nobody was told to take it out. */
export interface Drop {
	readonly slot: number;
	readonly usbPath: string;
	readonly controller: string;
}

/** Several phones of one controller left at once: not their cables, but what they share. */
export interface BrownOut {
	readonly controller: string;
	/** The hub that all of them hang on, such as `1-4`, or the bus (`usb1`); absent where nothing tells. */
	readonly hub?: string;
	/** In order of number. */
	readonly slots: readonly number[];
	/** One sentence for a person, with what to look at first. */
	readonly hint: string;
}

export interface BrownOutOptions {
	readonly clock: Pick<Clock, "pause">;
	/** Called once for each, when its time is over and it is known whom it took. */
	readonly onBrownOut: (what: BrownOut) => void;
	readonly withinMs?: number;
	readonly phones?: number;
}

/** Tells one cause from many. */
export interface BrownOutWatch {
	/**
	 * Notes a drop, and says after {@link BROWN_OUT_MS} at most whether it was one of many: every drop of one brown-out gets the same
	 * object. A slot that drops twice in that time counts once.
	 */
	dropped(drop: Drop): Promise<BrownOut | undefined>;
}

/** Watches for a hub that was unplugged or lost its power, so that sixteen single failures are told as one. */
export function watchBrownOuts({
	clock,
	onBrownOut,
	withinMs = BROWN_OUT_MS,
	phones = BROWN_OUT_PHONES,
}: BrownOutOptions): BrownOutWatch {
	/** By controller: who dropped since the first one, and what will come of it. */
	const open = new Map<string, { readonly drops: Map<number, Drop>; readonly verdict: Promise<BrownOut | undefined> }>();
	const judge = async (controller: string, drops: ReadonlyMap<number, Drop>): Promise<BrownOut | undefined> => {
		await clock.pause(withinMs);
		open.delete(controller);
		if (drops.size < phones) return undefined;
		const what = brownOut(controller, [...drops.values()]);
		onBrownOut(what);
		return what;
	};
	return {
		dropped(drop) {
			const group = open.get(drop.controller);
			if (group) {
				group.drops.set(drop.slot, drop);
				return group.verdict;
			}
			const drops = new Map([[drop.slot, drop]]);
			const verdict = judge(drop.controller, drops);
			open.set(drop.controller, { drops, verdict });
			return verdict;
		},
	};
}

function brownOut(controller: string, drops: readonly Drop[]): BrownOut {
	const hub = sharedHub(drops.map(({ usbPath }) => usbPath));
	const slots = drops.map(({ slot }) => slot).sort((a, b) => a - b);
	const place = hub === undefined ? "" : ` below ${hub}`;
	return {
		controller,
		...(hub === undefined ? {} : { hub }),
		slots,
		hint: `${slots.length} phones${place} left at once: look at the hub's power supply and at its cable to the computer.`,
	};
}
