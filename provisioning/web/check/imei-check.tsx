import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ImeiStatus } from "../../registry/contracts/imei-status.ts";
import { type Trouble, troubleOf } from "../frame/trouble.ts";
import { DiallerPicture } from "./dialler-picture.tsx";
import { type ImeiTrouble, readTypedImei } from "./imei-problem.ts";
import { TroubleText } from "./trouble-text.tsx";

interface ImeiCheckProps {
	readonly onAsk: (imei: string) => Promise<ImeiStatus>;
	/** The IMEI of a phone that is financed; `undefined` once another question is asked. */
	readonly onFinanced: (imei: string | undefined) => void;
}

interface Answer extends ImeiStatus {
	readonly tail: string;
}

type Problem = { readonly typed: ImeiTrouble; readonly digits: number } | { readonly trouble: Trouble };

/** Whether a phone is financed here, by its IMEI. */
export function ImeiCheck({ onAsk, onFinanced }: ImeiCheckProps) {
	const { t } = useTranslation();
	const errorId = useId();
	const [text, setText] = useState("");
	const [isBusy, setIsBusy] = useState(false);
	const [problem, setProblem] = useState<Problem>();
	const [answer, setAnswer] = useState<Answer>();
	const line = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		if (answer) line.current?.focus();
	}, [answer]);

	async function send() {
		setAnswer(undefined);
		onFinanced(undefined);
		const read = readTypedImei(text);
		if ("trouble" in read) return setProblem({ typed: read.trouble, digits: read.digits });
		setProblem(undefined);
		setIsBusy(true);
		try {
			const { status } = await onAsk(read.imei);
			setAnswer({ status, tail: read.tail });
			if (status === "financed") onFinanced(read.imei);
		} catch (error) {
			setProblem({ trouble: troubleOf(error) });
		}
		setIsBusy(false);
	}

	return (
		<section className="card" aria-labelledby="imei">
			<h2 id="imei">{t("imei.heading")}</h2>
			<div className="beside">
				<div className="stack">
					<p>{t("imei.how")}</p>
					<p className="muted">{t("imei.notBox")}</p>
				</div>
				<DiallerPicture label={t("imei.picture")} />
			</div>
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
					<span>{t("imei.field")}</span>
					<input
						className="digits"
						inputMode="numeric"
						autoComplete="off"
						maxLength={30}
						value={text}
						onChange={(event) => setText(event.target.value)}
						aria-invalid={problem !== undefined}
						aria-describedby={problem ? errorId : undefined}
					/>
				</label>
				<div id={errorId} role="alert">
					{problem && "typed" in problem && (
						<p className="field-error">{t(`imei.${problem.typed}`, { count: problem.digits })}</p>
					)}
					{problem && "trouble" in problem && <TroubleText trouble={problem.trouble} />}
				</div>
				<button type="submit" className="main-button big-button" aria-disabled={isBusy}>
					{isBusy ? t("imei.asking") : t("imei.ask")}
				</button>
			</form>
			{answer && (
				<div className={`answer ${answer.status}`}>
					<p className="answer-line" ref={line} tabIndex={-1}>
						<AnswerMark status={answer.status} />
						{t(`${answer.status}.line`)}
					</p>
					<p className="muted">{t("imei.asked", { tail: answer.tail })}</p>
					<h3>{t("status.meaning")}</h3>
					<p>{t(`${answer.status}.meaning`)}</p>
					<h3>{t("status.next")}</h3>
					<p>{t(`${answer.status}.next`)}</p>
				</div>
			)}
		</section>
	);
}

const MARKS: Readonly<Record<ImeiStatus["status"], string>> = {
	financed: "M12 3v11M12 19v2",
	clear: "M4 13l5 5L20 5",
	unknown: "M8 8a4 4 0 1 1 5.5 3.7c-1 .4-1.5 1-1.5 2.3M12 19v2",
};

/** The same as the words beside it say. */
function AnswerMark({ status }: ImeiStatus) {
	return (
		<svg className="answer-mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
			<path d={MARKS[status]} />
		</svg>
	);
}
