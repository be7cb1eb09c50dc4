import type { Transaction } from "kysely";

import type { Crypto } from "../../proto/crypto.ts";
import type { SecondPerson } from "./access/second-person.ts";
import type { AttestationStore } from "./attestation/store.ts";
import type { CheckInStore } from "./check-in/check-in-store.ts";
import type { RegistryClock } from "./clock-file.ts";
import { sqlState } from "./database/connection-errors.ts";
import type { RegistryDatabase } from "./database/database.ts";
import type { Tables } from "./database/schema.ts";
import type { FleetWatch } from "./fleet/fleet-watch.ts";
import type { LenderKeys } from "./keys/lender-keys.ts";
import type { Observer } from "./operations/observer.ts";

/** What every part of the registry works with. */
export interface RegistryContext {
	readonly database: RegistryDatabase;
	readonly keys: LenderKeys;
	readonly clock: RegistryClock;
	/** Milliseconds of a clock that never goes back, since no matter when: for how often somebody asks. */
	monotonicMs(): number;
	readonly crypto: Crypto;
	/** Who asks, for the audit log: `admin`, `person/<id>`, `program/<id>`, or `registry` where it acts of itself. */
	readonly actor: string;
	/** Base URL that phones check in at, for terms that name none. */
	publicUrl(): string;
	/** The lender's payment feed is stale: no phone is locked for being overdue on the strength of it (F5). */
	isPaymentFeedStale(): Promise<boolean>;
	/** What concerns all phones together, as every registry on this database knows it. */
	readonly fleet: FleetWatch;
	/** Check-ins of many phones, read and written together. */
	readonly checkIns: CheckInStore;
	/** By what attestation chains are judged. */
	readonly attestation: AttestationStore;
	/** Whoever times what check-ins are made of. */
	readonly observer?: Observer | undefined;
	/** This server is about to stop: whoever spreads the load should send nothing more. */
	readonly isDraining?: (() => boolean) | undefined;
	/** How a second person agrees; without it nobody can. */
	readonly secondPerson?: SecondPerson | undefined;
}

export function nowSeconds(context: Pick<RegistryContext, "clock">): number {
	return Math.floor(context.clock.nowMs() / 1000);
}

/** Attempts at a transaction that PostgreSQL broke off for another one's sake. */
const ATTEMPTS = 4;

/** Runs work in one transaction, again when PostgreSQL broke it off to end a deadlock. */
export async function inTransaction<Value>(
	context: RegistryContext,
	work: (transaction: Transaction<Tables>) => Promise<Value>,
): Promise<Value> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return await context.database.kysely.transaction().execute(work);
		} catch (error) {
			// 40P01 deadlock_detected, 40001 serialization_failure (distributed PostgreSQL gives it at any isolation level)
			if (attempt >= ATTEMPTS || !["40P01", "40001"].includes(sqlState(error) ?? "")) throw error;
		}
	}
}
