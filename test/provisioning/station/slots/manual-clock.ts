/** Time that a test moves. Who waits goes on in the order of their times. */
export function manualClock() {
	let nowMs = 0;
	let waiting: { atMs: number; wake: () => void }[] = [];
	return {
		nowMs: () => nowMs,
		pause: (milliseconds: number) =>
			new Promise<void>((wake) => {
				waiting.push({ atMs: nowMs + milliseconds, wake });
			}),
		get waiting() {
			return waiting.length;
		},
		/** Lets time pass, and everybody do what they do then. */
		async advance(milliseconds: number) {
			const end = nowMs + milliseconds;
			await settled();
			while (true) {
				const next = waiting.filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
				if (next === undefined) break;
				waiting = waiting.filter((each) => each !== next);
				nowMs = next.atMs;
				next.wake();
				await settled();
			}
			nowMs = end;
		},
	};
}

/** Lets every promise that can go on do so. */
export function settled(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
