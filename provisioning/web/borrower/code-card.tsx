import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { readRequestNumber } from "../../../proto/request-number.ts";
import type { BorrowerTimeCode } from "../../registry/borrower/borrower-request.ts";
import { troubleOf } from "../frame/trouble.ts";
import { type ToldTrouble, TroubleText } from "./trouble-text.tsx";

interface CodeCardProps {
	readonly onAsk: (requestNumber: string) => Promise<BorrowerTimeCode>;
}

/** A code that carries what is paid to a phone without internet. */
export function CodeCard({ onAsk }: CodeCardProps) {
	const { t } = useTranslation();
	const errorId = useId();
	const [number, setNumber] = useState("");
	const [isBusy, setIsBusy] = useState(false);
	const [problem, setProblem] = useState<ToldTrouble | "eight">();
	const [code, setCode] = useState<string>();
	const shown = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		if (code !== undefined) shown.current?.focus();
	}, [code]);

	async function send() {
		const digits = number.replace(/\D/g, "");
		setCode(undefined);
		if (digits.length !== 8) return setProblem("eight");
		if (!readRequestNumber(digits)) return setProblem({ kind: "misread" });
		setIsBusy(true);
		setProblem(undefined);
		try {
			setCode((await onAsk(digits)).code);
		} catch (error) {
			setProblem(troubleOf(error));
		}
		setIsBusy(false);
	}

	return (
		<section className="card no-print" aria-labelledby="code">
			<h2 id="code">{t("code.heading")}</h2>
			<p>{t("code.how")}</p>
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
					<span>{t("code.number")}</span>
					<input
						className="code-input"
						inputMode="numeric"
						autoComplete="off"
						maxLength={12}
						value={number}
						onChange={(event) => setNumber(event.target.value)}
						aria-invalid={problem !== undefined}
						aria-describedby={problem ? errorId : undefined}
					/>
				</label>
				<div id={errorId} role="alert">
					{problem === "eight" ? <p className="field-error">{t("code.eight")}</p> : <TroubleText trouble={problem} />}
				</div>
				<button type="submit" className="main-button big-button" aria-disabled={isBusy}>
					{isBusy ? t("code.getting") : t("code.get")}
				</button>
			</form>
			{code !== undefined && (
				<div className="stack">
					<h3>{t("code.yours")}</h3>
					<p className="time-code" ref={shown} tabIndex={-1}>
						{groupsOf(code).map((group, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: groups of one code never change their order
							<span key={index}>{group} </span>
						))}
					</p>
					<p>{t("code.type")}</p>
					<p className="muted">{t("code.again")}</p>
				</div>
			)}
		</section>
	);
}

/** As the phone's own field shows it: 4-4-4-1. */
function groupsOf(code: string): readonly string[] {
	return code.replace(/\D/g, "").match(/.{1,4}/g) ?? [];
}
