import type { WebhookClock } from "../../../../provisioning/station/webhook/deliver.ts";

/** A clock that stands still until it is told to go on. */
export interface VirtualTime extends WebhookClock {
	/** Goes on to each timer in turn, and waits each time until what it started has come to its end. */
	pass(milliseconds: number, settled: () => Promise<void>): Promise<void>;
}

export function virtualTime(startMs: number): VirtualTime {
	let nowMs = startMs;
	const timers = new Map<symbol, { atMs: number; callback: () => void }>();
	return {
		nowMs: () => nowMs,
		after(milliseconds, callback) {
			const key = Symbol();
			timers.set(key, { atMs: nowMs + milliseconds, callback });
			return () => timers.delete(key);
		},
		async pass(milliseconds, settled) {
			const endMs = nowMs + milliseconds;
			await settled();
			for (;;) {
				const [next] = [...timers].filter(([, { atMs }]) => atMs <= endMs).sort(([, a], [, b]) => a.atMs - b.atMs);
				if (!next) break;
				timers.delete(next[0]);
				nowMs = Math.max(nowMs, next[1].atMs);
				next[1].callback();
				await settled();
			}
			nowMs = endMs;
		},
	};
}
