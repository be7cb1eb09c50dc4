import { setTimeout as pause } from "node:timers/promises";

import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

/** Something that goes wrong, and how it is set right again. */
export interface Fault {
	/** Stable name, for the command line. */
	readonly id: string;
	/** A few words for the table. */
	readonly what: string;
	/** How long it stays wrong at least, milliseconds, before somebody mends it. */
	readonly lastsMs: number;
	/** Makes it happen. @returns what mends it. */
	happen(world: World, random: () => number): Promise<() => Promise<void> | void>;
}

/** A `kill -9` of one process is mended by its supervisor. */
const nothing = () => undefined;

const POSTGRES = ["bin/postgres", "-D"];

export const FAULTS: readonly Fault[] = [
	{
		id: "postgres-killed",
		what: "the primary's PostgreSQL is killed (-9)",
		lastsMs: 5000,
		async happen(world) {
			mustHit((await world.primary()).signal("SIGKILL", POSTGRES));
			return nothing;
		},
	},
	{
		id: "primary-machine-killed",
		what: "the primary's whole machine is killed (-9): Patroni, PostgreSQL, etcd",
		lastsMs: 32_000,
		async happen(world) {
			const primary = await world.primary();
			await primary.kill();
			return () => primary.start();
		},
	},
	{
		id: "standby-power-cut",
		what: "the synchronous standby loses its power",
		lastsMs: 12_000,
		async happen(world) {
			const standby = (await world.syncStandby()) ?? (await anyOf(world.standbys(), () => 0));
			return powerCut(world, standby);
		},
	},
	{
		id: "node-killed",
		what: "a registry node is killed (-9)",
		lastsMs: 6000,
		async happen(world, random) {
			mustHit(node(world, random).signal("SIGKILL", ["main.mjs", "serve"]));
			return nothing;
		},
	},
	{
		id: "node-power-cut",
		what: "a registry node's machine loses its power",
		lastsMs: 10_000,
		async happen(world, random) {
			return powerCut(world, node(world, random));
		},
	},
	{
		id: "primary-cut-off",
		what: "the primary is cut off from everything",
		lastsMs: 28_000,
		async happen(world) {
			const { place } = await world.primary();
			world.network.unplug(place);
			return () => world.network.plugIn(place);
		},
	},
	{
		id: "node-cut-from-database",
		what: "a registry node is cut off from the database",
		lastsMs: 15_000,
		async happen(world, random) {
			const { place } = node(world, random);
			// All it has of the database is the proxy's address, which phones come from as well: it is alone then.
			world.network.cut(place, world.setup.proxy);
			return () => world.network.mend();
		},
	},
	{
		id: "primary-cut-from-standby",
		what: "the primary is cut off from its synchronous standby alone; both reach etcd",
		lastsMs: 15_000,
		async happen(world) {
			const primary = await world.primary();
			const standby = (await world.syncStandby()) ?? (await anyOf(world.standbys(), () => 0));
			world.network.cut(primary.place, standby.place);
			return () => world.network.mend();
		},
	},
	{
		id: "primary-cut-then-dies",
		what: "the primary is cut off from both standbys, but not from etcd and its users, and loses its power 4 s later",
		lastsMs: 38_000,
		async happen(world) {
			const primary = await world.primary();
			for (const standby of await world.standbys()) world.network.cutPort(primary.place, standby.place, 5432);
			await pause(4000);
			const restore = await powerCut(world, primary);
			return () => {
				world.network.mend();
				return restore();
			};
		},
	},
	{
		id: "rewind-interrupted",
		what: "a primary that was cut off is back and sent back by pg_rewind; in the middle of it the new primary loses its power",
		lastsMs: 65_000,
		async happen(world) {
			const former = await world.primary();
			world.network.unplug(former.place);
			const next = await until("another primary", async () => {
				const primary = await world.primary();
				return primary === former ? undefined : primary;
			});
			world.network.plugIn(former.place);
			// It is there to be heard by, and nothing happens to it.
			await until("pg_rewind", async () => former.signal("SIGCONT", ["bin/pg_rewind", "--source-server"]) || undefined, 5);
			return powerCut(world, next);
		},
	},
	{
		id: "patroni-hangs",
		what: "the primary's Patroni hangs (SIGSTOP) while its PostgreSQL goes on",
		lastsMs: 28_000,
		async happen(world) {
			const primary = await world.primary();
			mustHit(primary.signal("SIGSTOP", ["python3", "patroni"]));
			return () => void primary.signal("SIGCONT", ["python3", "patroni"]);
		},
	},
	{
		id: "proxy-killed",
		what: "the proxy is killed (-9) and started again",
		lastsMs: 5000,
		async happen(world) {
			mustHit(machineOf(world, world.setup.proxy.name).signal("SIGKILL", ["haproxy", "-db"]));
			return nothing;
		},
	},
	{
		id: "switchover",
		what: "a planned switchover",
		lastsMs: 8000,
		async happen(world) {
			const primary = await world.primary();
			const candidate = (await world.syncStandby()) ?? (await anyOf(world.standbys(), () => 0));
			const response = await fetch(`http://${primary.place.address}:8008/switchover`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify({ leader: primary.place.name, candidate: candidate.place.name }),
				signal: AbortSignal.timeout(60_000),
			});
			if (!response.ok) throw new Error(`Patroni refused the switchover: ${response.status} ${await response.text()}`);
			return nothing;
		},
	},
];

/** Looks until something is found. @throws after a minute. */
async function until<Found>(what: string, look: () => Promise<Found | undefined>, everyMs = 200): Promise<Found> {
	for (const lastMs = performance.now() + 60_000; performance.now() < lastMs; await pause(everyMs)) {
		const found = await look().catch(() => undefined);
		if (found !== undefined) return found;
	}
	throw new Error(`there was no ${what} within a minute`);
}

/** First the cable, so that nobody hears a word of it; then the machine. */
async function powerCut({ network }: World, machine: Machine): Promise<() => void> {
	network.unplug(machine.place);
	await machine.kill();
	return () => {
		network.plugIn(machine.place);
		machine.start();
	};
}

function node(world: World, random: () => number): Machine {
	const { registries } = world.setup;
	return machineOf(world, registries[Math.floor(random() * registries.length)]?.name ?? "");
}

async function anyOf(machines: Promise<readonly Machine[]>, random: () => number): Promise<Machine> {
	const all = await machines;
	const one = all[Math.floor(random() * all.length)];
	if (!one) throw new Error("there is no such machine");
	return one;
}

function machineOf({ machines }: World, name: string): Machine {
	const machine = machines.get(name);
	if (!machine) throw new Error(`there is no machine ${name}`);
	return machine;
}

/** A fault that hits nothing proves nothing. */
function mustHit(count: number): void {
	if (count === 0) throw new Error("the process that was to be killed does not run");
}
