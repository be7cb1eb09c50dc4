import { fault } from "../../../../provisioning/handset/fault.ts";
import { type HubMap, readHubMap } from "../../../../provisioning/station/slots/hub-map.ts";
import type { SlotEvent } from "../../../../provisioning/station/slots/slot-event.ts";
import type { SeenDevice, Snapshot } from "../../../../provisioning/transport/device-list.ts";

/** What a tracker says while the server answers. */
export const up = (...devices: SeenDevice[]): Snapshot => ({ server: "up", devices });
export const down: Snapshot = { server: "down", devices: [], fault: fault("ADB_SERVER_GONE") };
export const phone = (usbPath: string, transportId: string, serial = "S", state = "device"): SeenDevice => ({
	serial,
	state,
	usbPath,
	transportId,
});

/** Slots 1, 2, 3 ... at these paths. */
export function mapOf(...paths: string[]): HubMap {
	const map = readHubMap({
		format: 1,
		slots: paths.map((usbPath, index) => ({ slot: index + 1, usbPath, controller: "usb1" })),
	});
	if (map === undefined) throw new Error("no map");
	return map;
}

/** What a listener saw, in few words: `+1` plugged, `~1` changed, `-1` unplugged; slots as numbers. */
export function short(events: readonly SlotEvent[]): string[] {
	const signs = { plugged: "+", unplugged: "-", "state-changed": "~" };
	return events.map((event) => ("slot" in event ? `${signs[event.type]}${event.slot}` : event.type));
}
