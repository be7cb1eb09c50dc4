/** What somebody asks of the registry and is answered. */
export type CallKind = "check-in" | "payment" | "order" | "enrolment";

/** One request. Times are milliseconds of `performance.now()`. */
export interface Attempt {
	readonly kind: CallKind;
	readonly startMs: number;
	readonly endMs: number;
	/** HTTP status; 0: no answer. */
	readonly status: number;
}

/** A write that the registry said it has done, with all that must be found again. */
export type Acknowledged = { readonly atMs: number } & (
	| { readonly kind: "check-in"; readonly deviceId: string; readonly counter: number; readonly envelope: Uint8Array }
	| { readonly kind: "payment"; readonly contractId: string; readonly reference: string; readonly amountMinor: number }
	| {
			readonly kind: "order";
			readonly contractId: string;
			readonly requestId: string;
			readonly epoch: number;
			readonly sequence: number;
			readonly envelope: string;
	  }
	| { readonly kind: "enrolment"; readonly contractId: string; readonly deviceId: string; readonly receipt: Uint8Array }
);

/** What those who ask the registry write down, outside of all that is harmed. */
export interface Journal {
	readonly attempts: Attempt[];
	readonly acknowledged: Acknowledged[];
	/** What an answer said that it must not, such as a counter that went back. */
	readonly wrong: { readonly atMs: number; readonly what: string }[];
}

/** How long an answer may take before it counts as late, milliseconds. */
export const LATE_MS = 2000;
/** After it nobody waits for an answer any more, milliseconds. */
export const GIVE_UP_MS = 15_000;

/** `fetch` that writes each request down. */
export function recordingFetch(journal: Journal, kind: CallKind): typeof fetch {
	return async (input, init) => {
		const startMs = performance.now();
		let status = 0;
		try {
			const response = await fetch(input, init);
			const body = await response.arrayBuffer();
			status = response.status;
			return new Response(body, { status, headers: response.headers });
		} finally {
			journal.attempts.push({ kind, startMs, endMs: performance.now(), status });
		}
	};
}

export function isNormal({ status, startMs, endMs }: Attempt): boolean {
	return status === 200 && endMs - startMs <= LATE_MS;
}

/** How a kind of call went while something was wrong. Times in milliseconds. */
export interface Disturbance {
	/** The longest time in which nobody had a normal answer. */
	readonly silentMs: number;
	/** From the fault to the end of the last call that was refused or late; 0 if none was. */
	readonly overMs: number;
}

/** @param attempts in any order. */
export function disturbanceOf(attempts: readonly Attempt[], kind: CallKind, fromMs: number, toMs: number): Disturbance {
	const own = attempts.filter((attempt) => attempt.kind === kind && attempt.endMs >= fromMs && attempt.endMs < toMs);
	const normal = own.filter(isNormal).map(({ endMs }) => endMs);
	let [silentMs, lastMs] = [0, fromMs];
	for (const endMs of [...normal.sort((a, b) => a - b), toMs]) {
		silentMs = Math.max(silentMs, endMs - lastMs);
		lastMs = endMs;
	}
	const hit = own.filter((attempt) => !isNormal(attempt)).map(({ endMs }) => endMs - fromMs);
	return { silentMs, overMs: Math.max(0, ...hit) };
}

/** Pauses before asking again, milliseconds: longer each time, and nobody's at the same moment as another's. */
export function pausesMs(random: () => number): () => number {
	let times = 0;
	return () => Math.min(200 * 2 ** times++, 3000) * (0.5 + random());
}
