import { afterEach, describe, expect, it } from "vitest";

import { type StationServer, startStationServer } from "../../../../provisioning/station/server/start-station-server.ts";
import type { StationView } from "../../../../provisioning/station/view.ts";
import { applyChange, type ViewChange } from "../../../../provisioning/station/view-change.ts";
import { type EventReader, readEvents } from "./event-reader.ts";
import { busyView, createFakeStation, viewOf } from "./fake-station.ts";

const open: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
	for (const each of open.splice(0).reverse()) await each.close();
});

async function serve(
	station = createFakeStation(),
	options: { maxReaders?: number; coalesceMs?: number; heartbeatMs?: number } = {},
) {
	const server: StationServer = await startStationServer({ station, pageFolder: "/nowhere", ...options });
	open.push(server);
	const follow = async (): Promise<EventReader> => {
		const reader = await readEvents(`${server.url}/api/events`);
		open.push(reader);
		return reader;
	};
	return { station, server, follow };
}

const viewIn = ({ data }: { data: unknown }) => data as StationView; // what our own server sends
const changeIn = ({ data }: { data: unknown }) => data as ViewChange; // the same

describe("the event stream", () => {
	it("begins with the whole view and goes on with what changed", async () => {
		const { station, follow } = await serve();
		const reader = await follow();
		const first = await reader.next();
		expect(first).toMatchObject({ event: "view", id: "1", data: station.view() });
		station.slot(3, { word: "detected" });
		const second = await reader.next("change");
		expect(second.id).toBe("2");
		expect(changeIn(second).slots?.map(({ slot }) => slot)).toEqual([3]);
		expect(applyChange(viewIn(first), changeIn(second))).toEqual(station.view());
	});

	it("puts many changes in one", async () => {
		const { station, follow } = await serve();
		const reader = await follow();
		const first = viewIn(await reader.next());
		station.slot(1, { word: "detected" });
		for (let percent = 1; percent <= 50; percent += 1) station.slot(2, { word: "running", batteryPercent: percent });
		let view = first;
		let changes = 0;
		while (view.revision < station.view().revision) {
			const next = applyChange(view, changeIn(await reader.next("change")));
			if (!next) throw new Error("a change that does not fit");
			view = next;
			changes += 1;
		}
		expect(view).toEqual(station.view());
		expect(changes).toBeLessThanOrEqual(2);
	});

	it("gives every reader, whenever it came, the same state", async () => {
		const { station, follow } = await serve();
		const early = await follow();
		let earlyView = viewIn(await early.next());
		station.slot(1, { word: "detected" });
		const late = await follow(); // while that change has yet to be told
		let lateView = viewIn(await late.next());
		station.slot(2, { word: "pass" });
		while (lateView.revision < 3) lateView = applyChange(lateView, changeIn(await late.next("change"))) ?? lateView;
		while (earlyView.revision < 3) earlyView = applyChange(earlyView, changeIn(await early.next("change"))) ?? earlyView;
		expect(lateView).toEqual(station.view());
		expect(earlyView).toEqual(station.view());
	});

	it("beats while nothing changes", async () => {
		const { follow } = await serve(undefined, { heartbeatMs: 5 });
		const reader = await follow();
		expect(await reader.next("beat")).toMatchObject({ event: "beat" });
	});

	it("gives a reader that did not keep up whole views, and holds nothing more for it", async () => {
		const station = createFakeStation(busyView(64));
		const { follow } = await serve(station, { coalesceMs: 0 });
		const slow = await follow();
		slow.response.pause();
		const quick = await follow();
		let view = viewIn(await quick.next());
		const writeMuch = async () => {
			station.change({ station: "x".repeat(200_000) + station.view().revision });
			view = applyChange(view, changeIn(await quick.next("change"))) ?? view;
		};
		const startBytes = process.memoryUsage().external;
		for (let count = 0; count < 120; count += 1) await writeMuch(); // 24 MB: past every buffer between the two
		expect(view).toEqual(station.view());
		expect(process.memoryUsage().external - startBytes).toBeLessThan(200_000 * 100);
		slow.response.resume();
		let whole = viewIn(await slow.next("view"));
		while (whole.revision < station.view().revision) whole = viewIn(await slow.next("view"));
		expect(whole).toEqual(station.view());
	});

	it("takes no more readers than it may, and one again when one has left", async () => {
		const { server, follow } = await serve(undefined, { maxReaders: 2 });
		const one = await follow();
		await one.next();
		const two = await follow();
		await two.next();
		const refused = await fetch(`${server.url}/api/events`);
		expect(refused.status).toBe(503);
		expect(await refused.json()).toMatchObject({ code: "TOO_MANY" });
		one.close();
		await expect
			.poll(async () => {
				const third = await readEvents(`${server.url}/api/events`);
				open.push(third);
				return third.response.statusCode;
			})
			.toBe(200);
	});

	it("ends when the server closes, and begins anew with the whole view at the next", async () => {
		const station = createFakeStation(viewOf(2));
		const { server, follow } = await serve(station);
		const reader = await follow();
		await reader.next();
		const { port } = new URL(server.url);
		await server.close();
		await expect(reader.next("never")).rejects.toThrow();
		station.slot(1, { word: "pass" });
		const again = await startStationServer({ station, pageFolder: "/nowhere", port: Number(port) });
		open.push(again);
		const next = await readEvents(`${again.url}/api/events`);
		open.push(next);
		expect(viewIn(await next.next())).toEqual(station.view());
	});
});
