/** Work with and without the registry: fetched when the first screen stands. */
import { nobleCrypto } from "../../../../proto/noble-crypto.ts";
import { type Fault, FaultError, faultError } from "../../../handset/fault.ts";
import { type AgentApk, agentApk, checkAgentApk } from "../../../handset/packages.ts";
import type { RegistryPort } from "../../../procedure/registry-port.ts";
import type { SessionView } from "../../../registry/access/access-request.ts";
import { createDeskClient } from "../../../registry/clients/desk-client.ts";
import type { RegistryAddress } from "../../../registry/clients/registry-call.ts";
import { createRegistryClient } from "../../../registry/clients/registry-client.ts";
import { createStationClient } from "../../../registry/clients/station-client.ts";
import { createDelivery } from "../../../vouchers/delivery.ts";
import { type FetchedVouchers, fetchVouchers } from "../../../vouchers/fetch-vouchers.ts";
import { giveBackVouchers } from "../../../vouchers/give-back.ts";
import { isSilence, watchRegistry, whileUp } from "../../../vouchers/registry-health.ts";
import { isClockWrong, VOUCHER_MARGIN_MS, type Voucher, type VoucherUnit } from "../../../vouchers/voucher.ts";
import { createVoucherRegistry } from "../../../vouchers/voucher-registry.ts";
import { lookUp, type PreparedContract, preparedOf } from "../contract-work.ts";
import { openDeskDatabase } from "./desk-database.ts";
import { openReceiptBook } from "./receipt-book.ts";
import { openVoucherBox } from "./voucher-box.ts";

/** A phone that was bound without the registry, and is not done. */
export interface UnfinishedPhone {
	readonly contractId: string;
	/** `delivered`: plug it in again. `refused`: the registry does not take its receipt; somebody has to look. */
	readonly state: "waiting" | "delivered" | "refused";
	readonly fault?: Fault;
}

/** What the page shows of it. A new object after each change. */
export interface RoadView {
	readonly network: "up" | "down";
	readonly vouchers: readonly Voucher[];
	readonly unfinished: readonly UnfinishedPhone[];
	/** Receipts wait, and the registry answers, but nobody is signed in. */
	readonly needsSignIn: boolean;
}

/** The lender's side as a desk walks to it: the registry while it answers, vouchers while it does not. One tab at a time has one. */
export interface DeskRoad {
	view(): RoadView;
	/** Calls back after each change. Returns how to stop it. */
	onChange(listener: () => void): () => void;
	/** For procedures. */
	readonly registry: RegistryPort;
	/**
	 * A contract and its papers; without the registry as they were kept when it was made ready.
	 *
	 * @throws {FaultError} what `lookUp` throws; without the registry VOUCHER_MISSING, VOUCHER_EXPIRED, STATION_CLOCK_WRONG.
	 */
	contract(contractId: string): Promise<PreparedContract>;
	/** The agent, held to the hash and the signer that the registry named; without the registry the one that was kept. */
	agent(): Promise<AgentApk>;
	/**
	 * Makes the desk ready to bind this phone without network: lease, voucher, papers, agent.
	 *
	 * @throws {FaultError} what the registry or the disk refuses.
	 */
	prepare(unit: VoucherUnit, session: SessionView): Promise<FetchedVouchers>;
	/** Gives a voucher back, so that the contract is free for any desk. @throws {FaultError} */
	giveBack(contractId: string): Promise<void>;
	/** The phone of a contract is done, or given up: nothing of it stays here. Never rejects for a registry that is silent. */
	forget(contractId: string): Promise<void>;
	/** Delivers what can be delivered now. */
	deliver(): Promise<void>;
	/** Somebody signs out: delivers and gives back what can be, then deletes all but receipts that the registry has yet to get. */
	clear(): Promise<void>;
	close(): Promise<void>;
}

export interface RoadOptions {
	readonly address: RegistryAddress;
	readonly nowMs?: () => number;
}

