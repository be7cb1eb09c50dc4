import type { ContractRecord, Ledger } from "./ledger.ts";
import type { Agreement } from "./terms.ts";

/** A bound phone: its memory, its contract, and what was agreed. What every question of policy is asked about. */
export interface Situation extends Agreement {
	readonly ledger: Ledger;
	readonly contract: ContractRecord;
}
