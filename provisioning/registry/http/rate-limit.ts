/** Callers that are remembered. Beyond that the longest silent are forgotten. */
const MAX_CALLERS = 10_000;

/**
 * A token bucket for each caller, in this process only.
 *
 * @param nowMs a clock that never goes back.
 */
export function createRateLimit(options: {
	readonly burst: number;
	readonly perMinute: number;
	readonly nowMs: () => number;
}): (caller: string) => boolean {
	const { burst, perMinute, nowMs } = options;
	const buckets = new Map<string, { tokens: number; at: number }>();
	return (caller) => {
		const now = nowMs();
		const known = buckets.get(caller);
		const tokens = known ? Math.min(burst, known.tokens + ((now - known.at) / 60_000) * perMinute) : burst;
		buckets.delete(caller); // put back last: the order of a map is the order of silence
		if (buckets.size >= MAX_CALLERS) {
			for (const oldest of buckets.keys()) {
				buckets.delete(oldest);
				break;
			}
		}
		buckets.set(caller, { tokens: Math.max(0, tokens - 1), at: now });
		return tokens >= 1;
	};
}
