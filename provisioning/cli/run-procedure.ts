import type { Fault } from "../handset/fault.ts";
import { runSteps, type Step, type StepEntry } from "../procedure/step.ts";
import type { CommandContext } from "./context.ts";
import type { EvidenceLog } from "./evidence-log.ts";

/** Runs a procedure where people and the evidence can see it. Gives the fault that stopped it, if one did. */
export async function runProcedure<Context>(
	{ output, clock, signal }: CommandContext,
	steps: readonly Step<Context>[],
	context: Context,
	{ evidence, entries = [] }: { readonly evidence?: EvidenceLog; readonly entries?: StepEntry[] } = {},
): Promise<Fault | undefined> {
	let stopped: Fault | undefined;
	for await (const event of runSteps(steps, context, clock, entries, signal)) {
		output.event(event);
		if (event.type !== "step-progress") await evidence?.append(event);
		if (event.type === "finished") stopped = event.fault;
	}
	return stopped;
}
