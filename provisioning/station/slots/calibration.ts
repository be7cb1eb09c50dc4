import { controllerOf, type HubMap, MAX_SLOTS, withSlot } from "./hub-map.ts";
import type { SlotEvent } from "./slot-event.ts";
import { usbPlace } from "./usb-path.ts";

/** What a person is asked to do next, or told. */
export type CalibrationPrompt = { readonly text: string } & (
	| { readonly kind: "plug"; readonly slot: number }
	/** The port is found; it is written down when the phone leaves it alone. */
	| { readonly kind: "unplug"; readonly slot: number; readonly usbPath: string }
	| { readonly kind: "taken"; readonly slot: number; readonly usbPath: string; readonly isSlot: number }
	| { readonly kind: "several"; readonly usbPaths: readonly string[] }
	/** On the network, or on a computer whose adb server does not tell ports (Windows). */
	| { readonly kind: "not-usb"; readonly name: string }
	| { readonly kind: "server-down" }
	| { readonly kind: "done"; readonly slots: number }
);

/**
 * The procedure "plug one phone into port 1, then into port 2, ...", one event after the other. A port gets its number when exactly one
 * phone was plugged in, nothing else was, and it left again. Everything that is in doubt asks for empty hubs and begins the number anew.
 */
export class Calibration {
	#map: HubMap;
	readonly #count: number;
	/** By USB path: what is plugged in now. */
	readonly #plugged = new Map<string, boolean>();
	/** The port that will be the next number, once its phone leaves. */
	#candidate: string | undefined;
	/** Something was in doubt: the hubs must be empty before the next number. */
	#spoilt = false;
	#serverUp = false;

	/**
	 * @param map what was calibrated before: these numbers are not asked for again.
	 * @param count how many ports there are.
	 * @throws {RangeError} for a count that no station has.
	 */
	constructor(map: HubMap, count: number) {
		if (!Number.isInteger(count) || count < 1 || count > MAX_SLOTS)
			throw new RangeError(`${count} ports: a station has 1 to ${MAX_SLOTS}`);
		this.#map = map;
		this.#count = count;
	}

	get map(): HubMap {
		return this.#map;
	}

	/** The lowest number that has no port yet; `undefined` when all have one. */
	get next(): number | undefined {
		const taken = new Set(this.#map.slots.map(({ slot }) => slot));
		return Array.from({ length: this.#count }, (_, index) => index + 1).find((slot) => !taken.has(slot));
	}

	/** Whether the last event gave a port its number: the map is to be saved before the person is asked for the next one. */
	hear(event: SlotEvent, facts: { readonly controller?: string } = {}): boolean {
		switch (event.type) {
			case "server-up":
				this.#serverUp = true;
				return false;
			case "server-down":
				this.#serverUp = false;
				this.#plugged.clear();
				this.#candidate = undefined;
				this.#spoilt = false;
				return false;
			case "state-changed":
				return false;
			case "plugged":
				return this.#plug(event.usbPath, event.device.usbPath !== undefined, event.found);
			case "unplugged":
				return this.#unplug(event.usbPath, facts.controller);
		}
	}

	#plug(usbPath: string, isUsb: boolean, found: boolean): boolean {
		this.#plugged.set(usbPath, isUsb);
		this.#candidate = undefined;
		const isFree = isUsb && usbPlace(usbPath) !== undefined && !this.#map.slots.some((slot) => slot.usbPath === usbPath);
		if (this.#plugged.size > 1 || found || !isFree) this.#spoilt = true;
		if (!this.#spoilt && this.next !== undefined) this.#candidate = usbPath;
		return false;
	}

	#unplug(usbPath: string, controller: string | undefined): boolean {
		this.#plugged.delete(usbPath);
		const slot = this.next;
		const isIt = this.#candidate === usbPath && slot !== undefined;
		this.#candidate = undefined;
		if (this.#plugged.size === 0) this.#spoilt = false;
		if (!isIt) return false;
		this.#map = withSlot(this.#map, { slot, usbPath, controller: controller ?? controllerOf(usbPath, this.#map) });
		return true;
	}

	/** What to say now. */
	get prompt(): CalibrationPrompt {
		const slot = this.next;
		if (slot === undefined) {
			const slots = this.#map.slots.length;
			return { kind: "done", slots, text: `All ${slots} ports have their numbers.` };
		}
		if (!this.#serverUp)
			return { kind: "server-down", text: "The adb server does not answer. Start it; this goes on by itself." };
		const paths = [...this.#plugged.keys()];
		const [usbPath] = paths;
		if (usbPath === undefined) return { kind: "plug", slot, text: `Plug one phone into port ${slot}.` };
		if (paths.length > 1)
			return { kind: "several", usbPaths: paths, text: `${paths.length} phones are plugged in. Unplug all of them.` };
		const taken = this.#map.slots.find((each) => each.usbPath === usbPath);
		if (taken) {
			const text = `This port is number ${taken.slot} already. Unplug the phone, and plug it into port ${slot}.`;
			return { kind: "taken", slot, usbPath, isSlot: taken.slot, text };
		}
		if (this.#plugged.get(usbPath) !== true || usbPlace(usbPath) === undefined)
			return { kind: "not-usb", name: usbPath, text: `Nothing tells which port the phone ${usbPath} is on. Unplug it.` };
		if (this.#candidate !== usbPath)
			return { kind: "several", usbPaths: paths, text: "Unplug the phone, and begin with none plugged in." };
		return { kind: "unplug", slot, usbPath, text: `Port ${slot} is found (${usbPath}). Unplug the phone.` };
	}
}
