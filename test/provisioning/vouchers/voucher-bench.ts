import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { createRegistryClient } from "../../../provisioning/registry/clients/registry-client.ts";
import { createStationClient } from "../../../provisioning/registry/clients/station-client.ts";
import type { Unit } from "../../../provisioning/station/unit.ts";
import { openVoucherStore } from "../../../provisioning/station/vouchers/voucher-folder.ts";
import { type FetchVouchers, fetchVouchers } from "../../../provisioning/vouchers/fetch-vouchers.ts";
import type { RegistryHealth, RegistryStatus } from "../../../provisioning/vouchers/registry-health.ts";
import { createVoucherRegistry, type QueuedReceipt } from "../../../provisioning/vouchers/voucher-registry.ts";
import type { VoucherStore } from "../../../provisioning/vouchers/voucher-store.ts";
import { crypto, TestPhone } from "../registry/test-phone.ts";
import { ADMIN_TOKEN, contractRequest, START, startTestRegistry, type TestRegistry } from "../registry/test-registry.ts";

/** A real registry for the tests of one file, and for each test a folder of vouchers and a network that loses what the test says. */
export interface VoucherBench {
	readonly registry: TestRegistry;
	readonly folder: string;
	readonly store: VoucherStore;
	/** Paths that stations asked for in this test. */
	calls: string[];
	/** What becomes of a request: `lost` before it is sent. */
	fate: (path: string) => "lost" | "sent";
	nowMs(): number;
	stationOf(name: string): {
		online: ReturnType<typeof createRegistryClient>;
		station: ReturnType<typeof createStationClient>;
	};
	/** Contracts and the phones that they are for. */
	batch(count: number): Promise<{ contractId: string; phone: TestPhone }[]>;
	fetchFor(units: readonly Unit[], over?: Partial<FetchVouchers>): ReturnType<typeof fetchVouchers>;
	/** The registry as the runs of station A see it, up or down as the test says. */
	desk(): Desk;
}

export interface Desk extends ReturnType<VoucherBench["stationOf"]> {
	readonly port: ReturnType<typeof createVoucherRegistry>;
	readonly health: RegistryHealth;
	readonly queue: QueuedReceipt[];
	readonly suspicions: { count: number };
	become(state: RegistryStatus["state"]): void;
}

export function voucherBench(): VoucherBench {
	let batches = 0;
	const bench = {} as VoucherBench; // completed below, and by the hooks before each test
	const nowMs = () => bench.registry.now * 1000;
	beforeAll(async () => {
		Object.assign(bench, { registry: await startTestRegistry() });
	});
	afterAll(() => bench.registry.close());
	beforeEach(async () => {
		const folder = await mkdtemp(join(tmpdir(), "holdfast-vouchers-"));
		Object.assign(bench, { folder, store: await openVoucherStore(folder), calls: [], fate: () => "sent" });
		bench.registry.now = START;
	});
	afterEach(() => rm(bench.folder, { recursive: true, force: true }));

	function stationOf(station: string) {
		const send: typeof fetch = async (input, init) => {
			const path = new URL(String(input)).pathname;
			bench.calls.push(path);
			if (bench.fate(path) === "lost") throw new TypeError("no route to host");
			return fetch(input, init);
		};
		const address = { url: bench.registry.url, adminToken: ADMIN_TOKEN, station, fetch: send, attempts: 1 };
		return { online: createRegistryClient({ ...address, crypto }), station: createStationClient(address) };
	}

	return Object.assign(bench, {
		nowMs,
		stationOf,
		async batch(count: number) {
			batches += 1;
			const units = Array.from({ length: count }, (_, index) => ({
				contractId: `F-${batches}-${index}`,
				phone: new TestPhone(),
			}));
			for (const { contractId } of units) await bench.registry.admin.createContract(contractRequest(contractId));
			return units;
		},
		fetchFor(units: readonly Unit[], over: Partial<FetchVouchers> = {}) {
			const { online, station } = stationOf("A");
			return fetchVouchers({ registry: online, leases: station, units, store: bench.store, nowMs, ...over });
		},
		desk(): Desk {
			const { online, station } = stationOf("A");
			let status: RegistryStatus = { state: "up", sinceMs: 0 };
			const listeners = new Set<(status: RegistryStatus) => void>();
			const suspicions = { count: 0 };
			const health: RegistryHealth = {
				status: () => status,
				suspect: () => {
					suspicions.count += 1;
				},
				onChange: (listener) => {
					listeners.add(listener);
					return () => void listeners.delete(listener);
				},
				close: () => {},
			};
			const queue: QueuedReceipt[] = [];
			const queueReceipt = async (receipt: QueuedReceipt) => void queue.push(receipt);
			const port = createVoucherRegistry({ online, health, station, vouchers: bench.store, crypto, nowMs, queueReceipt });
			const become = (state: RegistryStatus["state"]) => {
				status = { state, sinceMs: nowMs() };
				for (const listener of [...listeners]) listener(status);
			};
			return { port, online, station, health, become, queue, suspicions };
		},
	});
}

/** A phone as a manifest names it. */
export const unitOf = (contractId: string, { identity }: TestPhone, over: Partial<Unit> = {}): Unit => ({
	contractId,
	imeis: identity.imei2 === undefined ? [identity.imei1] : [identity.imei1, identity.imei2],
	serial: identity.serial,
	row: 2,
	...over,
});
