/** Parts of a check-in that are timed by themselves. Closed, so that nothing personal can be the name of one. */
export type Phase = "read" | "verify" | "record" | "sign";

/** How one question went through a queue. Milliseconds of `performance.now()`. */
export interface Turn {
	readonly queuedAtMs: number;
	/** It left the queue, and went to the database. */
	readonly startedAtMs: number;
	/** How many went together. */
	readonly together: number;
}

/** Whoever times what an answer is made of. Costs nothing where there is none. */
export interface Observer {
	/** Does the work, and notes how long it took. @param work is told where to say how it went through a queue. */
	phase<Value>(name: Phase, work: (onTurn?: (turn: Turn) => void) => Value | Promise<Value>): Value | Promise<Value>;
	/** What a phone made of an order. @param rule in the phone's own words. */
	outcome(result: string, rule: string): void;
}

export const UNOBSERVED: Observer = { phase: (_name, work) => work(), outcome: () => undefined };

/** Where check-ins wait for the database: to be read, to be written, or to know that what was written before is durable. */
export type CheckInQueue = "read" | "record" | "confirm";

/** Whoever watches a queue of questions. */
export interface QueueWatch {
	/** How many wait now. */
	waiting(count: number): void;
	/** A run ended: how many went together, how long the first of them had waited, how long it took. */
	ran(together: number, waitedMs: number, tookMs: number): void;
}
