import { Gauge, type Registry } from "prom-client";

import { grantOf } from "../../../proto/roles.ts";
import { ONLINE_ROLES, WIRE_ROLE } from "../keys/key-folder.ts";
import type { RegistryContext } from "../registry-context.ts";
import { type FleetReading, readDisk, readFleetFigures, SILENT_DAYS } from "./fleet-reading.ts";

/** How long a reading serves: every scraper of every node asks, and the answer moves slowly. */
const READING_MS = 60_000;
/** A scrape is answered without the fleet's figures rather than late. */
const READING_DEADLINE_MS = 4000;

type Labels = Readonly<Record<string, string>>;
type Value = readonly [labels: Labels, value: number | undefined];

/** Adds what is read of the database and the keys at each scrape. A figure that cannot be read is left out, never nought. */
export function addFleetMetrics(
	register: Registry,
	context: RegistryContext,
	options: { readonly dataFolder?: string | undefined; readonly monotonicMs?: () => number } = {},
): void {
	const { dataFolder, monotonicMs = () => performance.now() } = options;
	const gauge = (name: string, help: string, labelNames: readonly string[], read: () => Promise<readonly Value[]>) => {
		new Gauge({
			name,
			help,
			labelNames: [...labelNames],
			registers: [register],
			async collect() {
				const values = await read().catch(() => []);
				this.reset();
				for (const [labels, value] of values) if (value !== undefined) this.set(labels, value);
				// Without labels a gauge that was reset says nought.
				if (labelNames.length === 0 && values.every(([, value]) => value === undefined)) this.remove({});
			},
		});
	};
	const reading = lastReading(() => readFleetFigures(context), monotonicMs);
	const fleet = (name: string, help: string, labelNames: readonly string[], of: (reading: FleetReading) => readonly Value[]) =>
		gauge(`holdfast_${name}`, help, labelNames, async () => of(await reading()));
	const one = (value: number | undefined): readonly Value[] => [[{}, value]];
	const windows = (hour: number, day: number): readonly Value[] => [
		[{ window: "1h" }, hour],
		[{ window: "24h" }, day],
	];

	gauge("holdfast_database_up", "1 if the database answered this scrape's questions in time.", [], async () =>
		one(
			await reading().then(
				() => 1,
				() => 0,
			),
		),
	);
	fleet("fleet_phones", "Open contracts whose phone has reported itself.", [], ({ phones }) => one(phones));
	fleet("fleet_silent_phones", "Open contracts whose phone was not heard of for so many days or more.", ["days"], ({ silent }) =>
		SILENT_DAYS.map((days, index) => [{ days: String(days) }, silent[index]]),
	);
	fleet("fleet_new_locks", "Phones that reported that they are newly locked.", ["window"], ({ locks }) =>
		windows(locks.hour, locks.day),
	);
	fleet("fleet_restrict_orders", "Orders to lock that were signed.", ["window"], ({ restricts }) =>
		windows(restricts.hour, restricts.day),
	);
	fleet("fleet_restrict_orders_allowed", "Orders to lock that the breaker lets through.", ["window"], ({ restricts }) =>
		windows(restricts.hourAllowed, restricts.dayAllowed),
	);
	fleet("fleet_breaker_open", "1 if another order to lock would be refused.", [], ({ breakerOpen }) => one(Number(breakerOpen)));
	fleet("payment_feed_stale", "1 if no phone is locked for being overdue, for want of news of payments.", [], ({ feed }) =>
		one(Number(feed.stale)),
	);
	fleet("payment_feed_last_timestamp_seconds", "Last news of the payment feed.", [], ({ feed }) => one(feed.lastAt));
	fleet("locks_paused_until_timestamp_seconds", "No new lock goes out before; 0: they are not paused.", [], ({ feed }) =>
		one(feed.pausedUntil),
	);
	fleet("orders_pending", "Orders that no phone has answered yet.", [], ({ pendingOrders }) => one(pendingOrders.count));
	fleet("orders_pending_oldest_timestamp_seconds", "When the oldest of them was signed.", [], ({ pendingOrders }) =>
		one(pendingOrders.oldestAt),
	);
	fleet("service_cases_waiting", "Service cases that wait for a second person.", [], ({ serviceCases }) => one(serviceCases));
	fleet("webhook_deliveries_waiting", "Events that other systems are yet to be told of.", [], ({ webhooks }) =>
		one(webhooks.waiting),
	);
	fleet("webhook_failing_since_timestamp_seconds", "Since when an endpoint takes no event.", [], ({ webhooks }) =>
		one(webhooks.failingSince),
	);
	fleet(
		"webhook_endpoints_given_up",
		"Endpoints that are told nothing any more, and not because anybody asked for it.",
		[],
		({ webhooks }) => one(webhooks.disabled),
	);
	fleet(
		"attestation_list_timestamp_seconds",
		"When the lists of roots and revoked certificates were last installed.",
		[],
		(read) => one(read.attestationListAt),
	);
	fleet("clock_offset_seconds", "How far this node's clock is ahead of the database's.", [], ({ clockOffset }) =>
		one(clockOffset),
	);
	fleet("database_size_bytes", "Size of the registry's database.", [], ({ databaseBytes }) => one(databaseBytes));
	gauge("holdfast_key_expiry_timestamp_seconds", "When an online key's time is over; 0: never.", ["role"], async () =>
		ONLINE_ROLES.map((role) => [{ role }, grantOf(context.keys.current, WIRE_ROLE[role]).expiresAtUnixSeconds]),
	);
	gauge("holdfast_key_set_version", "Key set that this node signs with.", [], async () => one(context.keys.current.version));
	gauge("holdfast_database_connections", "Connections of this node, and requests that wait for one.", ["state"], async () => {
		const { totalCount, idleCount, waitingCount } = context.database.pool;
		return [
			[{ state: "busy" }, totalCount - idleCount],
			[{ state: "idle" }, idleCount],
			[{ state: "waiting" }, waitingCount],
		];
	});
	gauge("holdfast_ready", "1 if this node takes requests; 0 while it drains.", [], async () =>
		one(Number(context.isDraining?.() !== true)),
	);
	if (dataFolder === undefined) return;
	gauge("holdfast_data_disk_bytes", "Of the disk that the data folder lies on.", ["state"], async () => {
		const { free, size } = await readDisk(dataFolder);
		return [
			[{ state: "free" }, free],
			[{ state: "size" }, size],
		];
	});
}

/** One reading for all who ask at about the same time, and an end to waiting for it. */
function lastReading(read: () => Promise<FleetReading>, monotonicMs: () => number): () => Promise<FleetReading> {
	let last: { readonly atMs: number; readonly value: Promise<FleetReading> } | undefined;
	return () => {
		if (last && monotonicMs() - last.atMs < READING_MS) return last.value;
		const value = within(READING_DEADLINE_MS, read());
		const mine = { atMs: monotonicMs(), value };
		last = mine;
		value.catch(() => {
			// Asked again by the next scrape, not by each figure of this one.
			setTimeout(() => {
				if (last === mine) last = undefined;
			}, 1000).unref();
		});
		return value;
	};
}

function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms`)), milliseconds);
		work.then(resolve, reject).finally(() => clearTimeout(timer));
	});
}
