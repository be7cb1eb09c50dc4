import { FaultError, faultError } from "../../handset/fault.ts";
import type { StationClient } from "../../registry/clients/station-client.ts";
import { isSilence } from "../../vouchers/registry-health.ts";

/** How long a contract is this station's alone when a phone is plugged in, in seconds: longer than any run. */
const RUN_LEASE_SECONDS = 15 * 60;

/** Leases that last for one run, and end by themselves when a station dies. */
export interface RunLeases {
	/** @throws {FaultError} CONTRACT_LEASED_ELSEWHERE and what the registry says. */
	take(contractId: string): Promise<void>;
	/** Gives a lease back, if one was taken here. Returns at once and never throws: what does not arrive ends by itself. */
	giveBack(contractId: string): void;
	/** Resolves when nothing is on its way any more. */
	settled(): Promise<void>;
}

export interface RunLeasesOptions {
	/** Each call has a deadline of its own. */
	readonly station: Pick<StationClient, "lease" | "releaseLease">;
	/** Whether the registry answers: one that does not is not asked. */
	isUp(): boolean;
	/** The registry gave no answer. */
	silent(): void;
	/** A voucher or a receipt that waits needs the lease for longer than a run. */
	isNeeded(contractId: string): boolean;
	onBug(error: unknown): void;
}

export function createRunLeases({ station, isUp, silent, isNeeded, onBug }: RunLeasesOptions): RunLeases {
	const taken = new Set<string>();
	const onTheirWay = new Map<string, Promise<void>>();

	const release = async (contractId: string): Promise<void> => {
		try {
			await station.releaseLease(contractId);
		} catch (error) {
			if (!(error instanceof FaultError)) onBug(error);
			else if (isSilence(error)) silent();
		} finally {
			onTheirWay.delete(contractId);
		}
	};

	return {
		async take(contractId) {
			// Else the registry might hear of the next lease first, and then let go of it.
			await onTheirWay.get(contractId);
			taken.add(contractId);
			const { refused } = await station.lease([contractId], RUN_LEASE_SECONDS);
			const [held] = refused;
			if (!held) return;
			taken.delete(contractId);
			throw faultError("CONTRACT_LEASED_ELSEWHERE", { details: { station: held.station } });
		},
		giveBack(contractId) {
			if (!taken.delete(contractId) || !isUp() || isNeeded(contractId)) return;
			onTheirWay.set(contractId, release(contractId));
		},
		async settled() {
			await Promise.all(onTheirWay.values());
		},
	};
}
