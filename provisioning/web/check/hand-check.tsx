import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { readRequestNumber } from "../../../proto/request-number.ts";
import type { PossessionAnswer } from "../../registry/borrower/borrower-request.ts";
import { localeOf, tellingIn } from "../frame/telling.ts";
import { type Trouble, troubleOf } from "../frame/trouble.ts";
import { TroubleText } from "./trouble-text.tsx";

interface HandCheckProps {
	readonly onAsk: (digits: string) => Promise<PossessionAnswer>;
}

/** Whether the phone in hand is the financed one, and not another with a copied IMEI. */
export function HandCheck({ onAsk }: HandCheckProps) {
	const { t, i18n } = useTranslation();
	const errorId = useId();
	const [text, setText] = useState("");
	const [isBusy, setIsBusy] = useState(false);
	const [problem, setProblem] = useState<"eight" | "misread" | Trouble>();
	const [answer, setAnswer] = useState<PossessionAnswer>();
	const line = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		if (answer) line.current?.focus();
	}, [answer]);

	async function send() {
		setAnswer(undefined);
		const digits = text.replace(/\D/g, "");
		if (digits.length !== 8) return setProblem("eight");
		if (!readRequestNumber(digits)) return setProblem("misread");
		setProblem(undefined);
		setIsBusy(true);
		try {
			setAnswer(await onAsk(digits));
		} catch (error) {
			setProblem(troubleOf(error));
		}
		setIsBusy(false);
	}

	return (
		<section className="card" aria-labelledby="hand">
			<h2 id="hand">{t("hand.heading")}</h2>
			<p>{t("hand.how")}</p>
			<form
				className="stack"
				autoComplete="off"
				noValidate
				onSubmit={(event) => {
					event.preventDefault();
					if (!isBusy) void send();
				}}
			>
				<label className="field">
					<span>{t("hand.field")}</span>
					<input
						className="digits"
						inputMode="numeric"
						autoComplete="off"
						maxLength={12}
						value={text}
						onChange={(event) => setText(event.target.value)}
						aria-invalid={problem !== undefined}
						aria-describedby={problem ? errorId : undefined}
					/>
				</label>
				<div id={errorId} role="alert">
					{problem === "eight" && <p className="field-error">{t("hand.eight")}</p>}
					{problem === "misread" && <p className="field-error">{t("hand.misread")}</p>}
					{typeof problem === "object" && <TroubleText trouble={problem} isOfHand />}
				</div>
				<button type="submit" className="main-button big-button" aria-disabled={isBusy}>
					{isBusy ? t("hand.asking") : t("hand.ask")}
				</button>
			</form>
			{answer && (
				<div className={`answer ${{ same: "same", other: "financed", unknown: "unknown" }[answer.inHand]}`}>
					<p className="answer-line" ref={line} tabIndex={-1}>
						{t(`hand.${answer.inHand}`)}
					</p>
					{answer.inHand === "same" && <p>{t("hand.sameStill")}</p>}
					{answer.reportedAtUnixSeconds !== undefined && (
						<p>
							{t("hand.sameAt", {
								date: tellingIn(localeOf(i18n.language, navigator.languages)).moment(answer.reportedAtUnixSeconds),
							})}
						</p>
					)}
					{answer.inHand === "other" && <p>{t("hand.otherWhy")}</p>}
				</div>
			)}
		</section>
	);
}
