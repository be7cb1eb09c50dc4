import { type Fault, FaultError, fault } from "../../handset/fault.ts";
import type { HandsetPort } from "../../handset/port.ts";
import { faultOfState, type SeenDevice } from "../../transport/device-list.ts";
import { clearSlot, emptySlot, type LiveSlot, setWord } from "./live-slot.ts";
import { refusedWord } from "./verdict.ts";
import { type Desk, visit } from "./visit.ts";

/** Where a slot is. */
export interface SlotPlace {
	readonly slot: number;
	readonly usbPath: string;
	readonly controller: string;
	/** Such as `480 Mbit/s`, where the machine tells. */
	readonly linkSpeed?: string;
}

export interface SlotVisitsOptions {
	readonly desk: Desk;
	/** By number; filled here. */
	readonly slots: Map<number, LiveSlot>;
	/** Opens a handset for one visit. @throws {FaultError} */
	openPort(device: SeenDevice): Promise<HandsetPort>;
	/** A mistake of ours in a visit: told to whoever runs the station, and shown on the slot. */
	onBug(error: unknown): void;
}

/** The slots and who is in them: every plugged-in phone gets one visit at a time, and a connection of its own that is closed after it. */
export interface SlotVisits {
	readonly slots: ReadonlyMap<number, LiveSlot>;
	/** A slot that is known before anything was plugged in, so that its card is there. */
	expect(place: SlotPlace): void;
	/** A phone came, or its state changed. */
	seen(place: SlotPlace, device: SeenDevice, isNew: boolean): void;
	left(place: SlotPlace): void;
	/** Lets every visit end, at the next safe point of its run. */
	close(): Promise<void>;
}

/** Words of a card that stay when the phone has left: a person has yet to look at them. */
const STAYS: ReadonlySet<LiveSlot["word"]> = new Set(["remove-me", "error", "queued"]);

/** A phone that could not even be read was left as it was: once it is gone, there is nothing to look at. */
const wasBegun = ({ word, endedAtMs }: LiveSlot) => word !== "error" || endedAtMs !== undefined;

export function openSlotVisits({ desk, slots, openPort, onBug }: SlotVisitsOptions): SlotVisits {
	/** Resolves when the last visit of a slot is over. */
	const visits = new Map<number, Promise<void>>();
	const { clock } = desk;

	const slotAt = ({ slot, usbPath, controller }: SlotPlace): LiveSlot => {
		const known = slots.get(slot);
		if (known?.usbPath === usbPath) return known;
		const live = emptySlot(slot, usbPath, controller, clock.nowMs());
		slots.set(slot, live);
		return live;
	};

	const stay = async (slot: LiveSlot, device: SeenDevice, signal: AbortSignal): Promise<void> => {
		while (!signal.aborted) {
			let port: HandsetPort;
			try {
				port = await openPort(device);
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
				tell(slot, error.fault);
				await askedAgain(slot, signal);
				continue;
			}
			try {
				await visit(desk, slot, port, signal);
			} finally {
				await port.close();
			}
			return;
		}
	};

	const tell = (slot: LiveSlot, why: Fault) => {
		const isUnauthorised = why.code === "ADB_UNAUTHORIZED" || why.code === "ADB_AUTH_TIMEOUT";
		setWord(slot, isUnauthorised ? "unauthorised" : refusedWord(why), clock.nowMs(), why);
		desk.changed();
	};

	const begin = (slot: LiveSlot, device: SeenDevice) => {
		slot.visit?.abort();
		const ending = new AbortController();
		slot.visit = ending;
		const before = visits.get(slot.slot) ?? Promise.resolve();
		const now = before
			.then(() => stay(slot, device, ending.signal))
			.catch((error: unknown) => {
				onBug(error);
				setWord(slot, "error", clock.nowMs(), fault("UNCLASSIFIED", { raw: String(error) }));
				slot.endedAtMs = clock.nowMs();
			})
			.finally(() => {
				if (slot.visit === ending) slot.visit = undefined;
				desk.changed();
			});
		visits.set(slot.slot, now);
	};

	return {
		slots,
		expect(place) {
			slotAt(place);
		},
		seen(place, device, isNew) {
			const slot = slotAt(place);
			if (isNew) {
				clearSlot(slot, clock.nowMs());
				slot.pluggedAtMs = clock.nowMs();
				slot.linkSpeed = place.linkSpeed;
			}
			const code = faultOfState(device.state);
			if (code === undefined) return begin(slot, device);
			// A run that is under way hears of it from its own link.
			if (slot.run === undefined) tell(slot, fault(code, { details: { state: device.state } }));
		},
		left(place) {
			const slot = slotAt(place);
			slot.visit?.abort();
			if (desk.stop?.slot === slot.slot) desk.stop = undefined;
			const over = visits.get(slot.slot) ?? Promise.resolve();
			const leftAtMs = slot.pluggedAtMs;
			void over.then(() => {
				if (slot.pluggedAtMs !== leftAtMs) return; // another phone has come meanwhile
				slot.pluggedAtMs = 0;
				// A sealed phone leaves the cable and stands in its slot: only a person can take it out.
				if (slot.word === "pass") setWord(slot, "remove-me", clock.nowMs());
				else if (!STAYS.has(slot.word) || !wasBegun(slot)) clearSlot(slot, clock.nowMs());
				desk.changed();
			});
		},
		async close() {
			for (const slot of slots.values()) {
				slot.run?.abort();
				slot.visit?.abort();
				slot.wake();
			}
			await Promise.all(visits.values());
		},
	};
}

async function askedAgain(slot: LiveSlot, signal: AbortSignal): Promise<void> {
	slot.again = false;
	while (!signal.aborted && !slot.again) {
		await new Promise<void>((resolve) => {
			slot.wake = resolve;
			signal.addEventListener("abort", () => resolve(), { once: true });
		});
	}
}
