import { Calibration, type CalibrationPrompt } from "./calibration.ts";
import type { HubMap } from "./hub-map.ts";
import type { SlotEvent } from "./slot-event.ts";
import type { SlotWatch } from "./slot-watch.ts";
import type { ReadUsbFacts } from "./usb-facts.ts";

export interface CalibrateOptions {
	/** Opened for this alone, with any map. */
	readonly watch: Pick<SlotWatch, "onEvent" | "slots" | "server">;
	/** What was calibrated before: it goes on with the first number that has no port. */
	readonly map: HubMap;
	/** How many ports there are. */
	readonly count: number;
	/** Tells the person what to do next. Called with each new thing to say. */
	readonly say: (prompt: CalibrationPrompt) => void;
	/** Keeps the map. Called after each port; the next one is not asked for before it is kept. */
	readonly save: (map: HubMap) => Promise<void>;
	readonly facts?: ReadUsbFacts;
	/** The person has enough: the map so far is the result. */
	readonly signal?: AbortSignal;
}

/**
 * Gives the ports their numbers: plug one phone into port 1, take it out, plug it into port 2, ...
 *
 * @returns the map, when every number has a port or the signal came. What was saved stays saved: calling this again goes on.
 * @throws what `save` throws.
 */
export async function calibrate({ watch, map, count, say, save, facts, signal }: CalibrateOptions): Promise<HubMap> {
	const calibration = new Calibration(map, count);
	const events: SlotEvent[] = [];
	let wake: () => void = () => {};
	const stop = watch.onEvent((event) => {
		events.push(event);
		wake();
	});
	const cancel = () => wake();
	signal?.addEventListener("abort", cancel, { once: true });
	// What was there before we listened, told as if it had just been found.
	if (watch.server === "up") {
		calibration.hear({ type: "server-up", atMs: 0 });
		for (const { plugging } of watch.slots()) if (plugging) calibration.hear({ type: "plugged", ...plugging, found: true });
	}
	let said = "";
	try {
		while (signal?.aborted !== true) {
			const { prompt } = calibration;
			if (prompt.text !== said) say(prompt);
			said = prompt.text;
			if (prompt.kind === "done") break;
			if (events.length === 0) {
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
				continue;
			}
			const event = events.shift();
			if (event === undefined) continue;
			const { controller } = event.type === "unplugged" ? ((await facts?.(event.usbPath)) ?? {}) : {};
			if (calibration.hear(event, controller === undefined ? {} : { controller })) await save(calibration.map);
		}
		return calibration.map;
	} finally {
		stop();
		signal?.removeEventListener("abort", cancel);
	}
}
