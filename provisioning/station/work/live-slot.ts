import type { HandsetFacts } from "../../handset/facts.ts";
import type { Fault } from "../../handset/fault.ts";
import type { SlotView, SlotWord } from "../view.ts";
import type { SeenPhone } from "./match-phone.ts";

/** What the station knows of one slot now. Changed by the visit of the phone that is plugged in, and by nobody else. */
export interface LiveSlot {
	readonly slot: number;
	readonly usbPath: string;
	readonly controller: string;
	word: SlotWord;
	sinceMs: number;
	endedAtMs?: number | undefined;
	phone?: SeenPhone | undefined;
	model?: string | undefined;
	contractId?: string | undefined;
	batteryPercent?: number | undefined;
	linkSpeed?: string | undefined;
	step?: SlotView["step"] | undefined;
	fault?: Fault | undefined;
	/** When the phone that is in it was plugged in; 0 while there is none. */
	pluggedAtMs: number;
	/** Ends the visit of the phone that is plugged in. */
	visit?: AbortController | undefined;
	/** Ends the run that is under way, between two steps. */
	run?: AbortController | undefined;
	/** Lets a visit that waits look again. */
	wake: () => void;
	/** Somebody asked to try again after a run, or after a phone could not be read. */
	again: boolean;
}

export function emptySlot(slot: number, usbPath: string, controller: string, nowMs: number): LiveSlot {
	return { slot, usbPath, controller, word: "empty", sinceMs: nowMs, pluggedAtMs: 0, wake: () => {}, again: false };
}

/** Moves a slot to another state; what belonged to the earlier one goes. */
export function setWord(slot: LiveSlot, word: SlotWord, nowMs: number, fault?: Fault): void {
	slot.word = word;
	slot.sinceMs = nowMs;
	slot.endedAtMs = undefined;
	slot.fault = fault;
	if (word !== "running" && word !== "verify") slot.step = undefined;
}

/** Forgets the phone that was in a slot. */
export function clearSlot(slot: LiveSlot, nowMs: number): void {
	setWord(slot, "empty", nowMs);
	slot.phone = undefined;
	slot.model = undefined;
	slot.contractId = undefined;
	slot.batteryPercent = undefined;
	slot.linkSpeed = undefined;
	slot.pluggedAtMs = 0;
	slot.again = false;
}

/** Takes over what the phone told. */
export function setPhone(slot: LiveSlot, phone: SeenPhone, { model, marketName, battery }: HandsetFacts): void {
	slot.phone = phone;
	slot.model = marketName ?? model;
	slot.batteryPercent = battery.percent;
}
