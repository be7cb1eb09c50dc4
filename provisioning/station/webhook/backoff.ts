const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** A message is given up this long after it was queued. */
export const GIVE_UP_MS = 72 * HOUR;
const FIRST_PAUSE_MS = 5 * SECOND;
/** Longest pause of a message that the ERP refuses by itself. */
const LONGEST_PAUSE_MS = 4 * HOUR;
/** Longest pause while the ERP cannot be reached at all: one small request in a quarter of an hour, and the queue is soon gone again. */
const LONGEST_OUTAGE_PAUSE_MS = 15 * 60 * SECOND;
/** Longest pause that the ERP may ask for. */
const LONGEST_RETRY_AFTER_MS = 6 * HOUR;

/**
 * Pause after so many failures in a row, 1 or more: 5 seconds, doubled each time, up to `kind`'s longest; a fifth shorter or longer by
 * chance, so that stations that lost the ERP together do not come back together.
 *
 * @param chance 0 to 1.
 */
export function pauseMs(failures: number, kind: "message" | "outage", chance: number): number {
	const longest = kind === "message" ? LONGEST_PAUSE_MS : LONGEST_OUTAGE_PAUSE_MS;
	const plain = Math.min(longest, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
	return Math.round(plain * (0.8 + 0.4 * chance));
}

/** What the ERP asked for with Retry-After, within reason. */
export function askedPauseMs(retryAfterMs: number | undefined): number {
	return Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs ?? 0);
}
