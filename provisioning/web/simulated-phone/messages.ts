import type { LifeView } from "../../simulation/life.ts";
import type { Moment } from "../../simulation/moment.ts";
import type { Preview, PreviewInput } from "../../simulation/preview.ts";
import type { Scenario } from "../../simulation/scenario.ts";

/** The agent's bundle as it was loaded: the bytes that are in the APK. */
export interface LoadedAgent {
	/** Of the script, lower-case hex. */
	readonly sha256: string;
	readonly bytes: number;
}

/** What the worker may be asked for, and what it answers. One life at a time. */
export interface Requests {
	/** Loads the agent from this address. First of all. */
	open: { readonly ask: { readonly agentUrl: string }; readonly answer: LoadedAgent };
	/**
	 * The life of a scenario at an hour, with every act up to it. It follows from these two alone; going on from where the worker stands
	 * is only quicker than going back.
	 */
	go: { readonly ask: { readonly scenario: Scenario; readonly toHour: number }; readonly answer: LifeView };
	/** What follows in so many days if nothing else happens. The life does not move. */
	ahead: { readonly ask: { readonly days: number }; readonly answer: readonly Moment[] };
	/** The borrower's record as a file. */
	record: { readonly ask: Record<string, never>; readonly answer: Uint8Array };
	/** The ladder of a real contract. Touches no life. */
	preview: { readonly ask: PreviewInput; readonly answer: Preview };
}
export type RequestName = keyof Requests;

export interface AskedMessage<Name extends RequestName = RequestName> {
	readonly id: number;
	readonly name: Name;
	readonly ask: Requests[Name]["ask"];
}

export type AnsweredMessage =
	| { readonly id: number; readonly answer: Requests[RequestName]["answer"] }
	/** It was not done: terms that the agent refuses, a script that does not load. In English, for the log and the curious. */
	| { readonly id: number; readonly problem: string };
