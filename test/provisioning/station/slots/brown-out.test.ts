import { describe, expect, it } from "vitest";

import { type BrownOut, watchBrownOuts } from "../../../../provisioning/station/slots/brown-out.ts";
import { manualClock } from "./manual-clock.ts";

function bench() {
	const clock = manualClock();
	const told: BrownOut[] = [];
	const watch = watchBrownOuts({ clock, onBrownOut: (what) => told.push(what) });
	const drop = (slot: number, usbPath: string, controller = "usb1") => watch.dropped({ slot, usbPath, controller });
	return { clock, told, drop };
}

describe("a brown-out", () => {
	it("of sixteen phones of one hub is told once, to each of them the same", async () => {
		const { clock, told, drop } = bench();
		const verdicts: Promise<BrownOut | undefined>[] = [];
		for (let port = 1; port <= 16; port += 1) {
			verdicts.push(drop(17 - port, `1-4.${port}`));
			await clock.advance(100);
		}
		await clock.advance(2_000);
		expect(told).toMatchObject([{ controller: "usb1", hub: "1-4", slots: Array.from({ length: 16 }, (_, index) => index + 1) }]);
		expect(told[0]?.hint).toMatch(/^16 phones below 1-4 left at once: /);
		for (const verdict of verdicts) expect(await verdict).toBe(told[0]);
	});

	it("is not two phones, which a person may have taken out, nor three over a longer time", async () => {
		const { clock, told, drop } = bench();
		const two = [drop(1, "1-1"), drop(2, "1-2")];
		await clock.advance(2_000);
		expect(await Promise.all(two)).toEqual([undefined, undefined]);
		void drop(1, "1-1");
		await clock.advance(1_900);
		void drop(2, "1-2");
		await clock.advance(200);
		void drop(3, "1-3");
		await clock.advance(5_000);
		expect(told).toEqual([]);
	});

	it("is not one phone that comes and goes, nor phones of three controllers", async () => {
		const { clock, told, drop } = bench();
		for (const _ of [1, 2, 3]) void drop(1, "1-1");
		void drop(2, "2-1", "usb2");
		void drop(3, "3-1", "usb3");
		await clock.advance(5_000);
		expect(told).toEqual([]);
		expect(clock.waiting).toBe(0);
	});

	it("names the bus where the phones share no hub, and nothing where nothing tells", async () => {
		const { clock, told, drop } = bench();
		for (const port of [1, 2, 3]) void drop(port, `1-${port}.1`);
		for (const port of [1, 2, 3]) void drop(port, `127.0.0.1:580${port}`, "network");
		await clock.advance(2_000);
		expect(told.map(({ hub }) => hub)).toEqual(["usb1", undefined]);
	});
});
