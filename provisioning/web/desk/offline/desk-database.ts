import { faultError } from "../../../handset/fault.ts";
import type { SessionView } from "../../../registry/access/access-request.ts";
import type { Contract } from "../../../registry/api.ts";
import type { Papers } from "../../../registry/clients/desk-client.ts";
import type { AgentApkFacts } from "../../../registry/enrollment/desk-request.ts";
import type { Voucher } from "../../../vouchers/voucher.ts";
import type { QueuedReceipt } from "../../../vouchers/voucher-registry.ts";
import { within } from "../../../vouchers/within.ts";

const NAME = "holdfast-desk";
/** A higher one gains the stores that it lacks. None is ever emptied: a receipt that waits for the registry is the only proof of its phone. */
const VERSION = 1;
/** A browser's disk that has not answered by then is taken for broken. Milliseconds. */
const DEADLINE_MS = 10_000;

/** A voucher, and its text, which holds the phone's code key. The text of one that has ended is "". */
export interface KeptVoucher {
	readonly contractId: string;
	readonly voucher: Voucher;
	readonly text: string;
}

/** A receipt on its way to the registry, or, once it is there, what is left to do with its phone. */
export interface KeptReceipt extends QueuedReceipt {
	/** Place in the queue: they are delivered in the order in which the phones gave them. */
	readonly order: number;
	/** `delivered`: the registry has it, and receipt and evidence are "" from then on. */
	readonly state: "waiting" | "delivered";
}

/** What the desk shows of a contract, and what its phone is given. */
export interface KeptContract {
	readonly contractId: string;
	readonly contract: Contract;
	readonly papers: Papers;
}

/** The agent as the registry handed it out. Held to its hash and signer each time that it is read. */
export interface KeptAgent {
	readonly key: "agent";
	readonly facts: AgentApkFacts;
	readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Who made this desk ready for work without network. */
export interface KeptSession {
	readonly key: "session";
	readonly session: SessionView;
}

/** The name by which the registry knows this browser when it lends it contracts. */
export interface KeptName {
	readonly key: "name";
	readonly name: string;
}

interface Records {
	readonly vouchers: KeptVoucher;
	readonly receipts: KeptReceipt;
	readonly contracts: KeptContract;
	readonly notes: KeptAgent | KeptSession | KeptName;
}

const KEY_PATHS: Readonly<Record<keyof Records, string>> = {
	vouchers: "contractId",
	receipts: "enrollmentId",
	contracts: "contractId",
	notes: "key",
};

/** What this browser keeps for the desk. Each write is on the disk when its promise resolves. */
export interface DeskDatabase {
	all<Name extends keyof Records>(store: Name): Promise<Records[Name][]>;
	get<Name extends keyof Records>(store: Name, key: string): Promise<Records[Name] | undefined>;
	/** @throws {FaultError} STATION_DISK_FULL, UNCLASSIFIED. */
	put<Name extends keyof Records>(store: Name, record: Records[Name]): Promise<void>;
	remove(store: keyof Records, key: string): Promise<void>;
	close(): void;
}

/** @throws {FaultError} UNCLASSIFIED where the browser keeps nothing. */
export async function openDeskDatabase(factory: IDBFactory = indexedDB): Promise<DeskDatabase> {
	const database = await new Promise<IDBDatabase>((resolve, reject) => {
		const request = factory.open(NAME, VERSION);
		request.onupgradeneeded = () => {
			for (const [name, keyPath] of Object.entries(KEY_PATHS)) {
				if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, { keyPath });
			}
		};
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(explained(request.error));
		request.onblocked = () => reject(explained(new Error("another tab holds an older version")));
	});
	// A newer page in another tab wants to change the shape.
	database.onversionchange = () => database.close();

	const run = <Result>(store: keyof Records, mode: IDBTransactionMode, ask: (on: IDBObjectStore) => IDBRequest<Result>) => {
		const working = new Promise<Result>((resolve, reject) => {
			try {
				const transaction = database.transaction(store, mode, { durability: "strict" });
				const request = ask(transaction.objectStore(store));
				transaction.oncomplete = () => resolve(request.result);
				transaction.onabort = () => reject(explained(transaction.error));
			} catch (error) {
				reject(explained(error));
			}
		});
		return within(DEADLINE_MS, working, () => faultError("UNCLASSIFIED", { raw: "this browser's storage does not answer" }));
	};
	return {
		all: (store) => run(store, "readonly", (on) => on.getAll()),
		get: (store, key) => run(store, "readonly", (on) => on.get(key)),
		put: async (store, record) => void (await run(store, "readwrite", (on) => on.put(record))),
		remove: async (store, key) => void (await run(store, "readwrite", (on) => on.delete(key))),
		close: () => database.close(),
	};
}

function explained(error: unknown) {
	const name = error instanceof Error ? error.name : "";
	if (name === "QuotaExceededError") return faultError("STATION_DISK_FULL", {}, { cause: error });
	return faultError("UNCLASSIFIED", { raw: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
