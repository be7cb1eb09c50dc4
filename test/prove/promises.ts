/** What became of an order. */
export type Answer = "ACCEPTED" | "REFUSED" | "BELOW_FLOOR";
/** Nothing, LIMITED, FULL. */
export type Level = 0 | 1 | 2;
export type HoldName = "DISPUTE" | "PROMISE" | "DISASTER" | "CLEARING";

/** What an order says. Times in seconds. */
export interface Wish {
	readonly action: "extend" | "restrict" | "restore" | "notice" | "hold" | "window" | "release";
	/** Who signed: command, release, heartbeat, enroll. */
	readonly role: "C" | "R" | "H" | "E";
	readonly sequence: number;
	readonly issued: number;
	readonly expires: number;
	/** Of a restriction. */
	readonly level: 1 | 2;
	/** It restricts because of the debt. */
	readonly debt: boolean;
	/** Its reason is one that a lender may restrict for. */
	readonly fair: boolean;
	/** Paid until, or held until. */
	readonly until: number;
	readonly hold: HoldName;
}

/** The numbers of the terms and of the place. Durations in seconds. */
export interface Promised {
	readonly grace: number;
	readonly dwell: number;
	readonly cap: Level;
	readonly budget: number;
	readonly lastWarning: number;
	readonly offlineLevel: Level;
	/** In a year. */
	readonly passes: number;
	readonly pass: number;
	readonly notices: number;
	readonly spacing: number;
	readonly total: number;
	/** Channels that must have carried a notice. */
	readonly ways: number;
	readonly warningLife: number;
	readonly dead: number;
	readonly unconfirmed: number;
	/** When the last instalment is due. */
	readonly finalDue: number;
	/** Seconds after midnight; no quiet hours if both are the same. */
	readonly quietFrom: number;
	readonly quietTo: number;
	/** When the command key ends. */
	readonly commandEnds: number;
}
