import { type Fault, FaultError, fault, faultError } from "../handset/fault.ts";
import type { HandsetIdentity, RegistryPort } from "../procedure/registry-port.ts";
import type { StationClient } from "../registry/clients/station-client.ts";
import { type Leases, MAX_LEASE_SECONDS } from "../registry/enrollment/station-request.ts";
import { isSilence } from "./registry-health.ts";
import {
	handsetOf,
	isClockWrong,
	isSameHandset,
	VOUCHER_MARGIN_MS,
	type Voucher,
	type VoucherObstacle,
	type VoucherUnit,
} from "./voucher.ts";
import type { VoucherStore } from "./voucher-store.ts";

/** Offers asked for at once. Each is a signature and a few rows for the registry. */
const CONCURRENCY = 8;

export interface FetchVouchers {
	/** The registry over the network, as this station or desk: its client verifies each offer. */
	readonly registry: Pick<RegistryPort, "offerEnrollment">;
	readonly leases: Pick<StationClient, "lease">;
	readonly units: readonly VoucherUnit[];
	readonly store: VoucherStore;
	nowMs(): number;
	readonly concurrency?: number;
	/** Stops after the offers under way. */
	readonly signal?: AbortSignal;
	/** Units that were seen to, of those that can have a voucher. */
	onProgress?(done: number, of: number): void;
}

/** What came of fetching. A unit is ready, enrolled, impossible, elsewhere, refused or left. */
export interface FetchedVouchers {
	readonly of: number;
	/** Units whose voucher lies in the store and can be used. */
	readonly ready: number;
	/** When the first of those ends. */
	readonly firstExpiresAtMs?: number;
	/** Their phones are enrolled already. */
	readonly enrolled: readonly string[];
	/** The manifest does not tell enough of their phones. They need the registry. */
	readonly impossible: readonly { readonly contractId: string; readonly why: VoucherObstacle }[];
	/** Another station works on them. */
	readonly elsewhere: Leases["refused"];
	/** The registry does not give them. */
	readonly refused: readonly { readonly contractId: string; readonly fault: Fault }[];
	/** Not seen to, because of `stopped`: fetch again to go on. */
	readonly left: number;
	readonly stopped?: Fault;
}

/**
 * Takes every unit's contract for this station and fetches a voucher for each unit whose manifest row names its phone in full.
 * Called again, it goes on where it stopped. What the registry, the clock or the disk refuses is told in the answer, not thrown.
 */
export async function fetchVouchers(options: FetchVouchers): Promise<FetchedVouchers> {
	const { units } = options;
	const found = new Findings(units);
	try {
		// All of them: what can't have a voucher is worked on by this station as well.
		const contractIds = units.map(({ contractId }) => contractId);
		found.leased(units.length === 0 ? NO_LEASES : await options.leases.lease(contractIds, MAX_LEASE_SECONDS));
	} catch (error) {
		return found.report(faultOf(error));
	}
	const wanted = found.wanted();
	let next = 0;
	let done = 0;
	let stopped: Fault | undefined;
	const lane = async () => {
		for (let unit = wanted[next]; unit && !stopped; unit = wanted[next]) {
			next += 1;
			try {
				if (options.signal?.aborted) throw faultError("CANCELLED");
				found.fetched(unit.contractId, await fetchOne(options, unit.contractId, unit.handset));
			} catch (error) {
				const why = faultOf(error);
				if (isSilence(error) || ENDS_ALL.includes(why.code)) stopped ??= why;
				else found.refused.push({ contractId: unit.contractId, fault: why });
			}
			done += 1;
			options.onProgress?.(done, wanted.length);
		}
	};
	await Promise.all(Array.from({ length: options.concurrency ?? CONCURRENCY }, lane));
	return found.report(stopped);
}

/** Faults that would meet every further unit as well. */
const ENDS_ALL: readonly string[] = ["REGISTRY_UNTRUSTED", "STATION_DISK_FULL", "STATION_CLOCK_WRONG", "CANCELLED"];
const NO_LEASES: Leases = { granted: [], refused: [], unknown: [] };

/** The voucher of one unit, from the store or from the registry; `undefined` when its phone is enrolled already. */
async function fetchOne(
	{ registry, store, nowMs }: FetchVouchers,
	contractId: string,
	handset: HandsetIdentity,
): Promise<Voucher | undefined> {
	const kept = store.find(contractId);
	const isGood = kept && isSameHandset(kept.handset, handset) && kept.expiresAtMs - nowMs() >= VOUCHER_MARGIN_MS;
	if (kept && isGood) return inTime(kept, nowMs());
	const offer = await registry.offerEnrollment(contractId, handset);
	if (offer.state !== "offered") {
		await store.remove(contractId);
		return undefined;
	}
	return inTime(await store.put({ handset, offer }), nowMs());
}

/** A wrong clock is better found now than when there is no registry to ask. */
function inTime(voucher: Voucher, nowMs: number): Voucher {
	if (!isClockWrong([voucher], nowMs)) return voucher;
	throw faultError("STATION_CLOCK_WRONG", { details: { "this computer's time": new Date(nowMs).toISOString() } });
}

class Findings {
	readonly refused: { contractId: string; fault: Fault }[] = [];
	readonly #impossible: { contractId: string; why: VoucherObstacle }[] = [];
	readonly #enrolled: string[] = [];
	#elsewhere: Leases["refused"] = [];
	#granted: ReadonlySet<string> = new Set();
	#ready = 0;
	#firstExpiresAtMs = Number.POSITIVE_INFINITY;

	constructor(readonly units: readonly VoucherUnit[]) {}

	leased({ granted, refused, unknown }: Leases): void {
		this.#granted = new Set(granted.map(({ contractId }) => contractId));
		this.#elsewhere = refused;
		for (const contractId of unknown) this.refused.push({ contractId, fault: fault("CONTRACT_UNKNOWN") });
	}

	/** Units that this station holds and whose phones the manifest names in full. */
	wanted(): { contractId: string; handset: HandsetIdentity }[] {
		return this.units.flatMap((unit) => {
			const { contractId } = unit;
			if (!this.#granted.has(contractId)) return [];
			const handset = handsetOf(unit);
			if (typeof handset !== "string") return { contractId, handset };
			this.#impossible.push({ contractId, why: handset });
			return [];
		});
	}

	fetched(contractId: string, voucher: Voucher | undefined): void {
		if (!voucher) {
			this.#enrolled.push(contractId);
			return;
		}
		this.#ready += 1;
		this.#firstExpiresAtMs = Math.min(this.#firstExpiresAtMs, voucher.expiresAtMs);
	}

	report(stopped: Fault | undefined): FetchedVouchers {
		const seenTo = [this.#enrolled, this.#impossible, this.#elsewhere, this.refused].reduce((sum, list) => sum + list.length, 0);
		return {
			of: this.units.length,
			ready: this.#ready,
			...(this.#ready > 0 ? { firstExpiresAtMs: this.#firstExpiresAtMs } : {}),
			enrolled: this.#enrolled,
			impossible: this.#impossible,
			elsewhere: this.#elsewhere,
			refused: this.refused,
			left: this.units.length - this.#ready - seenTo,
			...(stopped === undefined ? {} : { stopped }),
		};
	}
}

/** The fault of an expected refusal. @throws whatever is none. */
function faultOf(error: unknown): Fault {
	if (error instanceof FaultError) return error.fault;
	throw error;
}
