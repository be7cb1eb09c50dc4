import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

import { EMPTY_HUB_MAP, type HubMap } from "../../../../provisioning/station/slots/hub-map.ts";
import type { SlotEvent } from "../../../../provisioning/station/slots/slot-event.ts";
import { type SlotWatch, watchSlots } from "../../../../provisioning/station/slots/slot-watch.ts";
import type { SeenDevice, Snapshot } from "../../../../provisioning/transport/device-list.ts";
import { down, mapOf, phone, short, up } from "./seen-phones.ts";

/** A tracker that a test feeds, with everything put into it before or after somebody listens. */
function feed() {
	const waiting: Snapshot[] = [];
	let wake: () => void = () => {};
	let finished = false;
	return {
		/** The tracker ends once everything was taken. */
		finish() {
			finished = true;
			wake();
		},
		give(...snapshots: Snapshot[]) {
			waiting.push(...snapshots);
			wake();
		},
		async *track(signal: AbortSignal): AsyncGenerator<Snapshot> {
			signal.addEventListener("abort", () => wake(), { once: true });
			while (!signal.aborted) {
				const next = waiting.shift();
				if (next !== undefined) yield next;
				else if (finished) return;
				else
					await new Promise<void>((resolve) => {
						wake = resolve;
					});
			}
		},
	};
}

describe("the watch", () => {
	const open: SlotWatch[] = [];
	afterEach(async () => {
		for (const watch of open.splice(0)) await watch.close();
	});
	const watching = (hubMap: HubMap, onEvent: (event: SlotEvent) => void) => {
		const source = feed();
		const watch = watchSlots({ track: source.track, hubMap, clock: { nowMs: () => 7 }, onEvent });
		open.push(watch);
		return { ...source, watch };
	};

	it("is ready with the first word about the server, be it that there is none", async () => {
		const { give, watch } = watching(EMPTY_HUB_MAP, () => {});
		expect(watch.server).toBe("down");
		give(down);
		await watch.ready;
		expect(watch.server).toBe("down");
		give(up());
		await expect.poll(() => watch.server).toBe("up");
	});

	it("has taken the whole list in before anybody hears of it", async () => {
		const seen: number[] = [];
		const { give, watch } = watching(mapOf("1-1", "1-2"), () => {
			seen.push(watch.slots().filter(({ plugging }) => plugging).length);
		});
		give(up(phone("1-1", "1"), phone("1-2", "2")));
		await watch.ready;
		expect(seen).toEqual([2, 2, 2]);
	});

	it("lets a listener go, and tells nobody anything after it was closed", async () => {
		const all: string[] = [];
		const some: string[] = [];
		const { give, watch } = watching(mapOf("1-1"), (event) => all.push(...short([event])));
		const stop = watch.onEvent((event) => some.push(...short([event])));
		give(up(phone("1-1", "1")));
		await watch.ready;
		stop();
		give(up());
		await expect.poll(() => all).toEqual(["server-up", "+1", "-1"]);
		await watch.close();
		give(up(phone("1-1", "2")));
		await watch.done;
		expect(some).toEqual(["server-up", "+1"]);
		expect(all).toHaveLength(3);
	});

	it("ends when a listener throws: a station that missed an event must not go on", async () => {
		const { give, watch } = watching(mapOf("1-1"), () => {
			throw new Error("a bug");
		});
		const done = expect(watch.done).rejects.toThrow("a bug");
		open.pop();
		give(up());
		await done;
	});

	it("closes although its tracker does not end", async () => {
		const watch = watchSlots({
			clock: { nowMs: () => 0 },
			async *track() {
				await new Promise(() => {});
			},
		});
		await watch.close();
	});

	/** A bench as a person changes it, told to the watch in snapshots that may leave steps out, as adb's lists do. */
	const change = fc.oneof(
		fc.record({ do: fc.constant("plug" as const), port: fc.integer({ min: 0, max: 5 }), phone: fc.integer({ min: 0, max: 3 }) }),
		fc.record({ do: fc.constant("unplug" as const), port: fc.integer({ min: 0, max: 5 }) }),
		fc.record({ do: fc.constant("move" as const), port: fc.integer({ min: 0, max: 5 }), to: fc.integer({ min: 0, max: 5 }) }),
		fc.record({
			do: fc.constant("state" as const),
			port: fc.integer({ min: 0, max: 5 }),
			state: fc.constantFrom("device", "offline"),
		}),
		fc.constant({ do: "server-dies" as const }),
		fc.constant({ do: "server-starts" as const }),
		fc.constant({ do: "list" as const }),
	);

	it("after any sequence of plugs, moves and deaths of the server, knows what is plugged in, and told each change once", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
				const told = new Map<number, SlotEvent & { type: "plugged" }>();
				const generations = new Set<number>();
				const { give, finish, watch } = watching(mapOf("1-1", "1-2", "1-3", "1-4"), (event) => {
					switch (event.type) {
						case "plugged":
							expect(told.has(event.slot)).toBe(false);
							expect(generations.has(event.generation)).toBe(false);
							generations.add(event.generation);
							told.set(event.slot, event);
							break;
						case "state-changed": {
							const before = told.get(event.slot);
							expect(before).toMatchObject({ generation: event.generation, device: event.before });
							if (before) told.set(event.slot, { ...before, device: event.device });
							break;
						}
						case "unplugged":
							expect(told.get(event.slot)).toMatchObject({ generation: event.generation, device: event.device });
							told.delete(event.slot);
							break;
						case "server-down":
							expect(event.lost.map(({ slot }) => slot).sort()).toEqual([...told.keys()].sort());
							told.clear();
							break;
						case "server-up":
							expect(told.size).toBe(0);
					}
				});
				const bench = new Map<string, SeenDevice>();
				let nextId = 1;
				let isUp = true;
				const list = () => give(isUp ? up(...bench.values()) : down);
				for (const each of changes) {
					const path = "port" in each ? `1-${each.port + 1}` : "";
					if (each.do === "plug") bench.set(path, phone(path, String(nextId++), `P${each.phone}`));
					if (each.do === "unplug") bench.delete(path);
					const moved = bench.get(path);
					if (each.do === "move" && moved) {
						bench.delete(path);
						bench.set(`1-${each.to + 1}`, phone(`1-${each.to + 1}`, String(nextId++), moved.serial));
					}
					if (each.do === "state" && moved) bench.set(path, { ...moved, state: each.state });
					if (each.do === "server-dies") isUp = false;
					if (each.do === "server-starts" && !isUp) {
						isUp = true;
						nextId = 1;
						for (const [at, device] of bench) bench.set(at, { ...device, transportId: String(nextId++) });
					}
					// A death is always noticed; what happens between two lists is not.
					if (each.do === "list" || each.do === "server-dies" || each.do === "server-starts") list();
				}
				list();
				isUp = true;
				list();
				const expected = () =>
					[...bench.values()].map(({ usbPath, transportId, state, serial }) => [usbPath, transportId, state, serial]).sort();
				const known = () =>
					watch
						.slots()
						.flatMap(({ plugging }) => (plugging ? [plugging.device] : []))
						.map(({ usbPath, transportId, state, serial }) => [usbPath, transportId, state, serial])
						.sort();
				finish();
				await watch.done;
				open.pop();
				expect(known()).toEqual(expected());
				expect([...told.values()].map(({ device }) => device.transportId).sort()).toEqual(
					[...bench.values()].map(({ transportId }) => transportId).sort(),
				);
			}),
			{ numRuns: 300 },
		);
	});
});
