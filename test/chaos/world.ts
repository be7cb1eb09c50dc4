import { randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "pg";

import { adminTokenIn } from "../../provisioning/registry/http/admin-token.ts";
import { initKeys } from "../../provisioning/registry/keys/init-keys.ts";
import { type Machine, makeMachine } from "./machine.ts";
import { makeNetwork, type Network } from "./network.ts";
import { ownedBy } from "./owned-by.ts";
import {
	databaseUrl,
	etcdArguments,
	firstStatements,
	haproxyConfig,
	type Place,
	patroniConfig,
	type Setup,
} from "./reference-setup.ts";

const OWN_ADDRESS = "10.77.0.1";
const HOLDFAST = fileURLToPath(new URL("../../provisioning/cli/build/main.mjs", import.meta.url));
const READY_MS = 150_000;

/** What Patroni says of one of its members. */
export interface Member {
	readonly name: string;
	readonly role: string;
	readonly state: string;
	readonly lag?: number | string;
}

/** The whole setup, running: three database machines, two nodes of the registry, a proxy. */
export interface World {
	readonly setup: Setup;
	readonly network: Network;
	readonly machines: ReadonlyMap<string, Machine>;
	/** Base URL that phones and the lender call. */
	readonly url: string;
	readonly adminToken: string;
	/** As a member of the cluster says it that can be reached; empty while none answers. */
	members(): Promise<readonly Member[]>;
	/** The machine that Patroni calls the leader. @throws while there is none. */
	primary(): Promise<Machine>;
	standbys(): Promise<readonly Machine[]>;
	/** The standby that acknowledges commits, where there is one. */
	syncStandby(): Promise<Machine | undefined>;
	/** Settles when all machines run, the standbys stream, and the proxy reaches primary and nodes. @throws after some minutes. */
	ready(): Promise<void>;
}

/** @param folder is this run's own, and can be read by every account. */
export async function openWorld(
	folder: string,
	options: Pick<Setup, "synchronous" | "binFolder" | "etcdInterface">,
): Promise<World> {
	const place = (name: string, last: number): Place => ({ name, address: `10.77.0.${last}` });
	const setup: Setup = {
		databases: [place("db1", 11), place("db2", 12), place("db3", 13)],
		registries: [place("node1", 21), place("node2", 22)],
		proxy: place("proxy", 30),
		dataFolder: (name) => join(folder, name),
		network: "10.77.0.0/24",
		passwords: { superuser: secret(), replication: secret(), registry: secret() },
		...options,
	};
	const { databases, registries, proxy } = setup;
	const network = makeNetwork([...databases, ...registries, proxy], OWN_ADDRESS);
	const logs = join(folder, "logs");
	await mkdir(logs);
	const machines = new Map<string, Machine>();

	for (const database of databases) {
		const own = setup.dataFolder(database.name);
		await mkdir(own, { mode: 0o700 });
		await writeFile(join(own, "patroni.yml"), patroniConfig(setup, database));
		await ownedBy("postgres", own);
		const services = [
			{ words: ["etcd", ...etcdArguments(setup, database)], user: "postgres", log: join(logs, `etcd-${database.name}.log`) },
			{
				words: ["patroni", join(own, "patroni.yml")],
				user: "postgres",
				log: join(logs, `patroni-${database.name}.log`),
			},
		];
		machines.set(database.name, makeMachine(database, services, network));
	}
	const configFile = join(folder, "haproxy.cfg");
	await writeFile(configFile, haproxyConfig(setup));
	const haproxy = { words: ["haproxy", "-db", "-f", configFile], log: join(logs, "haproxy.log") };
	machines.set(proxy.name, makeMachine(proxy, [haproxy], network));

	const url = `http://${proxy.address}:8080`;
	const data = join(folder, "registry");
	await mkdir(data, { mode: 0o700 });
	await initKeys({
		folder: join(data, "keys"),
		lenderId: "chaos",
		protection: { insecureDev: true },
		nowMs: Date.now(),
	});
	const { token: adminToken } = await adminTokenIn(data);
	for (const registry of registries) {
		const words = [process.execPath, HOLDFAST, "serve", "--data", data, "--database", databaseUrl(setup), "--insecure-dev"];
		const listening = ["--host", registry.address, "--port", "8080", "--public-url", "https://registry.example", "--json"];
		const log = join(logs, `${registry.name}.log`);
		machines.set(registry.name, makeMachine(registry, [{ words: [...words, ...listening], log }], network));
	}

	async function members(): Promise<readonly Member[]> {
		const answers = await Promise.all(databases.map(({ address }) => json(`http://${address}:8008/cluster`)));
		// Who has a leader among those it can see knows more than who is cut off.
		const seen = answers.map((answer) => membersIn(answer)).filter((each) => each.some(isLeader));
		return seen.find((each) => each.filter(isRunning).length === databases.length) ?? seen[0] ?? [];
	}
	const machine = (name: string) => {
		const found = machines.get(name);
		if (!found) throw new Error(`there is no machine ${name}`);
		return found;
	};
	const world: World = {
		setup,
		network,
		machines,
		url,
		adminToken,
		members,
		async primary() {
			const leader = (await members()).find(isLeader);
			if (!leader) throw new Error("there is no primary");
			return machine(leader.name);
		},
		async standbys() {
			return (await members()).filter((member) => !isLeader(member)).map(({ name }) => machine(name));
		},
		async syncStandby() {
			const sync = (await members()).find(({ role }) => role === "sync_standby");
			return sync && machine(sync.name);
		},
		async ready() {
			const untilMs = performance.now() + READY_MS;
			for (let why = await notReady(); why !== undefined; why = await notReady()) {
				if (performance.now() > untilMs) throw new Error(`the setup is not whole: ${why}`);
				await pause(250);
			}
		},
	};

	/** What is missing, in words; `undefined` if nothing is. */
	async function notReady(): Promise<string | undefined> {
		const all = await members();
		const running = all.filter(isRunning);
		if (running.length < databases.length) return `of the databases, ${running.map(({ name }) => name).join(", ") || "none"} run`;
		const behind = all.find((member) => !isLeader(member) && !(Number(member.lag) < 1_000_000));
		if (behind) return `${behind.name} is behind by ${behind.lag}`;
		if (setup.synchronous && !all.some(({ role }) => role === "sync_standby")) return "no standby is synchronous";
		for (const { name, address } of registries)
			if ((await json(`http://${address}:8080/readyz`)) === undefined) return `${name} is not ready`;
		if ((await json(`${url}/readyz`)) === undefined) return "the proxy reaches no node";
		return undefined;
	}

	for (const { name } of [...databases, proxy]) machine(name).start();
	await startDatabase(world);
	for (const { name } of registries) machine(name).start();
	await world.ready();
	return world;
}

/** Makes the registry's database on the first primary. */
async function startDatabase({ setup, primary, members }: World): Promise<void> {
	const untilMs = performance.now() + READY_MS;
	const { superuser: password } = setup.passwords;
	for (;;) {
		try {
			const all = await members();
			// The first primary takes no commits before it has a synchronous standby.
			if (setup.synchronous && !all.some(({ role }) => role === "sync_standby")) throw new Error("no standby is synchronous");
			const { address } = (await primary()).place;
			const client = new Client({
				host: address,
				user: "postgres",
				database: "postgres",
				password,
				connectionTimeoutMillis: 2000,
			});
			client.on("error", () => undefined);
			await client.connect();
			for (const statement of firstStatements(setup)) await client.query(statement);
			await client.end();
			return;
		} catch (error) {
			if (performance.now() > untilMs) throw error;
			await pause(500);
		}
	}
}

/** Lets every account pass through a folder. */
export async function openToAll(folder: string): Promise<void> {
	await chmod(folder, 0o755);
}

function isLeader({ role }: Member): boolean {
	return role === "leader";
}

function isRunning({ state }: Member): boolean {
	return state === "running" || state === "streaming";
}

function membersIn(answer: unknown): Member[] {
	const list: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, "members") : undefined;
	return Array.isArray(list) ? list : []; // as Patroni's REST API says it
}

async function json(url: string): Promise<unknown> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
		return response.ok ? await response.json() : undefined;
	} catch {
		return undefined;
	}
}

function secret(): string {
	return randomBytes(18).toString("hex");
}
