import type { Fault } from "../../handset/fault.ts";
import type { ProgressEvent } from "../../procedure/step.ts";
import type { StepView } from "../desk/run-view.ts";

/** The phone on the cable, for a person to compare with the one in hand. */
export interface SeenPhone {
	readonly model: string;
	readonly imeis: readonly string[];
}

/** What work on a phone may ask and tell. */
export interface JobTools {
	readonly signal: AbortSignal;
	readonly onAllowNeeded: () => void;
	readonly onOpened: () => void;
	readonly onEvent: (event: ProgressEvent) => void;
	/** Waited for before the first change of the phone. */
	readonly confirmPhone: (phone: SeenPhone) => Promise<boolean>;
}

/** Steps of the work that has some, in order: a test holds them to the procedures' own. */
export const JOB_STEPS = {
	release: ["identify", "prove", "before", "deliver", "undo", "report", "uninstall", "after", "certify"],
	rebind: ["identify", "prove", "carry"],
	read: [],
	sheet: [],
} as const;
export type JobName = keyof typeof JOB_STEPS;

/** What the phone's card shows. */
export interface JobView {
	readonly phase: "choose" | "opening" | "allow" | "running" | "confirm" | "fault";
	readonly steps: readonly StepView[];
	readonly fault?: Fault;
	readonly phone?: SeenPhone;
	/** When the phone's question appeared, by the page's clock. */
	readonly askedAtMs?: number;
}

export type JobAct =
	| { readonly type: "choose" | "open" | "opened" | "answered" }
	| { readonly type: "allow-needed"; readonly atMs: number }
	| { readonly type: "ask"; readonly phone: SeenPhone }
	| { readonly type: "event"; readonly event: ProgressEvent; readonly atMs: number }
	| { readonly type: "fault"; readonly fault: Fault };

export function noJob(name: JobName): JobView {
	return { phase: "choose", steps: JOB_STEPS[name].map((step) => ({ name: step, state: "waiting" })) };
}

/** The next view of a job. Starting it anew starts its steps anew. */
export function nextJobView(name: JobName): (view: JobView, act: JobAct) => JobView {
	return (view, act) => {
		switch (act.type) {
			case "choose":
				return noJob(name);
			case "open":
				return { ...noJob(name), phase: "opening" };
			case "allow-needed":
				return { ...view, phase: "allow", askedAtMs: act.atMs };
			case "opened":
			case "answered":
				return { ...view, phase: "running" };
			case "ask":
				return { ...view, phase: "confirm", phone: act.phone };
			case "fault":
				return { ...view, phase: "fault", fault: act.fault };
			case "event": {
				const { event, atMs } = act;
				if (event.type === "finished") return view;
				return { ...view, steps: view.steps.map((step) => (step.name === event.step ? nextStep(step, event, atMs) : step)) };
			}
		}
	};
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
			return { ...step, state: event.end, milliseconds: event.milliseconds };
	}
}
