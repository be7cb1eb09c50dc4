import type { ContactRecord, OpenCheckIn } from "./ledger.ts";

/**
 * Length of a prepaid tick, P: each is charged, and the charge is on disk, before its time is used. So use never exceeds
 * the charge, however often the power is cut, and each boot overcharges by less than P.
 */
export const TICK_MS = 5 * 60 * 1000;

/** A boot began, of which nothing was paid yet from this many milliseconds on. What was prepaid before it is lost. */
export function beginSession(contact: ContactRecord, fromElapsedMs: number): ContactRecord {
	return { ...contact, prepaidUntilElapsedMs: fromElapsedMs };
}

/** Charges whole ticks until the present moment is paid for. */
export function chargeUntil(contact: ContactRecord, elapsedMs: number): ContactRecord {
	const unpaidMs = elapsedMs - contact.prepaidUntilElapsedMs;
	if (unpaidMs < 0) return contact;
	const ticksMs = (Math.floor(unpaidMs / TICK_MS) + 1) * TICK_MS;
	return {
		...contact,
		// A sum beyond any budget is as good as any other; this one stays exact.
		chargedMs: Math.min(contact.chargedMs + ticksMs, Number.MAX_SAFE_INTEGER / 8),
		prepaidUntilElapsedMs: contact.prepaidUntilElapsedMs + ticksMs,
	};
}

/** What was really spent of the charge: the rest of the tick in use is not. */
export function spentMs(contact: ContactRecord, elapsedMs: number): number {
	return Math.max(0, contact.chargedMs - Math.max(0, contact.prepaidUntilElapsedMs - elapsedMs));
}

/**
 * Contact: what was spent before the check-in was made comes back. What was spent since does not: an answer proves
 * contact after the question was asked, not at the time it is delivered, so that holding answers back gains nothing.
 */
export function refill(contact: ContactRecord, answered: Pick<OpenCheckIn, "spentMs">): ContactRecord {
	return { ...contact, chargedMs: Math.max(0, contact.chargedMs - answered.spentMs) };
}

/** Charges the budget down to what is left of it, if more is left. */
export function chargeAllBut(contact: ContactRecord, budgetSeconds: number, leftMs: number): ContactRecord {
	return { ...contact, chargedMs: Math.max(contact.chargedMs, budgetSeconds * 1000 - leftMs) };
}

/** Whether the tick that pays for the present moment no longer fits in the budget. A budget of 0 is none. */
export function isBudgetSpent(contact: ContactRecord, budgetSeconds: number): boolean {
	return budgetSeconds > 0 && contact.chargedMs > budgetSeconds * 1000;
}

/** Powered-on milliseconds that are left. */
export function remainingMs(contact: ContactRecord, budgetSeconds: number, elapsedMs: number): number {
	return Math.max(0, budgetSeconds * 1000 - spentMs(contact, elapsedMs));
}
