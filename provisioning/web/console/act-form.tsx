import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";
import { ConfirmPhone } from "./confirm-phone.tsx";
import { codeOfProblem, ProblemNote } from "./problem-note.tsx";
import { AskSecondPerson } from "./second-person.tsx";
import { useAct } from "./use-act.ts";

interface ActFormProps<Answer> {
	readonly children: ReactNode;
	/** What stands on the button. */
	readonly sendText: string;
	/** Why it cannot be sent yet, said beside the button; none: it can. */
	readonly whyNot?: string | undefined;
	readonly onSend: (requestId: string) => Promise<Answer>;
	/** Shown instead of the form once it is done. */
	readonly done: (answer: Answer, requestId: string) => ReactNode;
	readonly mayGoOn?: () => Promise<boolean>;
	readonly onDone?: () => void;
	/** The phone is shown and its last digits are typed before it is sent. */
	readonly confirm?: { readonly story: ContractStory; readonly what: string };
	/** How a second person is asked when the registry says that it takes one. */
	readonly second?: (requestId: string) => { readonly kind: string; readonly subject: string; readonly request: object };
	readonly isGrave?: boolean;
	readonly onAnother?: () => void;
	/** What another one is called; none: there is none. */
	readonly anotherText?: string;
}

/**
 * A form that does one act once. While an answer is missing its fields stay as they were sent, so that sending again is the same act.
 */
export function ActForm<Answer>(props: ActFormProps<Answer>) {
	const { t } = useTranslation();
	const { mayGoOn, onDone, whyNot, confirm, second } = props;
	const act = useAct<Answer>({ ...(mayGoOn ? { mayGoOn } : {}), ...(onDone ? { onDone } : {}) });
	const [isAsking, setAsking] = useState(false);
	const [isTried, setTried] = useState(false);
	const outcome = useRef<HTMLDivElement>(null);
	const { state } = act;
	const isDone = state.at === "done";
	useEffect(() => {
		if (isDone) outcome.current?.focus();
	}, [isDone]);
	if (state.at === "done") {
		return (
			<div ref={outcome} tabIndex={-1} className="outcome">
				<div role="status">{props.done(state.answer, act.requestId)}</div>
				{props.anotherText !== undefined && (
					<button
						type="button"
						onClick={() => {
							act.anew();
							setTried(false);
							props.onAnother?.();
						}}
					>
						{props.anotherText}
					</button>
				)}
			</div>
		);
	}
	const problem = state.at === "sending" ? undefined : state.problem;
	const takesTwo = ["FLEET_BREAKER", "APPROVAL_REQUIRED"].includes(codeOfProblem(problem));
	const send = () => act.send(props.onSend);
	const form = (
		<form
			className="stack"
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				setTried(true);
				if (whyNot !== undefined || state.at === "sending") return;
				if (confirm && state.at !== "unknown") setAsking(true);
				else void send();
			}}
		>
			<fieldset disabled={state.at === "sending" || state.at === "unknown"} className="stack">
				{props.children}
			</fieldset>
			{state.at === "unknown" && (
				<p className="note warn" role="alert">
					{t("unknown-outcome")}
				</p>
			)}
			{takesTwo && second ? <AskSecondPerson problem={problem} {...second(act.requestId)} /> : <ProblemNote problem={problem} />}
			<div className="row">
				<button
					type="submit"
					className={props.isGrave ? "main-button grave-button" : "main-button"}
					aria-disabled={whyNot !== undefined || state.at === "sending"}
				>
					{state.at === "sending" ? t("sending") : state.at === "unknown" ? t("send-again") : props.sendText}
				</button>
				{whyNot !== undefined && (
					<p className={isTried ? "field-error" : "muted"} role={isTried ? "alert" : undefined}>
						{whyNot}
					</p>
				)}
			</div>
		</form>
	);
	return (
		<>
			{form}
			{isAsking && confirm && (
				<ConfirmPhone
					story={confirm.story}
					what={confirm.what}
					onClose={() => setAsking(false)}
					onSend={async () => {
						setAsking(false);
						await send();
						return true;
					}}
				/>
			)}
		</>
	);
}
