import type { Fixer } from "./fault-codes.ts";

/** What is always true of a fault, whatever the phone said. The words are for a shop clerk with the phone in hand. */
export interface FaultEntry {
	/** What happened and what it means for the phone in hand. */
	readonly meaning: string;
	/** One action first. */
	readonly remedy: string;
	readonly fixer: Fixer;
	/** Doing the same again, after a pause and with nobody touching the phone or nothing but its cable, may end otherwise. */
	readonly retryCanHelp: boolean;
	/** Id of the picture that shows the remedy. */
	readonly picture?: string;
}
