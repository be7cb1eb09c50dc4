import { Counter, Gauge, Registry } from "prom-client";

import type { BatchState } from "../journal/batch-state.ts";
import type { StationView } from "../view.ts";

export interface MetricsSources {
	readonly view: () => StationView;
	/** Everything that the journal tells: runs by verdict, and every fault code. Without it only the five most frequent codes are known. */
	readonly batchState?: (() => BatchState) | undefined;
	readonly readers: () => number;
}

type Labels = Readonly<Record<string, string>>;

/** One way to read a number, or one number for each label. */
interface Reading {
	readonly labels: Labels;
	readonly value: number | null | undefined;
}

const one = (value: number | null | undefined): Reading[] => [{ labels: {}, value }];

/**
 * The station in Prometheus's text format. Counts are read from the journal's own state at each scrape, so they outlive a restart;
 * they begin anew with the next batch, as Prometheus expects of a counter whose process did.
 */
export function createMetrics({ view, batchState, readers }: MetricsSources): {
	readonly contentType: string;
	read(): Promise<string>;
} {
	const registry = new Registry();
	const gauge = (name: string, help: string, labelNames: string[], read: () => Reading[]) => {
		new Gauge({
			name,
			help,
			labelNames,
			registers: [registry],
			collect() {
				this.reset();
				for (const { labels, value } of read()) if (typeof value === "number") this.set(labels, value);
			},
		});
	};
	const counter = (name: string, help: string, labelNames: string[], read: () => Reading[]) => {
		new Counter({
			name,
			help,
			labelNames,
			registers: [registry],
			collect() {
				this.reset();
				for (const { labels, value } of read()) if (typeof value === "number") this.inc(labels, value);
			},
		});
	};
	const figures = () => view().batch.figures;
	const station = "holdfast_station_";

	gauge(`${station}info`, "Name of the station, version of its program, and the batch.", ["station", "tool", "batch"], () => {
		const { station, tool, batch } = view();
		return [{ labels: { station, tool, batch: batch.id }, value: 1 }];
	});
	gauge(`${station}units`, "Units of the batch by where they stand.", ["standing"], () => {
		const { pass, queued, failed, held, running, missing } = figures();
		return tally({ pass, queued, failed, held, running, waiting: missing }, "standing");
	});
	gauge(`${station}expected_units`, "Units that the manifest names.", [], () => one(figures().expected));
	gauge(`${station}slots`, "Slots by the word on their card.", ["state"], () =>
		tally(count(view().slots.map(({ word }) => word)), "state"),
	);
	counter(`${station}runs_total`, "Runs that ended, by verdict.", ["verdict"], () =>
		tally(count(runEnds(batchState?.()).map(({ verdict }) => verdict)), "verdict"),
	);
	counter(`${station}faults_total`, "Runs that a fault ended, by its code.", ["code"], () => {
		const state = batchState?.();
		if (!state) return figures().topFaults.map(({ code, count: value }) => ({ labels: { code }, value }));
		return tally(count(runEnds(state).flatMap(({ fault }) => fault ?? [])), "code");
	});
	counter(`${station}slot_runs_total`, "Runs of each slot.", ["slot"], () => bySlot(figures().slots, ({ runs }) => runs));
	counter(`${station}slot_passes_total`, "Runs of each slot that passed.", ["slot"], () =>
		bySlot(figures().slots, ({ passes }) => passes),
	);
	counter(`${station}slot_link_drops_total`, "Links lost during a run, by slot.", ["slot"], () =>
		bySlot(view().slots, ({ cable }) => cable.drops),
	);
	counter(`${station}slot_plugs_total`, "Phones plugged in, by slot.", ["slot"], () =>
		bySlot(view().slots, ({ cable }) => cable.plugs),
	);
	gauge(`${station}first_pass_yield_ratio`, "Part of the ended units that passed in their first run, 0 to 1.", [], () =>
		one(figures().firstPassYield),
	);
	gauge(`${station}units_per_hour`, "Passes per hour over the last hour of work.", [], () => one(figures().unitsPerHour));
	gauge(`${station}median_run_seconds`, "Median time of a run that passed.", [], () => {
		const { medianRunMs } = figures();
		return one(medianRunMs === null ? null : medianRunMs / 1000);
	});
	counter(`${station}mis_scans_total`, "Scans that were not taken.", [], () => one(figures().misScans));
	gauge(`${station}queued_receipts`, "Receipts that wait for the registry.", [], () => one(view().registry.queuedReceipts));
	gauge(`${station}webhooks`, "Webhooks that wait or were given up.", ["state"], () =>
		tally({ waiting: view().webhooks.waiting, failed: view().webhooks.failed }, "state"),
	);
	gauge(`${station}vouchers_left`, "Vouchers left for work without the registry.", [], () => one(view().registry.vouchers.left));
	gauge(`${station}voucher_expiry_timestamp_seconds`, "When the first voucher expires.", [], () => {
		const { expiresAtMs } = view().registry.vouchers;
		return one(expiresAtMs === undefined ? undefined : expiresAtMs / 1000);
	});
	gauge(`${station}registry_up`, "1 if the registry answers.", [], () => one(Number(view().registry.state === "up")));
	gauge(`${station}adb_server_up`, "1 if the adb server answers.", [], () => one(Number(view().adbServer === "up")));
	gauge(`${station}up`, "1 unless the station itself cannot go on.", [], () => one(Number(view().down === undefined)));
	gauge(`${station}page_readers`, "Pages and terminals that follow the station.", [], () => one(readers()));
	gauge("process_resident_memory_bytes", "Resident memory.", [], () => one(process.memoryUsage.rss()));
	counter("process_cpu_seconds_total", "User and system time.", [], () => {
		const { user, system } = process.cpuUsage();
		return one((user + system) / 1e6);
	});
	return { contentType: registry.contentType, read: () => registry.metrics() };
}

function runEnds(state: BatchState | undefined) {
	return [...(state?.units.values() ?? [])].flatMap(({ runs }) => runs.flatMap(({ end }) => end ?? []));
}

function count(values: readonly string[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
	return counts;
}

function tally(counts: Readonly<Record<string, number>>, label: string): Reading[] {
	return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

function bySlot<Row extends { readonly slot: number }>(rows: readonly Row[], read: (row: Row) => number): Reading[] {
	return rows.map((row) => ({ labels: { slot: String(row.slot) }, value: read(row) }));
}
