import type { Clock } from "../../procedure/step.ts";
import type { Snapshot } from "../../transport/device-list.ts";
import { EMPTY_HUB_MAP, type HubMap } from "./hub-map.ts";
import { SlotBook } from "./slot-book.ts";
import type { SlotEvent, SlotState } from "./slot-event.ts";

/** How long a tracker that was told to end may take. */
const END_MS = 1_000;

export interface SlotWatchOptions {
	/** The adb server's lists until the signal ends them: `(signal) => trackDevices(signal, { port })`. */
	readonly track: (signal: AbortSignal) => AsyncIterable<Snapshot>;
	/** Fixed for the life of the watch: no number may change under a run. After a calibration open another watch. */
	readonly hubMap?: HubMap;
	readonly clock: Pick<Clock, "nowMs">;
	/** Hears every event from the first on. */
	readonly onEvent?: (event: SlotEvent) => void;
}

/** Who is plugged in where, followed as it changes. */
export interface SlotWatch {
	/** `down` also before the first answer: nothing is known then. */
	readonly server: "up" | "down";
	/** Devices for which there is no slot. More than 256 are none of a station. */
	readonly ignored: number;
	/** Every slot on the map, and each other one that was used lately; by number. */
	slots(): readonly SlotState[];
	/** Hears what happens from now on, in order, each event once. Returns how to stop it. */
	onEvent(listener: (event: SlotEvent) => void): () => void;
	/** Resolves with the first word about the adb server, up or down, or with the end. */
	readonly ready: Promise<void>;
	/** Resolves when the watch has ended; rejects if a listener threw, which is a bug. */
	readonly done: Promise<void>;
	/** Ends it. Nobody hears anything after this call. */
	close(): Promise<void>;
}

/** Follows the slots. A listener that throws ends the watch: a station that missed an event must not go on. */
export function watchSlots({ track, hubMap = EMPTY_HUB_MAP, clock, onEvent }: SlotWatchOptions): SlotWatch {
	const book = new SlotBook(hubMap);
	const listeners = new Set<(event: SlotEvent) => void>(onEvent ? [onEvent] : []);
	const ending = new AbortController();
	let setReady: () => void = () => {};
	const ready = new Promise<void>((resolve) => {
		setReady = resolve;
	});
	const follow = async () => {
		try {
			for await (const snapshot of track(ending.signal)) {
				if (ending.signal.aborted) return;
				for (const event of book.apply(snapshot, clock.nowMs())) {
					for (const listener of [...listeners]) if (!ending.signal.aborted) listener(event);
				}
				setReady();
			}
		} finally {
			setReady();
			listeners.clear();
		}
	};
	const done = follow();
	return {
		get server() {
			return book.server === "up" ? "up" : "down";
		},
		get ignored() {
			return book.ignored;
		},
		slots: () => book.slots(),
		onEvent(listener) {
			// Wrapped, so that one function given twice is two listeners.
			const own = (event: SlotEvent) => listener(event);
			listeners.add(own);
			return () => void listeners.delete(own);
		},
		ready,
		done,
		async close() {
			ending.abort();
			let timer: NodeJS.Timeout | undefined;
			const late = new Promise<void>((resolve) => {
				timer = setTimeout(resolve, END_MS);
			});
			await Promise.race([done, late]).finally(() => clearTimeout(timer));
		},
	};
}
