import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

import { usbPlace } from "./usb-path.ts";

/** Most slots that a station has. Commands and cards count to 1024; a computer has run out of sockets long before. */
export const MAX_SLOTS = 256;

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

const MappedSlotSchema = Type.Object({
	/** As on its sticker: 1, 2, 3 ... */
	slot: Type.Integer({ minimum: 1, maximum: MAX_SLOTS }),
	/** Bus and chain of ports, such as `1-4.2`. */
	usbPath: Text(128),
	/** What its phones share bandwidth and endpoints with: the PCI address where the machine told it, else `usb1` for bus 1. */
	controller: Text(64),
	/** What a person calls it, such as `left hub, port 3`. */
	label: Type.Optional(Text(64)),
});

/** One calibrated port of a hub. */
export type MappedSlot = Readonly<Static<typeof MappedSlotSchema>>;

const HubMapSchema = Type.Object({
	format: Type.Literal(1),
	slots: Type.Array(MappedSlotSchema, { maxItems: MAX_SLOTS }),
});

/** Which port of the hubs has which number. A plain value, ordered by number; no number and no path is in it twice. */
export interface HubMap {
	readonly format: 1;
	readonly slots: readonly MappedSlot[];
}

/** A station whose ports nobody calibrated. */
export const EMPTY_HUB_MAP: HubMap = { format: 1, slots: [] };

/** Checks what a file held. `undefined` if it is no hub map of this format, or names a slot or a path twice. */
export function readHubMap(value: unknown): HubMap | undefined {
	if (!Check(HubMapSchema, value)) return undefined;
	const { slots } = value;
	const isUnique = (of: (slot: MappedSlot) => unknown) => new Set(slots.map(of)).size === slots.length;
	if (!isUnique(({ slot }) => slot) || !isUnique(({ usbPath }) => usbPath)) return undefined;
	return { format: 1, slots: [...slots].sort((a, b) => a.slot - b.slot) };
}

/** The map with one slot more. @throws {RangeError} when the number or the path is taken: whoever asks has looked before. */
export function withSlot(map: HubMap, slot: MappedSlot): HubMap {
	const next = readHubMap({ format: 1, slots: [...map.slots, slot] });
	if (next === undefined) throw new RangeError(`slot ${slot.slot} at ${slot.usbPath} does not fit the map`);
	return next;
}

/** The map without one slot: for a port that is to be calibrated again. */
export function withoutSlot(map: HubMap, slot: number): HubMap {
	return { format: 1, slots: map.slots.filter((each) => each.slot !== slot) };
}

/**
 * What a port shares bandwidth and endpoints with. Without word from the machine that is its bus: the buses of a controller's two
 * speeds then count as two, which is right for phones, whose cables are all of one speed. Phones that are not on USB share `network`.
 */
export function controllerOf(usbPath: string, map: HubMap = EMPTY_HUB_MAP): string {
	const mapped = map.slots.find((slot) => slot.usbPath === usbPath);
	if (mapped) return mapped.controller;
	const place = usbPlace(usbPath);
	return place === undefined ? "network" : `usb${place.bus}`;
}
