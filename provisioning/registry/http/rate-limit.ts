import { type Refusal, refusal } from "../refusal.ts";

/** Callers that are remembered. Beyond that the longest silent are forgotten. */
const MAX_CALLERS = 10_000;

/** Whether a caller may ask now; asking counts, being refused does not: whoever asks too often still gets what the rate allows. */
export interface RateLimit {
	(caller: string): boolean;
	/** How long the caller has to wait until the next question is answered, in whole seconds. */
	secondsToWait(caller: string): number;
}

/**
 * A token bucket for each caller, in this process only.
 *
 * @param nowMs a clock that never goes back.
 */
export function createRateLimit(options: {
	readonly burst: number;
	readonly perMinute: number;
	readonly nowMs: () => number;
}): RateLimit {
	const { burst, perMinute, nowMs } = options;
	const buckets = new Map<string, { tokens: number; at: number }>();
	const tokensOf = (caller: string, now: number) => {
		const known = buckets.get(caller);
		return known ? Math.min(burst, known.tokens + ((now - known.at) / 60_000) * perMinute) : burst;
	};
	const mayAsk = (caller: string) => {
		const now = nowMs();
		const tokens = tokensOf(caller, now);
		putLast(buckets, caller, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
		return tokens >= 1;
	};
	const secondsToWait = (caller: string) => {
		const seconds = ((1 - tokensOf(caller, nowMs())) / perMinute) * 60;
		return Math.max(1, Math.ceil(seconds - 1e-6)); // a rounding error is no second
	};
	return Object.assign(mayAsk, { secondsToWait });
}

/** Remembers something of a caller, and forgets who has been silent for longest where there are too many. */
export function putLast<Value>(byCaller: Map<string, Value>, caller: string, value: Value): void {
	byCaller.delete(caller); // put back last: the order of a map is the order of silence
	if (byCaller.size >= MAX_CALLERS) {
		for (const oldest of byCaller.keys()) {
			byCaller.delete(oldest);
			break;
		}
	}
	byCaller.set(caller, value);
}

/** How a caller is told to wait. */
export function tooMany(seconds: number): Refusal {
	return refusal(
		"RATE_LIMITED",
		"Too many questions at once.",
		seconds <= 60 ? "Wait a minute, then try again." : `Try again in ${Math.ceil(seconds / 60)} minutes.`,
		{ retryAfterSeconds: String(seconds) },
	);
}
