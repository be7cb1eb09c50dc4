import { type Fault, FaultError } from "../handset/fault.ts";
import type { StationClient } from "../registry/clients/station-client.ts";
import type { VoucherStore } from "./voucher-store.ts";

export interface GiveBackVouchers {
	readonly station: Pick<StationClient, "withdrawOffer" | "releaseLeases">;
	readonly store: VoucherStore;
	/** Every contract of the batch: the leases of those without a voucher are let go of as well. */
	readonly contractIds: readonly string[];
	/** Contracts whose receipt still waits for the registry. */
	isQueued(contractId: string): boolean;
}

/** What came of giving back. */
export interface GivenBack {
	/** Vouchers that nobody used: withdrawn, so that the contracts can be offered to any phone again. */
	readonly withdrawn: readonly string[];
	/**
	 * Used, or confirmed by the registry meanwhile: their offers stand, because a phone may be bound with them. The vouchers are deleted;
	 * a phone that comes back is offered the same binding by the registry.
	 */
	readonly standing: readonly string[];
	/** Their vouchers are still there: call again. */
	readonly left: number;
	readonly stopped?: Fault;
}

/**
 * Ends the work with vouchers when a batch is closed: withdraws those that were never handed out, deletes every voucher, lets go of every
 * lease but those of contracts whose receipt is still on its way. Called again, it goes on where it stopped.
 */
export async function giveBackVouchers(options: GiveBackVouchers): Promise<GivenBack> {
	const { station, store, contractIds, isQueued } = options;
	const withdrawn: string[] = [];
	const standing: string[] = [];
	try {
		for (const { contractId, enrollmentId, used } of store.all()) {
			const isFree = !used && (await withdraw(station, enrollmentId));
			(isFree ? withdrawn : standing).push(contractId);
			await store.remove(contractId);
		}
		const free = contractIds.filter((contractId) => !isQueued(contractId));
		if (free.length > 0) await station.releaseLeases(free);
		return { withdrawn, standing, left: 0 };
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		return { withdrawn, standing, left: store.all().length, stopped: error.fault };
	}
}

/** Whether the offer is withdrawn. It is not when a phone has confirmed it, or when the contract went to another station since. */
async function withdraw(station: GiveBackVouchers["station"], enrollmentId: string): Promise<boolean> {
	try {
		await station.withdrawOffer(enrollmentId);
		return true;
	} catch (error) {
		const refused = error instanceof FaultError && ["REGISTRY_REFUSED", "CONTRACT_LEASED_ELSEWHERE"].includes(error.fault.code);
		if (refused) return false;
		throw error;
	}
}
