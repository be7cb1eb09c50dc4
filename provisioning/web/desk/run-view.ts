import type { Fault } from "../../handset/fault.ts";
import type { ProgressEvent } from "../../procedure/step.ts";
import type { ConfirmedPhone } from "./enroll-run.ts";

/** The steps of an enrolment, in order: a test holds them to the procedure's own. */
export const STEP_NAMES = ["identify", "preflight", "install", "own", "grants", "bind", "attest", "confirm", "seal"] as const;

export interface StepView {
	readonly name: string;
	readonly state: "waiting" | "running" | "done" | "already" | "postponed" | "failed";
	/** Of the page's clock, while it runs. */
	readonly startedAtMs?: number;
	/** How long it took. */
	readonly milliseconds?: number;
	/** 0 to 1, where the step tells. */
	readonly fraction?: number;
	/** The procedure's own sentence, in English. */
	readonly note?: string;
}

/** What the phone's card shows. */
export interface RunView {
	readonly phase: "choose" | "opening" | "allow" | "running" | "confirm" | "fault";
	readonly steps: readonly StepView[];
	readonly fault?: Fault;
	/** The phone that the clerk is asked about. */
	readonly phone?: ConfirmedPhone;
	/** When the phone's question appeared, by the page's clock. */
	readonly askedAtMs?: number;
	/** The clerk wants to stop; the running step ends first. */
	readonly isStopping: boolean;
}

export type RunAct =
	| { readonly type: "open" }
	| { readonly type: "allow-needed"; readonly atMs: number }
	| { readonly type: "opened" }
	| { readonly type: "event"; readonly event: ProgressEvent; readonly atMs: number }
	| { readonly type: "ask"; readonly phone: ConfirmedPhone }
	| { readonly type: "answered" }
	| { readonly type: "stop" }
	| { readonly type: "fault"; readonly fault: Fault }
	| { readonly type: "choose" };

export const NO_RUN: RunView = {
	phase: "choose",
	steps: STEP_NAMES.map((name) => ({ name, state: "waiting" })),
	isStopping: false,
};

export function nextRunView(view: RunView, act: RunAct): RunView {
	switch (act.type) {
		case "choose":
			return NO_RUN;
		case "open":
			return { ...NO_RUN, phase: "opening" };
		case "allow-needed":
			return { ...view, phase: "allow", askedAtMs: act.atMs };
		case "opened":
			return { ...view, phase: "running" };
		case "ask":
			return { ...view, phase: "confirm", phone: act.phone };
		case "answered":
			return { ...view, phase: "running" };
		case "stop":
			return { ...view, isStopping: true };
		case "fault":
			return { ...view, phase: "fault", fault: act.fault, isStopping: false };
		case "event":
			return { ...view, steps: nextSteps(view.steps, act.event, act.atMs) };
	}
}

function nextSteps(steps: readonly StepView[], event: ProgressEvent, atMs: number): readonly StepView[] {
	if (event.type === "finished") return steps;
	return steps.map((step) => (step.name === event.step ? nextStep(step, event, atMs) : step));
}

function nextStep(step: StepView, event: Exclude<ProgressEvent, { type: "finished" }>, atMs: number): StepView {
	switch (event.type) {
		case "step-started":
			return { name: step.name, state: "running", startedAtMs: atMs };
		case "step-note":
			return { ...step, note: event.text };
		case "step-progress":
			return { ...step, fraction: event.fraction };
		case "step-ended":
			return { name: step.name, state: event.end, milliseconds: event.milliseconds };
	}
}
