/**
 * Pauses after each failed attempt, in seconds: Standard Webhooks' own schedule. With the first attempt they make ten in a little more
 * than three days.
 */
export const RETRY_SECONDS = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600] as const;
/** For how long an endpoint is left alone that can take nothing now, by how often in a row that was so. */
const QUIET_SECONDS = [5, 15, 60, 300] as const;
/** The longest pause that an endpoint may ask for. */
const LONGEST_ASKED_SECONDS = 24 * 3600;
/** What failed together does not come back together. */
const JITTER = 0.2;

/** @param attempts made until now, at least 1. @param random 0 to 1. @returns `undefined`: no attempt more. */
export function retryPause(attempts: number, random: number): number | undefined {
	const pause = RETRY_SECONDS[attempts - 1];
	return pause === undefined ? undefined : spread(pause, random);
}

/** @param failures in a row, at least 1. */
export function quietPause(failures: number, random: number, askedSeconds = 0): number {
	const pause = QUIET_SECONDS[Math.min(failures, QUIET_SECONDS.length) - 1] ?? 0;
	return Math.max(spread(pause, random), Math.min(askedSeconds, LONGEST_ASKED_SECONDS));
}

function spread(seconds: number, random: number): number {
	return Math.ceil(seconds * (1 + JITTER * (2 * random - 1)));
}
