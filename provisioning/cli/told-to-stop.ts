/** Aborted by SIGINT or SIGTERM. The second one ends the program at once. */
export function toldToStop(): AbortSignal {
	const ending = new AbortController();
	process.once("SIGINT", () => ending.abort());
	process.once("SIGTERM", () => ending.abort());
	return ending.signal;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
}
