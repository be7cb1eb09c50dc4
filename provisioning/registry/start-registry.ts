/** Exports `startRegistry(options): Promise<RunningRegistry>`: database, keys and HTTP server, ready to answer. */
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { readProviderSettings } from "./access/provider-settings.ts";
import { siteOf } from "./access/site.ts";
import { fileClock, systemClock } from "./clock-file.ts";
import { readRetentionSettings, USUAL_RETENTION } from "./contracts/retention-settings.ts";
import { openDatabase, type RegistryDatabase } from "./database/database.ts";
import { startEmbeddedDatabase } from "./database/embedded-database.ts";
import { ADMIN_TOKEN_FROM_AFAR, adminTokenIn, isLoopback } from "./http/admin-token.ts";
import type { ServedApk } from "./http/agent-apk-routes.ts";
import { createRegistry } from "./http/create-registry.ts";
import { logSettings } from "./http/log-settings.ts";
import type { KeyProtection } from "./keys/key-file.ts";
import { KeysError } from "./keys/keys-error.ts";
import { openRoleSigners } from "./keys/lender-keys.ts";
import { type LiveKeysOptions, openLiveKeys } from "./keys/live-keys.ts";
import { createTokens } from "./keys/pkcs11/token-keys.ts";
import { createNodeCrypto } from "./node-crypto.ts";
import { createOperations } from "./operations/operations.ts";
import { startOperationsServer } from "./operations/start-operations-server.ts";
import { startTracing } from "./operations/tracing.ts";
import { readWebhookSecrets } from "./webhooks/webhook-signature.ts";

export interface StartRegistryOptions {
	/** Database, admin token and logs. Made if missing. */
	readonly dataFolder: string;
	/** Any PostgreSQL, 14 or later. Default: an own one in the data folder. */
	readonly databaseUrl?: string;
	readonly host: string;
	/** 0 = any free one. */
	readonly port: number;
	/** As made by `initKeys`. */
	readonly keysFolder: string;
	/** Opens the online keys. Without it they must be unencrypted, and `insecureDev` must be said. */
	readonly passphrase?: string;
	readonly insecureDev: boolean;
	/** See `clock-file.ts`. Default: the machine's clock. */
	readonly clockFile?: string;
	/** Base URL that phones check in at and people open the pages under. Default: the address that is listened on. */
	readonly publicUrl?: string;
	/** File with the secrets of the lender's payment system, as Standard Webhooks has them. Default: no payment comes by webhook. */
	readonly paymentSecretFile?: string;
	/** The built pages, `provisioning/web/build`. Default: none are handed out. */
	readonly pagesFolder?: string;
	/** File that describes the lender's identity provider: see `access/provider-settings.ts`. Default: none. */
	readonly providerFile?: string;
	/** File that says for how long personal data is kept after its end. Default: the usual times. See `retention-settings.ts`. */
	readonly retentionFile?: string;
	/** Addresses of reverse proxies that are believed when they say who asks. Default: none. */
	readonly proxies?: readonly string[];
	/** Questions a second that one program, or one person who is signed in, may ask of this server. Default: 200. */
	readonly callerRate?: number;
	/** The agent that pages install on phones. Default: none is handed out. */
	readonly agentApk?: ServedApk;
	/** Where metrics are served. Default: nowhere. */
	readonly metrics?: { readonly host: string; readonly port: number };
	/** Version of this program, for metrics and traces. */
	readonly version?: string;
	/** Where OpenTelemetry's variables stand. Default: no traces. */
	readonly environment?: NodeJS.ProcessEnv;
	/** How long `close` says «not ready» and goes on answering, so that whoever spreads the load sees it. Milliseconds; default none. */
	readonly drainMs?: number;
	/** Log lines at info and above go to stderr as JSON. Default: errors, and refusals that an attack would leave behind. */
	readonly verbose?: boolean;
}

export interface RunningRegistry {
	/** Base URL. */
	readonly url: string;
	/** Where metrics are served, if anywhere. */
	readonly metricsUrl: string | undefined;
	/** Where people sign in: by name, because a passkey is bound to one. */
	readonly signInUrl: string;
	/** File that holds the bearer token of the admin API, mode 0600. */
	readonly adminTokenFile: string;
	/** Takes up what came into the key folder now, instead of within half a minute. Never fails: what cannot be used is logged. */
	reloadKeys(): Promise<void>;
	/** Answers what is under way, then stops the server and an own database. */
	close(): Promise<void>;
}

/**
 * Starts a registry. Keys are opened first: they are what most often is missing, and nothing needs undoing then.
 *
 * @throws {KeysError}, {DatabaseError} and {FaultError} WEBHOOK_MISCONFIGURED; whatever was started before is stopped again.
 */
