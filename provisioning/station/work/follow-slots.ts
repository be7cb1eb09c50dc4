import { FaultError } from "../../handset/fault.ts";
import type { FaultCode } from "../../handset/fault-codes.ts";
import type { Clock } from "../../procedure/step.ts";
import type { SeenDevice, Snapshot } from "../../transport/device-list.ts";
import { watchBrownOuts } from "../slots/brown-out.ts";
import { type CableScore, cableFigures, cableScores } from "../slots/cable-score.ts";
import { controllerOf, type HubMap } from "../slots/hub-map.ts";
import type { Plugging, SlotEvent } from "../slots/slot-event.ts";
import { watchSlots } from "../slots/slot-watch.ts";
import type { ReadUsbFacts } from "../slots/usb-facts.ts";
import type { LiveSlot } from "./live-slot.ts";
import type { Signals } from "./signals.ts";
import type { SlotPlace, SlotVisits } from "./slot-visits.ts";
import type { Desk } from "./visit.ts";

/** Between two tries to bring the adb server back, in milliseconds. */
const REVIVE_MS = 2_000;

export interface FollowOptions {
	readonly desk: Desk;
	readonly visits: SlotVisits;
	readonly signals: Signals;
	readonly hubMap: HubMap;
	readonly clock: Clock;
	readonly usbFacts: ReadUsbFacts;
	/** The adb server's lists, until the signal ends them. */
	track(signal: AbortSignal): AsyncIterable<Snapshot>;
	/** Starts the adb server again. @throws {FaultError} */
	reviveAdbServer(): Promise<void>;
	onBug(error: unknown): void;
}

/** The slots, followed: who comes and goes, how good the cables are, whether the adb server is there. */
export interface FollowedSlots {
	readonly adbServer: "up" | "down";
	/** The phone in a slot as the adb server sees it. */
	deviceIn(slot: number): SeenDevice | undefined;
	cableOf(slot: number): CableScore;
	/**
	 * A run in a slot ended: its cable is judged by how. Resolves, after two seconds at most where the link was lost, with whether it was one
	 * of many that left at once; that was told for all of them, and speaks against no cable.
	 */
	runEnded(slot: LiveSlot, fault: FaultCode | undefined): Promise<"one of many" | "alone">;
	close(): Promise<void>;
}

export function followSlots(options: FollowOptions): FollowedSlots {
	const { desk, visits, signals, hubMap, clock, usbFacts, onBug } = options;
	const cables = cableScores(cableFigures(desk.log.state));
	const devices = new Map<number, SeenDevice>();
	let isOver = false;
	let isDown = false;
	const brownOuts = watchBrownOuts({ clock, onBrownOut: ({ hint }) => signals.give("station", hint) });

	const placeOf = ({ slot, usbPath }: Plugging): SlotPlace => ({ slot, usbPath, controller: controllerOf(usbPath, hubMap) });
	for (const { slot, usbPath, controller } of hubMap.slots) visits.expect({ slot, usbPath, controller });

	const left = (plugging: Plugging) => {
		const place = placeOf(plugging);
		devices.delete(plugging.slot);
		visits.left(place);
	};
	const came = (plugging: Plugging) => {
		const place = placeOf(plugging);
		devices.set(plugging.slot, plugging.device);
		cables.plugged(plugging.slot);
		visits.seen(place, plugging.device, true);
		void usbFacts(plugging.usbPath)
			.then(({ linkSpeed }) => {
				const slot = visits.slots.get(plugging.slot);
				if (slot && linkSpeed !== undefined) slot.linkSpeed = linkSpeed;
			})
			.catch(onBug);
	};
	const revive = async () => {
		while (isDown && !isOver) {
			try {
				return await options.reviveAdbServer();
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
				await clock.pause(REVIVE_MS);
			}
		}
	};
	const onEvent = (event: SlotEvent) => {
		switch (event.type) {
			case "plugged":
				came(event);
				break;
			case "state-changed":
				devices.set(event.slot, event.device);
				visits.seen(placeOf(event), event.device, false);
				break;
			case "unplugged":
				left(event);
				break;
			case "server-down":
				isDown = true;
				signals.give("station", "The adb server has ended. It is being started again; the phones go on where they were.");
				for (const plugging of event.lost) visits.left(placeOf(plugging));
				devices.clear();
				void revive().catch(onBug);
				break;
			case "server-up":
				isDown = false;
		}
		desk.changed();
	};
	const watch = watchSlots({ track: options.track, hubMap, clock, onEvent });
	watch.done.catch(onBug);

	return {
		get adbServer() {
			return isDown ? "down" : "up";
		},
		deviceIn: (slot) => devices.get(slot),
		cableOf: (slot) => cables.of(slot),
		async runEnded(slot, fault) {
			const brownOut = fault === "USB_LOST" ? await brownOuts.dropped(slot) : undefined;
			cables.runEnded(slot.slot, brownOut ? undefined : fault);
			return brownOut ? "one of many" : "alone";
		},
		async close() {
			isOver = true;
			await watch.close();
		},
	};
}
