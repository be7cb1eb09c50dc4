import type { Crypto } from "../../proto/crypto.ts";
import type { wire } from "../../proto/wire.ts";
import type { Ledger, RecordEntry } from "../policy/ledger.ts";
import type { StandingRule } from "../policy/machine.ts";
import type { Agreement } from "../policy/terms.ts";
import type { Fault } from "./faults.ts";

/** What the daemon works with, the same for every event. */
export interface Tools {
	readonly crypto: Crypto;
	readonly standingAfter: StandingRule;
	/** What the contract in a ledger says; `undefined` without a contract, or if its terms are none that are known. */
	agreementOf(ledger: Ledger): Agreement | undefined;
}

/** What an event led to, besides what follows from the ledger. */
export interface Turn {
	readonly ledger: Ledger;
	readonly faults?: readonly Fault[];
	readonly cableReply?: wire.CableReply.$Properties;
	readonly answer?: wire.BorrowerAnswer.$Properties;
	/** Decisions of this event, with what moved them. */
	readonly record?: readonly RecordEntry[];
	/** A signed RecordCheckpoint. */
	readonly checkpoint?: Uint8Array;
}
