import { setTimeout as pauseFor } from "node:timers/promises";

import type { Crypto } from "../../../proto/crypto.ts";
import type { Fault } from "../../handset/fault.ts";
import type { RegistryPort } from "../../procedure/registry-port.ts";
import type { StationClient } from "../../registry/clients/station-client.ts";
import { createDelivery } from "../../vouchers/delivery.ts";
import { type FetchedVouchers, fetchVouchers } from "../../vouchers/fetch-vouchers.ts";
import { giveBackVouchers } from "../../vouchers/give-back.ts";
import { isSilence, watchRegistry } from "../../vouchers/registry-health.ts";
import { createVoucherRegistry, type QueuedReceipt, type VoucherRegistryOptions } from "../../vouchers/voucher-registry.ts";
import type { VoucherStore } from "../../vouchers/voucher-store.ts";
import type { Unit } from "../unit.ts";
import type { StationView } from "../view.ts";
import type { BatchLog } from "./batch-log.ts";
import { createRunLeases } from "./run-leases.ts";

/** The lender's side as a station walks to it: the registry while it answers, vouchers while it does not. */
export interface RegistryRoad {
	status(): { readonly state: "up" | "down"; readonly sinceMs: number };
	vouchers(): StationView["registry"]["vouchers"];
	/** The registry for one run, so that a receipt that must wait stands in the journal under that run. */
	registryFor(run: string): RegistryPort;
	/** Makes sure that no other station works on the contract. @throws {FaultError} CONTRACT_LEASED_ELSEWHERE and what the registry says. */
	lease(contractId: string): Promise<void>;
	/** Lets other stations work on the contract again, at once and not when its lease ends. Returns at once, never throws. */
	letGo(contractId: string): void;
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

	/** While vouchers are fetched, their leases are taken before they are there. */
	let fetches = 0;
	const leases = createRunLeases({
		station,
		isUp: () => health.status().state === "up",
		silent: () => health.suspect(),
		isNeeded: (contractId) =>
			fetches > 0 || hasVoucher(contractId) || log.state.units.get(contractId)?.queuedReceipt !== undefined,
		onBug: options.onBug,
	});

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
				await leases.take(contractId);
			} catch (error) {
				if (!isSilence(error)) throw error;
				health.suspect();
				if (!hasVoucher(contractId)) throw error;
			}
		},
		letGo: (contractId) => leases.giveBack(contractId),
		onUp(listener) {
			health.onChange(({ state }) => {
				if (state === "up") listener();
			});
		},
		async fetchVouchers(units, onProgress, signal) {
			fetches += 1;
			try {
				return await fetchVouchers({
					registry: online,
					leases: station,
					units,
					store,
					nowMs,
					onProgress,
					...(signal ? { signal } : {}),
				});
			} finally {
				fetches -= 1;
			}
		},
		async giveBack(contractIds) {
			const isQueued = (contractId: string) => log.state.units.get(contractId)?.queuedReceipt !== undefined;
			const { stopped } = await giveBackVouchers({ station, store, contractIds, isQueued });
			return stopped;
		},
		async close() {
			await leases.settled();
			await delivery.close();
			health.close();
		},
	};
}
