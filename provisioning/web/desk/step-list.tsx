import { useTranslation } from "react-i18next";

import type { StepView } from "./run-view.ts";
import { useNow } from "./use-now.ts";

const MARKS: Record<StepView["state"], string> = {
	waiting: "○",
	running: "▶",
	done: "✓",
	already: "✓",
	postponed: "~",
	failed: "✗",
};

interface StepListProps {
	readonly steps: readonly StepView[];
	readonly isStopping: boolean;
	/** Stops after the step that is running. */
	readonly onStop: (() => void) | undefined;
}

/** W5: one line for each step, with its word, its time, and how far it is. */
export function StepList({ steps, isStopping, onStop }: StepListProps) {
	const { t } = useTranslation();
	const now = useNow();
	const running = steps.find(({ state }) => state === "running");
	const name = running?.name ?? "";
	return (
		<section className="card" aria-label={t("steps.label")}>
			<ol className="steps">
				{steps.map((step) => (
					<li
						key={step.name}
						data-step={step.name}
						className={`step step-${step.state}`}
						aria-current={step.state === "running" ? "step" : undefined}
					>
						<span aria-hidden="true" className="step-mark">
							{MARKS[step.state]}
						</span>
						<span className="step-text">
							<span>{t(`steps.${step.name}`)}</span>
							{step.note !== undefined && (
								<span className="muted" lang="en">
									{step.note}
								</span>
							)}
							{step.fraction !== undefined && <progress max={1} value={step.fraction} aria-label={t(`steps.${step.name}`)} />}
						</span>
						<span className="step-state">{t(`states.${step.state}`)}</span>
						<span className="clock muted">{secondsOf(step, now)}</span>
					</li>
				))}
			</ol>
			<p className="hidden" aria-live="polite">
				{running ? t("steps.now", { step: t(`steps.${name}`) }) : ""}
			</p>
			{onStop && (
				<div className="row">
					<button type="button" aria-disabled={isStopping} onClick={() => !isStopping && onStop()}>
						{t(isStopping ? "steps.stopping" : "steps.stop")}
					</button>
				</div>
			)}
		</section>
	);
}

function secondsOf({ state, startedAtMs, milliseconds }: StepView, now: number): string {
	if (milliseconds !== undefined) return `${(milliseconds / 1000).toFixed(1)} s`;
	return state === "running" && startedAtMs !== undefined ? `${Math.max(0, Math.floor((now - startedAtMs) / 1000))} s` : "";
}
