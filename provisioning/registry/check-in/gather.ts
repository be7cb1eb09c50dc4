import type { QueueWatch, Turn } from "../operations/observer.ts";

/** How what is asked at the same time is put together. */
export interface GatherOptions<Asked, Answer> {
	/** Answers all of them at once, in their order. One that fails for a single one of them is called again with fewer. */
	run(asked: readonly Asked[]): Promise<readonly Answer[]>;
	/** How many go together at most. */
	readonly most: number;
	/** How many runs may be under way. */
	readonly atOnce: number;
	/**
	 * Milliseconds from one run's start to the next one's, unless a full run waits: a few large runs cost less than many small ones, and
	 * whoever comes after a silence waits for none. Default: 0.
	 */
	readonly everyMs?: number;
	/** How many may wait; more are refused by {@link Full}. */
	readonly waiting: number;
	/** Two of one key never go together. Default: whatever is asked. */
	keyOf?(asked: Asked): string;
	/** Whether what a run failed with may be one question's fault. Otherwise all of the run fail with it at once. Default: always. */
	isOfOne?(error: unknown): boolean;
	readonly watch?: QueueWatch | undefined;
}

/** More wait already than can be answered in time. */
export class Full extends Error {
	override readonly name = "Full";
}

interface Entry<Asked, Answer> {
	readonly asked: Asked;
	readonly resolve: (answer: Answer) => void;
	readonly reject: (error: unknown) => void;
	/** `performance.now()` */
	readonly queuedAtMs: number;
	readonly onTurn: ((turn: Turn) => void) | undefined;
}

/**
 * Gathers questions into few runs: whoever asks while a run is under way goes into the next one. On a machine at rest each is a run of
 * its own, without a delay; on a busy one a run costs its fixed part (a round trip, a commit) once for many.
 *
 * A run that fails is halved until only what made it fail is left: nobody's question is refused for a stranger's.
 *
 * @returns asks. Rejects with what the run failed with, or with {@link Full}.
 */
export function gather<Asked, Answer>({
	run,
	most,
	atOnce,
	everyMs = 0,
	waiting: mostWaiting,
	keyOf,
	isOfOne = () => true,
	watch,
}: GatherOptions<Asked, Answer>): (asked: Asked, onTurn?: (turn: Turn) => void) => Promise<Answer> {
	let waiting: Entry<Asked, Answer>[] = [];
	let underWay = 0;
	let isScheduled = false;
	let lastStartMs = Number.NEGATIVE_INFINITY;
	let isPaused = false;

	function schedule(): void {
		if (isScheduled || waiting.length === 0 || underWay >= atOnce) return;
		const earlyMs = lastStartMs + everyMs - performance.now();
		if (earlyMs > 0 && waiting.length < most) {
			if (!isPaused) setTimeout(resume, earlyMs);
			isPaused = true;
			return;
		}
		isScheduled = true;
		// After what this turn of the loop has still to read, so that it goes along.
		setImmediate(() => {
			isScheduled = false;
			const entries = take();
			underWay += 1;
			const startedAtMs = performance.now();
			lastStartMs = startedAtMs;
			watch?.waiting(waiting.length);
			for (const { onTurn, queuedAtMs } of entries) onTurn?.({ queuedAtMs, startedAtMs, together: entries.length });
			void settle(entries).finally(() => {
				underWay -= 1;
				const waitedMs = startedAtMs - (entries[0]?.queuedAtMs ?? startedAtMs);
				watch?.ran(entries.length, waitedMs, performance.now() - startedAtMs);
				schedule();
			});
			schedule();
		});
	}

	function resume(): void {
		isPaused = false;
		schedule();
	}

	function take(): Entry<Asked, Answer>[] {
		if (!keyOf) return waiting.splice(0, most);
		const keys = new Set<string>();
		const taken: Entry<Asked, Answer>[] = [];
		const left: Entry<Asked, Answer>[] = [];
		for (const entry of waiting) {
			const key = keyOf(entry.asked);
			if (taken.length === most || keys.has(key)) left.push(entry);
			else taken.push(entry);
			keys.add(key);
		}
		waiting = left;
		return taken;
	}

	async function settle(entries: readonly Entry<Asked, Answer>[]): Promise<void> {
		try {
			const answers = await run(entries.map(({ asked }) => asked));
			if (answers.length !== entries.length) throw new Error(`${answers.length} answers to ${entries.length} questions`);
			for (const [index, answer] of answers.entries()) entries[index]?.resolve(answer);
		} catch (error) {
			if (entries.length === 1 || !isOfOne(error)) {
				for (const { reject } of entries) reject(error);
				return;
			}
			const half = Math.ceil(entries.length / 2);
			await settle(entries.slice(0, half));
			await settle(entries.slice(half));
		}
	}

	return (asked, onTurn) =>
		new Promise((resolve, reject) => {
			if (waiting.length >= mostWaiting) return reject(new Full(`${mostWaiting} wait already`));
			waiting.push({ asked, resolve, reject, queuedAtMs: performance.now(), onTurn });
			watch?.waiting(waiting.length);
			schedule();
		});
}
