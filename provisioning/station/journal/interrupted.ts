import type { BatchState } from "./batch-state.ts";
import type { JournalEntry } from "./entry.ts";

/**
 * What a station appends when it starts again: an end for each run that has none, because the station's program or its power ended
 * under it. `details.step` is the side effect that was announced and whose end is not known. Milliseconds are those of the steps that
 * ended: nobody knows when the rest stopped. Appended twice it changes nothing, as then no run is without an end.
 */
export function interruptedRuns(state: BatchState): Extract<JournalEntry, { type: "run-ended" }>[] {
	return [...state.units.values()].flatMap(({ runs }) =>
		runs
			.filter((run) => run.end === undefined)
			.map(({ run, contractId, steps, openAct }) => ({
				type: "run-ended" as const,
				run,
				contractId,
				verdict: "error" as const,
				milliseconds: steps.reduce((sum, step) => sum + step.milliseconds, 0),
				fault: "STATION_STOPPED" as const,
				...(openAct === undefined ? {} : { details: { step: openAct } }),
				interrupted: true as const,
			})),
	);
}
