/**
 * The registry over HTTP, for stations: what they ask for many contracts at once. Exports `createStationClient(address):
 * StationClient`. Shapes are those of `enrollment/station-request.ts`. Runs in Node and browsers.
 */
import { faultError } from "../../handset/fault.ts";
import { Enrollment, Health } from "../api.ts";
import { ContractLookup, Leases, MAX_CONTRACTS_IN_CALL, ReleasedLeases } from "../enrollment/station-request.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** One contract, as a manifest is checked against it. */
export type LookedUpContract = ContractLookup["contracts"][number];

/**
 * Every method has a deadline and is safe to repeat; any number of contracts goes in calls of at most 500. Every refusal is a
 * `FaultError`: REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED for an answer that is not about what was asked, or what the registry
 * refused with. When one of several calls fails, what the earlier ones did holds.
 */
export interface StationClient {
	/** Takes contracts for this station alone, or keeps them for longer. `ttlSeconds`: 60 to 7 days. */
	lease(contractIds: readonly string[], ttlSeconds: number): Promise<Leases>;
	/** Lets go of contracts. Gives those that were this station's. */
	releaseLeases(contractIds: readonly string[]): Promise<readonly string[]>;
	/** Lets go of one contract, in one attempt with one deadline of at most 3 s: for whoever can leave it to the lease's own end. */
	releaseLease(contractId: string): Promise<void>;
	/** What the registry knows of contracts, by contract number. Those that do not exist are left out. */
	lookupContracts(contractIds: readonly string[]): Promise<ReadonlyMap<string, LookedUpContract>>;
	/** Takes back an offer that no phone has confirmed, while this station holds the contract. */
	withdrawOffer(enrollmentId: string): Promise<void>;
	/** Resolves when the registry and its database answer. One attempt, one deadline of at most 3 s. */
	ready(): Promise<void>;
}

export interface StationAddress extends RegistryAddress {
	/** Name of the station, such as `BLR-A-ENR-01`. */
	readonly station: string;
}

/** For calls that nobody waits for longer. */
const BRIEF_DEADLINE_MS = 3000;

export function createStationClient(address: StationAddress): StationClient {
	const { station } = address;
	const caller = createRegistryCaller(address);
	const brief = createRegistryCaller({
		...address,
		deadlineMs: Math.min(address.deadlineMs ?? BRIEF_DEADLINE_MS, BRIEF_DEADLINE_MS),
		attempts: 1,
	});
	const release = async (through: typeof caller, contractIds: readonly string[]): Promise<readonly string[]> => {
		const { released } = await through.json({
			method: "POST",
			path: "/v1/leases/release",
			json: { station, contractIds },
			answer: ReleasedLeases,
		});
		requireAbout("released leases", contractIds, released);
		return released;
	};
	return {
		async lease(contractIds, ttlSeconds) {
			const all: Leases = { granted: [], refused: [], unknown: [] };
			for (const some of inCalls(contractIds)) {
				const leases = await caller.json({
					method: "POST",
					path: "/v1/leases",
					json: { station, contractIds: some, ttlSeconds },
					answer: Leases,
				});
				const answered = [...leases.granted, ...leases.refused].map(({ contractId }) => contractId).concat(leases.unknown);
				requireAbout("leases", some, answered);
				if (answered.length !== some.length) throw untrusted("leases for some of the contracts only");
				if (leases.refused.some((held) => held.station === station)) throw untrusted("a station refused what it holds");
				all.granted.push(...leases.granted);
				all.refused.push(...leases.refused);
				all.unknown.push(...leases.unknown);
			}
			return all;
		},
		async releaseLeases(contractIds) {
			const all: string[] = [];
			for (const some of inCalls(contractIds)) all.push(...(await release(caller, some)));
			return all;
		},
		async releaseLease(contractId) {
			await release(brief, [contractId]);
		},
		async lookupContracts(contractIds) {
			const all = new Map<string, LookedUpContract>();
			for (const some of inCalls(contractIds)) {
				const { contracts } = await caller.json({
					method: "POST",
					path: "/v1/contracts/lookup",
					json: { contractIds: some },
					answer: ContractLookup,
				});
				requireAbout(
					"contracts",
					some,
					contracts.map(({ contractId }) => contractId),
				);
				for (const contract of contracts) all.set(contract.contractId, contract);
			}
			return all;
		},
		async withdrawOffer(enrollmentId) {
			const { enrollmentId: withdrawn } = await caller.json({
				method: "POST",
				path: `/v1/enrollments/${encodeURIComponent(enrollmentId)}/withdraw?station=${encodeURIComponent(station)}`,
				json: {},
				answer: Enrollment,
			});
			if (withdrawn !== enrollmentId) throw untrusted("another enrolment was withdrawn");
		},
		async ready() {
			await brief.json({ method: "GET", path: "/readyz", answer: Health });
		},
	};
}

/** Each contract once, in calls that the registry takes. */
function inCalls(contractIds: readonly string[]): string[][] {
	const each = [...new Set(contractIds)];
	return Array.from({ length: Math.ceil(each.length / MAX_CONTRACTS_IN_CALL) }, (_, call) =>
		each.slice(call * MAX_CONTRACTS_IN_CALL, (call + 1) * MAX_CONTRACTS_IN_CALL),
	);
}

/** An answer names what was asked about, and nothing twice. */
function requireAbout(what: string, asked: readonly string[], answered: readonly string[]): void {
	const wanted = new Set(asked);
	const isAbout = answered.every((contractId) => wanted.has(contractId)) && new Set(answered).size === answered.length;
	if (!isAbout) throw untrusted(`${what} that were not asked about`);
}

function untrusted(raw: string) {
	return faultError("REGISTRY_UNTRUSTED", { raw });
}
