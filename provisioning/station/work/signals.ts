import { imeiTail } from "../../../proto/imei.ts";
import type { Fault } from "../../handset/fault.ts";
import type { PinnedFault, Signal } from "../view.ts";
import type { LiveSlot } from "./live-slot.ts";

/** Failures that stay on the screen: as many as a person can see to. */
const MOST_PINNED = 64;

/** Sounds with their twins, and the failures that stay pinned. */
export interface Signals {
	readonly latest: Signal | undefined;
	readonly pinned: readonly PinnedFault[];
	give(kind: Signal["kind"], text: string, slot?: number): void;
	/** Pins a failure; one of the same slot takes its place. */
	pin(slot: LiveSlot, why: Fault, nowMs: number): void;
	unpin(slot: number): void;
}

export function createSignals(changed: () => void): Signals {
	let latest: Signal | undefined;
	let pinned: readonly PinnedFault[] = [];
	const unpin = (slot: number) => {
		pinned = pinned.filter((pin) => pin.slot !== slot);
	};
	return {
		get latest() {
			return latest;
		},
		get pinned() {
			return pinned;
		},
		give(kind, text, slot) {
			latest = { id: (latest?.id ?? 0) + 1, kind, text, ...(slot === undefined ? {} : { slot }) };
			changed();
		},
		pin({ slot, contractId, phone }, { raw: _, ...why }, nowMs) {
			unpin(slot);
			const imei = phone?.imeis[0];
			const pin: PinnedFault = {
				slot,
				fault: why,
				atMs: nowMs,
				...(contractId === undefined ? {} : { contractId }),
				...(imei === undefined ? {} : { imeiTail: imeiTail(imei) }),
			};
			pinned = [pin, ...pinned].slice(0, MOST_PINNED);
			changed();
		},
		unpin(slot) {
			unpin(slot);
			changed();
		},
	};
}
