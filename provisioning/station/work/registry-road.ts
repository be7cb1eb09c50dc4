import { setTimeout as pauseFor } from "node:timers/promises";

import type { Crypto } from "../../../proto/crypto.ts";
import { type Fault, faultError } from "../../handset/fault.ts";
import type { RegistryPort } from "../../procedure/registry-port.ts";
import type { StationClient } from "../../registry/station-client.ts";
import type { Unit } from "../unit.ts";
import type { StationView } from "../view.ts";
import { createDelivery } from "../vouchers/delivery.ts";
import { type FetchedVouchers, fetchVouchers } from "../vouchers/fetch-vouchers.ts";
import { giveBackVouchers } from "../vouchers/give-back.ts";
import { isSilence, watchRegistry } from "../vouchers/registry-health.ts";
import { createVoucherRegistry, type QueuedReceipt, type VoucherRegistryOptions } from "../vouchers/voucher-registry.ts";
import type { VoucherStore } from "../vouchers/voucher-store.ts";
import type { BatchLog } from "./batch-log.ts";

/** How long a contract is this station's alone when a phone is plugged in, in seconds: longer than any run. */
const RUN_LEASE_SECONDS = 15 * 60;

/** The lender's side as a station walks to it: the registry while it answers, vouchers while it does not. */
export interface RegistryRoad {
	status(): { readonly state: "up" | "down"; readonly sinceMs: number };
	vouchers(): StationView["registry"]["vouchers"];
	/** The registry for one run, so that a receipt that must wait stands in the journal under that run. */
	registryFor(run: string): RegistryPort;
	/** Makes sure that no other station works on the contract. @throws {FaultError} CONTRACT_LEASED_ELSEWHERE and what the registry says. */
	lease(contractId: string): Promise<void>;
	/** Calls back when the registry can be reached again. */
	onUp(listener: () => void): void;
	/** Fetches vouchers for these units, to work without the registry. The signal stops it after the offers under way. */
	fetchVouchers(
		units: readonly Unit[],
		onProgress: (done: number, of: number) => void,
		signal?: AbortSignal,
	): Promise<FetchedVouchers>;
	/** Ends the work with vouchers. Gives why some could not be given back. */
	giveBack(contractIds: readonly string[]): Promise<Fault | undefined>;
	close(): Promise<void>;
}

export interface RegistryRoadOptions {
	readonly online: RegistryPort;
	readonly station: StationClient;
	readonly store: VoucherStore;
	readonly log: BatchLog;
	readonly crypto: Crypto;
	readonly pins?: VoucherRegistryOptions["pins"];
	nowMs(): number;
	/** A receipt that the registry refused: somebody has to look at that phone. */
	refused(contractId: string, why: Fault): void;
	onBug(error: unknown): void;
}

export function openRegistryRoad(options: RegistryRoadOptions): RegistryRoad {
	const { online, station, store, log, crypto, nowMs } = options;
	const pause = (milliseconds: number, signal: AbortSignal) => pauseFor(milliseconds, undefined, { signal }).catch(() => {});
	const health = watchRegistry({ probe: () => station.ready(), nowMs, pause });
	const delivery = createDelivery({
		online,
		health,
		waiting: () => [...log.state.units.values()].flatMap(({ queuedReceipt }) => queuedReceipt ?? []),
		delivered: ({ contractId, enrollmentId }) => log.tell({ type: "receipt-delivered", contractId, enrollmentId }),
		refused: async ({ contractId }, why) => options.refused(contractId, why),
		failed: options.onBug,
		pause,
	});
	/** A voucher brought its lease along; another call to a registry that is down would only cost time. */
	const hasVoucher = (contractId: string) => store.find(contractId) !== undefined;

	return {
		status: () => health.status(),
		vouchers() {
			const { left, expiresAtMs } = store.figures(nowMs());
			return { left, of: store.all().length, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
		},
		registryFor(run) {
			const queueReceipt = async ({ contractId, enrollmentId, receiptEnvelope, evidence }: QueuedReceipt) => {
				await log.intend({ type: "receipt-queued", run, contractId, enrollmentId, receiptEnvelope, evidence });
				void delivery.deliver();
			};
			const { pins } = options;
			return createVoucherRegistry({
				...{ online, health, station, vouchers: store, crypto, nowMs, queueReceipt },
				...(pins === undefined ? {} : { pins }),
			});
		},
		async lease(contractId) {
			if (health.status().state === "down") return; // then a voucher decides, and that is a lease
			try {
				const { refused } = await station.lease([contractId], RUN_LEASE_SECONDS);
				const [held] = refused;
				if (held) throw faultError("CONTRACT_LEASED_ELSEWHERE", { details: { station: held.station } });
			} catch (error) {
				if (!isSilence(error)) throw error;
				health.suspect();
				if (!hasVoucher(contractId)) throw error;
			}
		},
		onUp(listener) {
			health.onChange(({ state }) => {
				if (state === "up") listener();
			});
		},
		fetchVouchers: (units, onProgress, signal) =>
			fetchVouchers({ registry: online, leases: station, units, store, nowMs, onProgress, ...(signal ? { signal } : {}) }),
		async giveBack(contractIds) {
			const isQueued = (contractId: string) => log.state.units.get(contractId)?.queuedReceipt !== undefined;
			const { stopped } = await giveBackVouchers({ station, store, contractIds, isQueued });
			return stopped;
		},
		async close() {
			await delivery.close();
			health.close();
		},
	};
}
