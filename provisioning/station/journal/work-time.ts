import type { RunState } from "./batch-state.ts";

/** A pause longer than this between runs, milliseconds, is a break and not work: lunch, a change of shift, a power cut. */
const LONGEST_PAUSE_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;

interface Span {
	readonly fromMs: number;
	readonly toMs: number;
}

/**
 * Passes per hour over the last hour of work, or over all of it while that is less. Work is when runs are under way, and the pauses
 * between them up to five minutes. A run lasts as long as it says: the line that ends an interrupted run is as late as the restart.
 *
 * @param nowMs by the clock that dated the lines.
 * @returns `null` while there was no work.
 */
export function passesPerHour(runs: Iterable<RunState>, nowMs: number): number | null {
	const all: (Span & { readonly isPass: boolean })[] = [];
	for (const { startedAtMs, end } of runs) {
		const toMs = end ? startedAtMs + end.milliseconds : nowMs;
		all.push({ fromMs: startedAtMs, toMs: Math.max(startedAtMs, toMs), isPass: end?.verdict === "pass" });
	}
	const spans = merged(all, nowMs);
	let left = HOUR_MS;
	let from = Number.POSITIVE_INFINITY;
	for (const { fromMs, toMs } of spans.reverse()) {
		from = Math.max(fromMs, toMs - left);
		left -= toMs - from;
		if (left <= 0) break;
	}
	const worked = HOUR_MS - left;
	if (worked <= 0) return null;
	return all.filter(({ isPass, toMs }) => isPass && toMs >= from).length / (worked / HOUR_MS);
}

/** Spans of work in order of time, with short pauses filled, also the one that lasts. */
function merged(spans: readonly Span[], nowMs: number): Span[] {
	const result: { fromMs: number; toMs: number }[] = [];
	for (const { fromMs, toMs } of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
		const last = result.at(-1);
		if (last && fromMs - last.toMs <= LONGEST_PAUSE_MS) last.toMs = Math.max(last.toMs, toMs);
		else result.push({ fromMs, toMs });
	}
	const last = result.at(-1);
	if (last && nowMs > last.toMs && nowMs - last.toMs <= LONGEST_PAUSE_MS) last.toMs = nowMs;
	return result;
}
