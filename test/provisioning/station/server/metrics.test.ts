import { afterEach, describe, expect, it } from "vitest";

import { fault } from "../../../../provisioning/handset/fault.ts";
import type { BatchState } from "../../../../provisioning/station/journal/batch-state.ts";
import { type StationServer, startStationServer } from "../../../../provisioning/station/server/start-station-server.ts";
import { busyView, createFakeStation } from "./fake-station.ts";

const servers: StationServer[] = [];
afterEach(async () => {
	for (const server of servers.splice(0)) await server.close();
});

async function serve(batchState?: () => BatchState) {
	const station = createFakeStation(busyView(16));
	const server = await startStationServer({ station, pageFolder: "/nowhere", ...(batchState ? { batchState } : {}) });
	servers.push(server);
	return { station, read: async () => (await fetch(`${server.url}/metrics`)).text(), ready: () => fetch(`${server.url}/readyz`) };
}

/** A state of which only the ends of runs are read. */
function stateOf(ends: { verdict: string; fault?: string }[]): BatchState {
	return { units: new Map([["C-1", { runs: ends.map((end) => ({ end })) }]]) } as unknown as BatchState; // the rest is not read
}

describe("metrics", () => {
	it("tell units, yield, slots, queues and links in Prometheus's own format", async () => {
		const { read } = await serve();
		const text = await read();
		for (const line of [
			'holdfast_station_units{standing="pass"} 312',
			'holdfast_station_units{standing="waiting"} 137',
			'holdfast_station_slots{state="running"} 5',
			'holdfast_station_faults_total{code="USB_LOST"} 5',
			'holdfast_station_slot_runs_total{slot="4"} 6',
			'holdfast_station_slot_passes_total{slot="4"} 4',
			'holdfast_station_slot_link_drops_total{slot="7"} 3',
			"holdfast_station_first_pass_yield_ratio 0.964",
			"holdfast_station_vouchers_left 137",
			"holdfast_station_queued_receipts 0",
			"holdfast_station_registry_up 1",
			"holdfast_station_adb_server_up 1",
			"holdfast_station_mis_scans_total 3",
		]) {
			expect(text.split("\n")).toContain(line);
		}
		expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
		for (const name of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) expect(name[1]?.endsWith("_total")).toBe(name[2] === "counter");
	});

	it("read what stands now, however often they are asked, and beside another server", async () => {
		const { station, read } = await serve();
		const other = await serve();
		await read();
		station.change({ adbServer: "down", registry: { ...station.view().registry, state: "down", queuedReceipts: 4 } });
		const text = await read();
		expect(text).toContain("holdfast_station_registry_up 0");
		expect(text).toContain("holdfast_station_queued_receipts 4");
		expect(text).toContain('holdfast_station_faults_total{code="USB_LOST"} 5');
		expect(await other.read()).toContain("holdfast_station_registry_up 1");
	});

	it("count runs by verdict and every fault where the journal's state is given", async () => {
		const { read } = await serve(() =>
			stateOf([{ verdict: "fail", fault: "BATTERY_LOW" }, { verdict: "pass" }, { verdict: "pass" }]),
		);
		const text = await read();
		expect(text).toContain('holdfast_station_runs_total{verdict="pass"} 2');
		expect(text).toContain('holdfast_station_runs_total{verdict="fail"} 1');
		expect(text).toContain('holdfast_station_faults_total{code="BATTERY_LOW"} 1');
	});

	it("come with a readiness that is off while the station cannot work", async () => {
		const { station, ready } = await serve();
		expect((await ready()).status).toBe(200);
		station.change({ down: fault("STATION_DISK_FULL") });
		const answer = await ready();
		expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ down: "STATION_DISK_FULL" })]);
	});
});
