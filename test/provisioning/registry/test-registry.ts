import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { FastifyInstance } from "fastify";
import { Client } from "pg";
import { expect } from "vitest";

import type { FaultCode } from "../../../provisioning/handset/fault-codes.ts";
import type { RegistryPort } from "../../../provisioning/procedure/registry-port.ts";
import type { ContractRequest } from "../../../provisioning/registry/api.ts";
import { type AdminClient, createAdminClient } from "../../../provisioning/registry/clients/admin-client.ts";
import { type ConsoleClient, createConsoleClient } from "../../../provisioning/registry/clients/console-client.ts";
import { createRegistryClient } from "../../../provisioning/registry/clients/registry-client.ts";
import { openDatabase, type RegistryDatabase } from "../../../provisioning/registry/database/database.ts";
import { startEmbeddedDatabase } from "../../../provisioning/registry/database/embedded-database.ts";
import { type CreateRegistryOptions, createRegistry } from "../../../provisioning/registry/http/create-registry.ts";
import { initKeys } from "../../../provisioning/registry/keys/init-keys.ts";
import { type LenderKeys, openRoleSigners } from "../../../provisioning/registry/keys/lender-keys.ts";
import { openLiveKeys } from "../../../provisioning/registry/keys/live-keys.ts";

export { nextImei } from "./next-imei.ts";

export const DAY = 24 * 3600;
/** 2026-06-01T12:00:00Z: when test registries begin. */
export const START = 1_780_315_200;
export const ADMIN_TOKEN = "test-admin-token-0123456789abcdef0123456789";

/** A registry on the real PostgreSQL, with real keys, a clock of its own and a port on loopback. */
export interface TestRegistry {
	readonly folder: string;
	readonly keysFolder: string;
	readonly database: RegistryDatabase;
	readonly app: FastifyInstance;
	readonly url: string;
	readonly admin: AdminClient;
	readonly console: ConsoleClient;
	readonly port: RegistryPort;
	/** Seconds since 1970-01-01T00:00:00Z; set it to let time pass. */
	now: number;
	readonly keys: LenderKeys;
	/** The clock by which the registry counts how often somebody asks. */
	monotonicMs(): number;
	/** Does something during which that clock stands still: what was asked too often stays refused, on the slowest machine. */
	inNoTime<Value>(work: () => Promise<Value>): Promise<Value>;
	/** As SIGHUP does. */
	reloadKeys(): Promise<void>;
	/** Another registry process on the same database, such as after a rotation of the keys. */
	sibling(): Promise<{ url: string; admin: AdminClient; console: ConsoleClient; port: RegistryPort; keys: LenderKeys }>;
	close(): Promise<void>;
}

/** @param options of the server, such as the folder of the built pages. */
export async function startTestRegistry(
	options: Pick<
		CreateRegistryOptions,
		| "pagesFolder"
		| "provider"
		| "paymentSecrets"
		| "secondPerson"
		| "operations"
		| "logger"
		| "webhookLoopback"
		| "deliverWebhooks"
		| "callerRate"
	> = {},
): Promise<TestRegistry> {
	const folder = await mkdtemp(join(tmpdir(), "holdfast-registry-"));
	const keysFolder = join(folder, "keys");
	await initKeys({ folder: keysFolder, lenderId: "lender-1", protection: { insecureDev: true }, nowMs: START * 1000 });
	const embedded = await startEmbeddedDatabase({ dataFolder: folder });
	const database = await openDatabase(embedded.connection);
	const apps: FastifyInstance[] = [];
	const closing: (() => void)[] = [];

	async function serve() {
		const protection = { insecureDev: true } as const;
		const live = await openLiveKeys({
			folder: keysFolder,
			open: (before) => openRoleSigners(keysFolder, protection, undefined, before),
		});
		const { keys } = live;
		let url = "";
		const app = await createRegistry({
			database,
			keys,
			clock: { nowMs: () => registry.now * 1000 },
			monotonicMs: () => registry.monotonicMs(),
			adminToken: ADMIN_TOKEN,
			publicUrl: () => url,
			...options,
		});
		closing.push(() => live.close());
		apps.push(app);
		url = await app.listen({ host: "127.0.0.1", port: 0 });
		const address = { url, adminToken: ADMIN_TOKEN };
		return {
			app,
			url,
			keys,
			reloadKeys: live.reload,
			admin: createAdminClient(address),
			console: createConsoleClient(address),
			port: createRegistryClient(address),
		};
	}

	let stoppedAtMs: number | undefined;
	const registry = { now: START, monotonicMs: () => stoppedAtMs ?? performance.now() } as TestRegistry; // completed two lines below, before anybody sees it
	const first = await serve();
	return Object.assign(registry, {
		folder,
		keysFolder,
		database,
		...first,
		sibling: serve,
		async inNoTime<Value>(work: () => Promise<Value>) {
			stoppedAtMs = performance.now();
			try {
				return await work();
			} finally {
				stoppedAtMs = undefined;
			}
		},
		async close() {
			for (const app of apps) await app.close();
			for (const stop of closing) stop();
			await database.close();
			await embedded.close();
			await rm(folder, { recursive: true, force: true });
		},
	});
}

/** Three monthly instalments of 1,000, the first due a month after {@link START}. */
export function contractRequest(contractId: string, changes: Partial<ContractRequest> = {}): ContractRequest {
	return {
		contractId,
		terms: {
			lenderName: "Banco de Prueba",
			accountShown: "00-1001",
			currency: "MXN",
			instalments: [1, 2, 3].map((month) => ({ dueAtUnixSeconds: START + month * 30 * DAY, amountMinor: 1000 })),
			contact: { supportPhone: "+525512345678", payUrl: "https://lender.example/pay" },
			languages: ["es", "en"],
		},
		consent: { language: "es", givenAtUnixSeconds: START - 600, method: "on_device" },
		...changes,
	};
}

/** Another connection, for what only a second party to the database can do. */
export async function connect(registry: TestRegistry): Promise<Client> {
	const client = new Client(registry.database.pool.options);
	await client.connect();
	return client;
}

/** Demands that a promise is refused with a fault of this code. */
export async function expectFault(promise: Promise<unknown>, code: FaultCode, details?: Record<string, unknown>): Promise<void> {
	await expect(promise).rejects.toMatchObject({ fault: details ? { code, details } : { code } });
}