export async function startRegistry(options: StartRegistryOptions): Promise<RunningRegistry> {
	const crypto = createNodeCrypto();
	const protection = protectionOf(options);
	const tokens = createTokens();
	let tell: LiveKeysOptions["onChange"];
	const live = await openLiveKeys({
		folder: options.keysFolder,
		open: (before) => openRoleSigners(options.keysFolder, protection, crypto, before, tokens),
		onChange: (change) => tell?.(change),
	});
	const { keys } = live;
	const paymentSecrets =
		options.paymentSecretFile === undefined ? undefined : await readWebhookSecrets(options.paymentSecretFile);
	const clock = options.clockFile === undefined ? systemClock : fileClock(options.clockFile);
	const provider = options.providerFile === undefined ? undefined : await readProviderSettings(options.providerFile);
	const { retentionFile } = options;
	const retention = retentionFile === undefined ? USUAL_RETENTION : await readRetentionSettings(retentionFile);
	const dataFolder = resolve(options.dataFolder);
	await mkdir(dataFolder, { recursive: true, mode: 0o700 });
	const { token, file } = await adminTokenIn(dataFolder);
	const { version = "unknown", environment = {}, drainMs = 0 } = options;
	const tracing = await startTracing(environment, version);
	const isWatched = tracing !== undefined || options.metrics !== undefined || drainMs > 0;
	const operations = isWatched ? createOperations({ version, tracing, dataFolder }) : undefined;
	const undo: (() => Promise<void>)[] = [async () => live.close()];
	const close = async () => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	if (tracing) undo.push(() => tracing.close());
	try {
		const metricsServer = operations && options.metrics && (await startOperationsServer(operations, options.metrics));
		if (metricsServer) undo.push(() => metricsServer.close());
		const database = await openChosenDatabase(options.databaseUrl, dataFolder, undo);
		let url = options.publicUrl ?? "";
		const app = await createRegistry({
			database,
			keys,
			clock,
			adminToken: token,
			publicUrl: () => url,
			crypto,
			retention,
			// For trying things out, this machine's own programs may be told as well.
			webhookLoopback: options.insecureDev,
			deliverWebhooks: true,
			...(paymentSecrets === undefined ? {} : { paymentSecrets }),
			...(options.pagesFolder === undefined ? {} : { pagesFolder: options.pagesFolder }),
			...(provider === undefined ? {} : { provider }),
			...(options.proxies === undefined ? {} : { proxies: options.proxies }),
			...(options.callerRate === undefined ? {} : { callerRate: options.callerRate }),
			...(options.agentApk === undefined ? {} : { agentApk: options.agentApk }),
			...(operations === undefined ? {} : { operations }),
			logger: logSettings(options.verbose === true, process.stderr),
		});
		undo.push(() => app.close());
		tell = (change) => {
			if ("version" in change) app.log.warn({ code: "KEY_SET_TAKEN_UP", version: change.version }, "a new key set is in use");
			else
				app.log.error(
					{ err: change.error, code: "KEYS_NOT_TAKEN_UP" },
					"what is in the key folder cannot be used: the keys stay as they were",
				);
		};
		const address = await app.listen({ host: options.host, port: options.port });
		url = options.publicUrl ?? address;
		if (!isLoopback(options.host)) app.log.warn({ code: "ADMIN_TOKEN_FROM_AFAR", listens: options.host }, ADMIN_TOKEN_FROM_AFAR);
		if (operations && drainMs > 0) {
			undo.push(async () => {
				operations.drain();
				await sleep(drainMs);
			});
		}
		return {
			url: address,
			metricsUrl: metricsServer && `${metricsServer.url}/metrics`,
			signInUrl: `${siteOf(url).origin}/sign-in/`,
			adminTokenFile: file,
			reloadKeys: live.reload,
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

function protectionOf({ passphrase, insecureDev }: StartRegistryOptions): KeyProtection {
	if (insecureDev) return { insecureDev: true };
	if (passphrase !== undefined) return { passphrase };
	throw new KeysError("PASSPHRASE_MISSING", "The keys need their passphrase, or --insecure-dev for keys that have none.");
}

/**
 * Opens the database that `startRegistry` would: the one that is named, or the own one in the data folder, which is shared with a
 * registry that runs on it.
 *
 * @param undo is given what closes it again, to be done in reverse.
 */
export async function openChosenDatabase(
	databaseUrl: string | undefined,
	dataFolder: string,
	undo: (() => Promise<void>)[],
): Promise<RegistryDatabase> {
	if (databaseUrl === undefined) {
		const embedded = await startEmbeddedDatabase({ dataFolder });
		undo.push(() => embedded.close());
		const database = await openDatabase(embedded.connection);
		undo.push(() => database.close());
		return database;
	}
	const database = await openDatabase({ connectionString: databaseUrl, application_name: "holdfast" });
	undo.push(() => database.close());
	return database;
}
