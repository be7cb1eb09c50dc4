import type { wire } from "../../proto/wire.ts";
import type { SymbolicLender } from "./lender.ts";
import type { Phone, Walk } from "./walk.ts";

/** The numbers of the promises in a world, written down from its terms and place by hand. */
export interface Promised {
	/** F3. */
	readonly graceSeconds: number;
	readonly firstNoticePastDueSeconds: number;
	readonly notices: number;
	readonly channels: number;
	/** Powered-on time after the n-th notice, to the next one or to the lock. */
	readonly spacingMs: readonly number[];
	readonly noticesTotalMs: number;
	/** F4. */
	readonly highest: wire.RestrictionLevel;
	readonly dwellMs: number;
	/** F5. 0 = no offline lock. */
	readonly offlineMs: number;
	readonly shortestWarningSeconds: number;
	/** F13. */
	readonly passes: number;
	readonly passMs: number;
	/** F14: hours without a new lock, UTC minutes. */
	readonly quiet: { readonly startMinute: number; readonly endMinute: number } | undefined;
	/** F16. */
	readonly finalDueUnixSeconds: number;
	readonly deadLenderSeconds: number;
	readonly unconfirmedMs: number;
}

/** Who can make a move, for the question of the ways out. */
export type Mover = "time" | "borrower" | "lender" | "adversary";

export interface Move {
	/** One line of a story. */
	readonly says: string;
	readonly by: Mover;
	/** A borrower who pays and is online can make it happen, or it happens by itself. */
	readonly wayOut?: true;
	/** Even with no server at all. */
	readonly wayOutAlone?: true;
	/** Whether there is anything to be moved: an answer that nobody has cannot arrive. */
	can?(phone: Phone): boolean;
	make(walk: Walk): void;
}

/** A small world: one configuration of terms, budgets and messages, and what may happen in it. */
export interface World {
	readonly name: string;
	readonly about: string;
	readonly lender: SymbolicLender;
	readonly promise: Promised;
	/** Beyond this trusted time, seconds after the epoch of the world, nothing in it compares times any more. */
	readonly horizonSeconds: number;
	/** Ages of notices beyond this are alike. */
	readonly noticeAgeMs: number;
	/** Every paid-until that anything in it names, seconds since 1970. */
	readonly paidUntils: readonly number[];
	/** Lock warnings count toward a lock by order, whatever was paid since. */
	readonly warningsLast: boolean;
	/** Time of day matters. */
	readonly hasQuietHours: boolean;
	/** The second memory is part of the state. */
	readonly hasAnchor: boolean;
	readonly moves: readonly Move[];
	/** States from which the search begins. */
	start(walk: Walk): void;
	/** Invariants that this world must exercise. */
	readonly exercises: readonly string[];
}
