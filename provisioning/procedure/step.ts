import { type Fault, FaultError, fault } from "../handset/fault.ts";

/**
 * One step of a procedure. Running a procedure again is resuming it: `done` looks at the phone (and the registry), never at
 * what an earlier run believed.
 */
export interface Step<Context> {
	/** Stable name: stands in evidence, in `--json` output and in tests. */
	readonly name: string;
	/** What an operator reads while it runs. */
	readonly title: string;
	/** `act` changes nothing, neither on the phone nor anywhere else that counts. */
	readonly readsOnly?: true;
	/** Whether the step's goal holds already; `postponed` when it can't be reached before the procedure is run again. */
	done(context: Context): Promise<boolean | "postponed">;
	/** Does it. Side effects happen here only. */
	act(context: Context, report: Report): Promise<void>;
	/** Reads the goal back, and throws if it does not hold. Runs after `act`; what `done` saw is confirmed already. */
	confirm(context: Context, report: Report): Promise<void>;
}

/** What a step may say while it works. */
export interface Report {
	/** One sentence for the operator: what to do or what is awaited. */
	note(text: string): void;
	/** How much of the step is done, 0 to 1. */
	progress(fraction: number): void;
	/**
	 * Says, in a sentence, that the goal is left for when the procedure is run again. Everything is in order as it is: the
	 * procedure goes on, and what `act` postponed is not read back.
	 */
	postpone(why: string): void;
}

/** `postponed`: not reached, which is no failure: running the procedure again, later, does it. */
export type StepEnd = "already" | "done" | "postponed" | "failed";

/** What a running procedure tells whoever watches. The last one is `finished`. */
export type ProgressEvent =
	| {
			readonly type: "step-started";
			readonly step: string;
			readonly title: string;
			readonly index: number;
			readonly count: number;
	  }
	| { readonly type: "step-note"; readonly step: string; readonly text: string }
	| {
			readonly type: "step-progress";
			readonly step: string;
			readonly fraction: number;
	  }
	| {
			readonly type: "step-ended";
			readonly step: string;
			readonly end: StepEnd;
			readonly milliseconds: number;
			readonly fault?: Fault;
	  }
	| { readonly type: "finished"; readonly ok: boolean; readonly fault?: Fault };

/** Time, from whoever runs the procedure. */
export interface Clock {
	/** Milliseconds since 1970-01-01T00:00:00Z, by the station's own clock: for evidence, never for a decision. */
	nowMs(): number;
	/** Resolves after so many milliseconds. */
	pause(milliseconds: number): Promise<void>;
}

/** How one step ended, for the evidence. */
export interface StepEntry {
	readonly name: string;
	readonly end: StepEnd;
	readonly startedAtMs: number;
	readonly endedAtMs: number;
	readonly fault?: Fault;
}

/**
 * Runs the steps in order and stops at the first that fails.
 *
 * @param entries gets one entry per step as it ends, so that a later step can send them as evidence.
 * @param signal cancels between steps; a step that is running ends first.
 * @param beforeAct is waited for right before each `act` that is not {@link Step.readsOnly}, so that what is about to be done can be
 * written down first. What it throws ends the step instead of the act.
 */
export async function* runSteps<Context>(
	steps: readonly Step<Context>[],
	context: Context,
	clock: Clock,
	entries: StepEntry[] = [],
	signal?: AbortSignal,
	beforeAct?: (step: string) => Promise<void>,
): AsyncGenerator<ProgressEvent, void, void> {
	for (const [index, step] of steps.entries()) {
		const startedAtMs = clock.nowMs();
		yield {
			type: "step-started",
			step: step.name,
			title: step.title,
			index,
			count: steps.length,
		};
		const said = new EventQueue();
		const work = signal?.aborted
			? Promise.resolve(failed(fault("CANCELLED")))
			: runStep(step, context, said, beforeAct).finally(() => said.end());
		if (signal?.aborted) said.end();
		yield* said;
		const outcome = await work;
		const endedAtMs = clock.nowMs();
		const entry: StepEntry = {
			name: step.name,
			startedAtMs,
			endedAtMs,
			...outcome,
		};
		entries.push(entry);
		yield {
			type: "step-ended",
			step: step.name,
			milliseconds: endedAtMs - startedAtMs,
			...outcome,
		};
		if (outcome.fault) {
			yield { type: "finished", ok: false, fault: outcome.fault };
			return;
		}
	}
	yield { type: "finished", ok: true };
}

interface Outcome {
	readonly end: StepEnd;
	readonly fault?: Fault;
}

const failed = (why: Fault): Outcome => ({ end: "failed", fault: why });

async function runStep<Context>(
	step: Step<Context>,
	context: Context,
	said: EventQueue,
	beforeAct: ((step: string) => Promise<void>) | undefined,
): Promise<Outcome> {
	let isPostponed = false;
	const note = (text: string) => said.push({ type: "step-note", step: step.name, text });
	const report: Report = {
		note,
		postpone(why) {
			isPostponed = true;
			note(why);
		},
		progress: (fraction) => said.push({ type: "step-progress", step: step.name, fraction }),
	};
	try {
		const done = await step.done(context);
		if (done) return { end: done === "postponed" ? "postponed" : "already" };
		if (!step.readsOnly) await beforeAct?.(step.name);
		await step.act(context, report);
		if (isPostponed) return { end: "postponed" };
		await step.confirm(context, report);
		return { end: isPostponed ? "postponed" : "done" };
	} catch (error) {
		if (error instanceof FaultError) return failed(error.fault);
		throw error; // a bug, not a refusal
	}
}

/** Events pushed by a running step, taken by the generator. */
class EventQueue implements AsyncIterable<ProgressEvent> {
	readonly #waiting: ProgressEvent[] = [];
	#ended = false;
	#wake: (() => void) | undefined;

	push(event: ProgressEvent): void {
		this.#waiting.push(event);
		this.#wake?.();
	}

	end(): void {
		this.#ended = true;
		this.#wake?.();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<ProgressEvent, void, void> {
		while (true) {
			const next = this.#waiting.shift();
			if (next) yield next;
			else if (this.#ended) return;
			else {
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
				this.#wake = undefined;
			}
		}
	}
}
