import { useRef, useState } from "react";

import { FaultError } from "../../handset/fault.ts";

/** How far an act has come. `unknown`: it was sent and nobody answered, so that it may have been done. */
export type ActState<Answer> =
	| { readonly at: "open"; readonly problem?: unknown }
	| { readonly at: "sending" }
	| { readonly at: "unknown"; readonly problem: unknown }
	| { readonly at: "done"; readonly answer: Answer };

export interface Act<Answer> {
	readonly state: ActState<Answer>;
	/** One for each form: the same act sent twice is done once. */
	readonly requestId: string;
	/** Does nothing while one is under way. @returns whether it was done. */
	send(act: (requestId: string) => Promise<Answer>): Promise<boolean>;
	/** An empty form, with an id of its own. */
	anew(): void;
}

interface ActOptions {
	/** Asked before the first sending: false stops it, because something changed. */
	readonly mayGoOn?: () => Promise<boolean>;
	readonly onDone?: () => void;
}

/** An act that is done once, however often somebody presses or the network loses the answer. */
export function useAct<Answer>({ mayGoOn, onDone }: ActOptions = {}): Act<Answer> {
	const [state, setState] = useState<ActState<Answer>>({ at: "open" });
	const [requestId, setRequestId] = useState(() => crypto.randomUUID());
	const isBusy = useRef(false);
	return {
		state,
		requestId,
		async send(act) {
			// Not the state: two presses come before the page is drawn again.
			if (isBusy.current || state.at === "done") return false;
			isBusy.current = true;
			const wasUnknown = state.at === "unknown";
			setState({ at: "sending" });
			try {
				// Sent already: what changed may be this very act.
				if (!wasUnknown && mayGoOn && !(await mayGoOn())) {
					setState({ at: "open" });
					isBusy.current = false;
					return false;
				}
			} catch (problem) {
				setState({ at: "open", problem });
				isBusy.current = false;
				return false;
			}
			try {
				const answer = await act(requestId);
				setState({ at: "done", answer });
				onDone?.();
				return true;
			} catch (problem) {
				setState(isUnknown(problem) ? { at: "unknown", problem } : { at: "open", problem });
				return false;
			} finally {
				isBusy.current = false;
			}
		},
		anew() {
			setRequestId(crypto.randomUUID());
			setState({ at: "open" });
		},
	};
}

/** Whether what went wrong leaves open if the act was done. */
export function isUnknown(problem: unknown): boolean {
	return (
		!(problem instanceof FaultError) || ["REGISTRY_UNREACHABLE", "REGISTRY_UNTRUSTED", "CANCELLED"].includes(problem.fault.code)
	);
}
