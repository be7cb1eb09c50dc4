import { FaultError, faultError } from "../handset/fault.ts";

/** Between two looks while the registry answers, in milliseconds. */
const WATCH_MS = 15_000;
/** Between two looks while it does not: twice as long each time. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

/** Whether the registry answers, and since when that is so, by this computer's clock. */
export interface RegistryStatus {
	readonly state: "up" | "down";
	readonly sinceMs: number;
}

/** Watches the registry in the background, so that nobody waits for one that is known to be down. */
export interface RegistryHealth {
	status(): RegistryStatus;
	/** A call got no answer: look at once. Only a look that fails as well calls the registry down. */
	suspect(): void;
	/** Calls back when it goes down or comes back. Returns how to stop it. */
	onChange(listener: (status: RegistryStatus) => void): () => void;
	close(): void;
}

export interface RegistryHealthOptions {
	/** One look, with a deadline of its own: resolves if the registry and its database answer. */
	probe(): Promise<void>;
	nowMs(): number;
	/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
	pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Starts to watch. Until the first look has failed the registry counts as up. */
export function watchRegistry({ probe, nowMs, pause }: RegistryHealthOptions): RegistryHealth {
	let status: RegistryStatus = { state: "up", sinceMs: nowMs() };
	let suspicions = 0;
	let isClosed = false;
	let wake = new AbortController();
	const listeners = new Set<(status: RegistryStatus) => void>();

	function become(state: RegistryStatus["state"]): void {
		if (isClosed || status.state === state) return;
		status = { state, sinceMs: nowMs() };
		for (const listener of [...listeners]) listener(status);
	}

	async function watch(): Promise<void> {
		let failures = 0;
		while (!isClosed) {
			const before = suspicions;
			wake = new AbortController();
			const answers = await probe().then(
				() => true,
				() => false,
			);
			become(answers ? "up" : "down");
			failures = answers ? 0 : failures + 1;
			// A call failed after this look began: what it saw may be out of date.
			if (answers && suspicions !== before) continue;
			const waitMs = answers ? WATCH_MS : Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 16), LONGEST_RETRY_MS);
			await pause(waitMs, wake.signal);
		}
	}
	void watch();

	return {
		status: () => status,
		suspect() {
			suspicions += 1;
			// While it is down the looks keep their own pace.
			if (status.state === "up") wake.abort();
		},
		onChange(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		close() {
			isClosed = true;
			wake.abort();
			listeners.clear();
		},
	};
}

/** No answer at all. An answer that says that the registry made a mistake is one: it is there, and a voucher would hide it. */
export function isSilence(error: unknown): boolean {
	return error instanceof FaultError && error.fault.code === "REGISTRY_UNREACHABLE" && error.fault.details?.reason !== "INTERNAL";
}

/** Asks the registry, for as long as it is not known to be down. @throws {FaultError} REGISTRY_UNREACHABLE, and what the call throws. */
export async function whileUp<Value>(health: RegistryHealth, call: () => Promise<Value>): Promise<Value> {
	if (health.status().state === "down") throw unreachable();
	let forget = () => {};
	const down = new Promise<never>((_, reject) => {
		forget = health.onChange(({ state }) => state === "down" && reject(unreachable()));
	});
	try {
		return await Promise.race([call(), down]);
	} catch (error) {
		if (isSilence(error)) health.suspect();
		throw error;
	} finally {
		forget();
	}
}

function unreachable(): FaultError {
	return faultError("REGISTRY_UNREACHABLE", { raw: "the registry is known to be down" });
}