/** @throws {FaultError} UNCLASSIFIED where the browser keeps nothing. */
export async function openRoad({ address, nowMs = () => Date.now() }: RoadOptions): Promise<DeskRoad> {
	const listeners = new Set<() => void>();
	const refused = new Map<string, Fault>();
	let needsSignIn = false;
	let shown: RoadView | undefined;
	const changed = () => {
		shown = undefined;
		for (const listener of [...listeners]) listener();
	};
	const database = await openDeskDatabase();
	const vouchers = await openVoucherBox(database, nowMs(), changed);
	for (const { contractId, expiresAtMs } of vouchers.all())
		if (expiresAtMs <= nowMs()) await database.remove("contracts", contractId);
	const receipts = await openReceiptBook(database, changed);
	const kept = await database.get("notes", "name");
	const name = kept?.key === "name" ? kept.name : `desk-${[...crypto.getRandomValues(new Uint8Array(6))].map(hex).join("")}`;
	await database.put("notes", { key: "name", name });

	const online = createRegistryClient({ ...address, station: name, crypto: nobleCrypto });
	// In the background nobody is sent to the sign-in page: a phone may be on the cable.
	const { session: _, ...anywhere } = address;
	const quiet: RegistryAddress = { ...anywhere, session: {} };
	const station = createStationClient({ ...address, station: name });
	const health = watchRegistry({ probe: createStationClient({ ...quiet, station: name }).ready, nowMs, pause });
	const off = () => health.suspect();
	globalThis.addEventListener("offline", off);
	const delivery = createDelivery({
		online: createRegistryClient({ ...quiet, station: name, crypto: nobleCrypto }),
		health,
		waiting: () => receipts.waiting(),
		delivered: (receipt) => receipts.delivered(receipt),
		async refused(receipt, why) {
			if (why.details?.reason === "UNAUTHORIZED") needsSignIn = true;
			else refused.set(receipt.enrollmentId, why);
			changed();
		},
		failed: (error) => console.error(error),
		pause,
	});
	health.onChange(changed);
	const registry = createVoucherRegistry({
		...{ online, health, station, vouchers, crypto: nobleCrypto, nowMs },
		async queueReceipt(receipt) {
			await receipts.queue(receipt);
			void delivery.deliver();
		},
	});

	async function keptContract(contractId: string): Promise<PreparedContract> {
		const found = await database.get("contracts", contractId);
		const voucher = vouchers.find(contractId);
		const contract = { contract: contractId };
		if (!voucher) throw faultError("VOUCHER_MISSING", { details: contract });
		if (isClockWrong(vouchers.all(), nowMs())) {
			throw faultError("STATION_CLOCK_WRONG", { details: { "this computer's time": new Date(nowMs()).toISOString() } });
		}
		if (voucher.expiresAtMs - nowMs() < VOUCHER_MARGIN_MS) {
			const details = { ...contract, "expires at": new Date(voucher.expiresAtMs).toISOString() };
			throw faultError("VOUCHER_EXPIRED", { details });
		}
		if (!found) throw faultError("VOUCHER_MISSING", { details: contract });
		return preparedOf(found.contract, found.papers);
	}

	async function keepAgent(): Promise<AgentApk> {
		const desk = createDeskClient(address, nobleCrypto);
		const facts = await desk.agentApkFacts();
		const found = await database.get("notes", "agent");
		const here = found?.key === "agent" && found.facts.sha256 === facts.sha256 ? found.bytes : undefined;
		const bytes = here ?? new Uint8Array(await desk.agentApkFile(facts));
		const apk = checked(bytes, facts.sha256, facts.signerSha256);
		if (!here) await database.put("notes", { key: "agent", facts, bytes });
		return apk;
	}

	async function giveBackSome(isMeant: (contractId: string) => boolean): Promise<Fault | undefined> {
		const all = () => vouchers.all().filter(({ contractId }) => isMeant(contractId));
		const contractIds = all().map(({ contractId }) => contractId);
		const isQueued = (contractId: string) => receipts.waiting().some((receipt) => receipt.contractId === contractId);
		const { stopped } = await giveBackVouchers({ station, store: { ...vouchers, all }, contractIds, isQueued });
		return stopped;
	}

	void delivery.deliver();
	const road: DeskRoad = {
		view() {
			shown ??= {
				network: health.status().state,
				vouchers: vouchers.all(),
				unfinished: receipts.all().map(({ contractId, enrollmentId, state }) => {
					const fault = refused.get(enrollmentId);
					return fault ? { contractId, state: "refused", fault } : { contractId, state };
				}),
				needsSignIn,
			};
			return shown;
		},
		onChange(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		registry,
		async contract(contractId) {
			try {
				return await whileUp(health, () => lookUp(address, contractId));
			} catch (error) {
				if (!isSilence(error)) throw error;
				return keptContract(contractId);
			}
		},
		async agent() {
			try {
				return await whileUp(health, keepAgent);
			} catch (error) {
				const found = isSilence(error) ? await database.get("notes", "agent") : undefined;
				if (found?.key !== "agent") throw error;
				return checked(found.bytes, found.facts.sha256, found.facts.signerSha256);
			}
		},
		async prepare(unit, session) {
			const { contract, papers } = await lookUp(address, unit.contractId);
			const fetched = await fetchVouchers({ registry: online, leases: station, units: [unit], store: vouchers, nowMs });
			if (fetched.ready === 0) return fetched;
			await database.put("contracts", { contractId: unit.contractId, contract, papers });
			await keepAgent();
			await database.put("notes", { key: "session", session });
			changed();
			return fetched;
		},
		async giveBack(contractId) {
			const stopped = await giveBackSome((each) => each === contractId);
			if (stopped) throw new FaultError(stopped);
			await database.remove("contracts", contractId);
			changed();
		},
		async forget(contractId) {
			await receipts.forget(contractId);
			if (!vouchers.find(contractId) && !(await database.get("contracts", contractId))) return;
			await vouchers.remove(contractId);
			await database.remove("contracts", contractId);
			changed();
			// Ends by itself where it cannot be said now.
			await station.releaseLease(contractId).catch(unlessFault);
		},
		deliver: () => delivery.deliver(),
		async clear() {
			await delivery.deliver();
			await giveBackSome(() => true);
			for (const { contractId } of vouchers.all()) await vouchers.remove(contractId);
			for (const { contractId } of await database.all("contracts")) await database.remove("contracts", contractId);
			for (const { contractId, state } of receipts.all()) if (state === "delivered") await receipts.forget(contractId);
			for (const key of ["agent", "session"]) await database.remove("notes", key);
		},
		async close() {
			globalThis.removeEventListener("offline", off);
			await delivery.close();
			health.close();
			database.close();
		},
	};
	return road;
}

/** @throws {FaultError} REGISTRY_UNTRUSTED, APK_WRONG_SIGNER and the like. */
function checked(bytes: Uint8Array, sha256: string, signerSha256: readonly string[]): AgentApk {
	const apk = agentApk(bytes, nobleCrypto);
	if (apk.sha256 !== sha256)
		throw faultError("REGISTRY_UNTRUSTED", { raw: "the agent's APK does not have the hash that was named" });
	checkAgentApk(apk, signerSha256.join());
	return apk;
}

const hex = (byte: number) => byte.toString(16).padStart(2, "0");

function unlessFault(error: unknown): void {
	if (!(error instanceof FaultError)) throw error;
}

/** Resolves after so many milliseconds, as soon as the signal is aborted, or when the network comes back. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const end = () => {
			clearTimeout(timer);
			signal.removeEventListener("abort", end);
			globalThis.removeEventListener("online", end);
			resolve();
		};
		const timer = setTimeout(end, milliseconds);
		signal.addEventListener("abort", end);
		globalThis.addEventListener("online", end);
	});
}
