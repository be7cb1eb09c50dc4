import type { SeenDevice, Snapshot } from "../../transport/device-list.ts";
import { controllerOf, type HubMap, MAX_SLOTS } from "./hub-map.ts";
import type { Plugging, SlotEvent, SlotState } from "./slot-event.ts";

/** Highest number that a slot can have. */
const MAX_NUMBER = 1024;

interface Place extends Omit<SlotState, "plugging"> {
	plugging: Plugging | undefined;
	/** Counts up: which of the empty ones was left longest ago. */
	lastUsed: number;
}

/**
 * Knows what is plugged in where, from the adb server's lists. A place is a USB path, or the adb serial of a phone without one; a
 * phone in a place is known by its transport id, for serials repeat. Bounded: a server that lists thousands of devices is heard as
 * far as there are slots, those on the map first.
 */
export class SlotBook {
	/** By `usb:` and the path, or `serial:` and the serial: no phone can name itself into a port. */
	readonly #places = new Map<string, Place>();
	readonly #map: HubMap;
	#server: "up" | "down" | "unknown" = "unknown";
	#generation = 0;
	#uses = 0;
	#ignored = 0;

	constructor(map: HubMap) {
		this.#map = map;
		for (const { slot, usbPath, controller, label } of map.slots) {
			const named = label === undefined ? {} : { label };
			this.#places.set(`usb:${usbPath}`, {
				...{ slot, usbPath, controller, ...named },
				...{ calibrated: true, plugging: undefined, lastUsed: 0 },
			});
		}
	}

	get server(): "up" | "down" | "unknown" {
		return this.#server;
	}

	/** Devices of the last list for which there was no slot. */
	get ignored(): number {
		return this.#ignored;
	}

	/** Every slot on the map, and each other one that was used lately; by number. */
	slots(): SlotState[] {
		return [...this.#places.values()]
			.sort((a, b) => a.slot - b.slot)
			.map(({ lastUsed: _lastUsed, plugging, ...place }) => ({ ...place, ...(plugging === undefined ? {} : { plugging }) }));
	}

	/** Takes in a list, and gives what is new: who left, whose state changed, who came; each by slot number. */
	apply(snapshot: Snapshot, nowMs: number): SlotEvent[] {
		if (snapshot.server === "down") {
			if (this.#server === "down") return [];
			this.#server = "down";
			const lost = this.slots().flatMap(({ plugging }) => plugging ?? []);
			for (const place of this.#places.values()) this.#empty(place);
			return [{ type: "server-down", fault: snapshot.fault, lost, atMs: nowMs }];
		}
		const found = this.#server !== "up";
		this.#server = "up";
		const seen = this.#placed(snapshot.devices);
		const events: SlotEvent[] = [];
		for (const [key, place] of this.#sorted()) {
			const { plugging } = place;
			const device = seen.get(key);
			if (plugging === undefined || (device !== undefined && isSame(plugging.device, device))) continue;
			this.#empty(place);
			events.push({ ...plugging, type: "unplugged", atMs: nowMs });
		}
		for (const [key, place] of this.#sorted()) {
			const device = seen.get(key);
			if (place.plugging === undefined || device === undefined) continue;
			const { device: before } = place.plugging;
			place.plugging = { ...place.plugging, device };
			if (before.state === device.state && before.serial === device.serial) continue;
			events.push({ ...place.plugging, type: "state-changed", before, atMs: nowMs });
		}
		this.#ignored = 0;
		const plugged: SlotEvent[] = [];
		for (const [key, device] of seen) {
			// Once there was no room there is none: ten thousand devices must not be ten thousand searches.
			const place = this.#ignored > 0 ? this.#places.get(key) : this.#place(key, device);
			if (place === undefined) this.#ignored += 1;
			if (place === undefined || place.plugging !== undefined) continue;
			this.#generation += 1;
			const { slot, usbPath } = place;
			place.plugging = { slot, usbPath, generation: this.#generation, device, sinceMs: nowMs, found };
			plugged.push({ type: "plugged", ...place.plugging });
		}
		const bySlot = (event: SlotEvent) => ("slot" in event ? event.slot : 0);
		plugged.sort((a, b) => bySlot(a) - bySlot(b));
		return [...(found ? [{ type: "server-up", atMs: nowMs } as const] : []), ...events, ...plugged];
	}

	/** Where each device of a list is. Phones on the map come first, then those that are known: they keep their slots, come what may. */
	#placed(devices: readonly SeenDevice[]): Map<string, SeenDevice> {
		const placed = new Map<string, SeenDevice>();
		const known = new Map<string, string>();
		for (const [key, { plugging }] of this.#places) {
			if (plugging && plugging.device.usbPath === undefined) known.set(nameOf(plugging.device), key);
		}
		const later: SeenDevice[] = [];
		for (const device of devices) {
			if (device.usbPath === undefined) {
				const key = known.get(nameOf(device));
				if (key === undefined) later.push(device);
				else placed.set(key, device);
				continue;
			}
			const key = `usb:${device.usbPath}`;
			const other = placed.get(key);
			// A port can be listed twice while a phone comes back: the link that just died, and the new one.
			if (other === undefined || isNewer(device, other)) placed.set(key, device);
		}
		for (const device of later) {
			// Phones without a USB path whose serials are the same, as an adb server on Windows lists blank boards.
			let key = `serial:${device.serial}`;
			for (let copy = 2; placed.has(key) && copy <= MAX_SLOTS; copy += 1) key = `serial:${device.serial}#${copy}`;
			if (!placed.has(key)) placed.set(key, device);
		}
		const rank = (key: string) => (this.#places.get(key)?.calibrated ? 0 : this.#places.get(key)?.plugging ? 1 : 2);
		return new Map([...placed].sort(([a], [b]) => rank(a) - rank(b)));
	}

	#sorted(): [string, Place][] {
		return [...this.#places].sort(([, a], [, b]) => a.slot - b.slot);
	}

	/** The place of a key, made if need be: it takes the room of the one that was left longest ago. */
	#place(key: string, device: SeenDevice): Place | undefined {
		const there = this.#places.get(key);
		if (there) return there;
		if (this.#places.size >= MAX_SLOTS) {
			const idle = [...this.#places].filter(([, each]) => !each.calibrated && each.plugging === undefined);
			const [oldest] = idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed)[0] ?? [];
			if (oldest === undefined) return undefined;
			this.#places.delete(oldest);
		}
		const usbPath = key.slice(key.indexOf(":") + 1);
		const controller = device.usbPath === undefined ? "network" : controllerOf(device.usbPath, this.#map);
		const place = { slot: this.#freeNumber(), usbPath, controller, calibrated: false, plugging: undefined, lastUsed: this.#uses };
		this.#places.set(key, place);
		return place;
	}

	/** Highest and one more, so that a number on a sticker is not used for two ports in one shift; the lowest free one after 1024. */
	#freeNumber(): number {
		const taken = new Set([...this.#places.values()].map(({ slot }) => slot));
		const next = Math.max(0, ...taken) + 1;
		if (next <= MAX_NUMBER) return next;
		let lowest = 1;
		while (taken.has(lowest)) lowest += 1;
		return lowest;
	}

	#empty(place: Place): void {
		if (place.plugging === undefined) return;
		place.plugging = undefined;
		this.#uses += 1;
		place.lastUsed = this.#uses;
	}
}

function nameOf({ transportId, serial }: SeenDevice): string {
	return transportId ?? `serial:${serial}`;
}

/** Whether two sights in one place are one plugging. A serial that could not be read (`????????????`) may become known. */
function isSame(before: SeenDevice, after: SeenDevice): boolean {
	if (before.transportId !== after.transportId) return false;
	return before.serial === after.serial || /^\?+$/.test(before.serial);
}

function isNewer(device: SeenDevice, other: SeenDevice): boolean {
	const [one, two] = [device, other].map(({ transportId }) => Number(transportId ?? -1));
	return (one ?? -1) >= (two ?? -1);
}
