import { PROMISED_TO_BORROWER } from "./borrower-invariants.ts";
import { type Invariant, levelOf } from "./edge-questions.ts";
import { PROMISED_TO_LENDER } from "./lender-invariants.ts";
import type { Edge, Phone } from "./walk.ts";

/** Every promise, each a question about one event. */
export const INVARIANTS: readonly Invariant[] = [...PROMISED_TO_BORROWER, ...PROMISED_TO_LENDER];

/** Every invariant was either silent, held, or broken: counted, and the first broken one is named. */
export class Monitor {
	readonly exercised = new Map<string, number>(INVARIANTS.map(({ id }) => [id, 0]));
	broken: { invariant: Invariant; how: string } | undefined;

	readonly witness = (edge: Edge): void => {
		if (this.broken) return;
		for (const invariant of INVARIANTS) {
			const verdict = invariant.holds(edge);
			if (verdict === undefined) continue;
			this.exercised.set(invariant.id, (this.exercised.get(invariant.id) ?? 0) + 1);
			if (verdict !== true) {
				this.broken = { invariant, how: verdict };
				return;
			}
		}
	};
}

/** Whether a phone is locked, and whether it is free for ever: for the ways out. */
export function isLockedPhone({ ledger }: Phone): boolean {
	return levelOf(ledger.lock.standing) > 0;
}
