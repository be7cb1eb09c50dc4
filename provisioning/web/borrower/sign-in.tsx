import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { troubleOf } from "../frame/trouble.ts";
import type { WhyOut } from "./app.tsx";
import { type ToldTrouble, TroubleText } from "./trouble-text.tsx";

interface SignInProps {
	readonly contractId: string;
	readonly whyOut: WhyOut | undefined;
	readonly onSignIn: (contractId: string, code: string) => Promise<void>;
}

/** Contract number and code, and what is done with them. */
export function SignIn({ contractId, whyOut, onSignIn }: SignInProps) {
	const { t } = useTranslation();
	const errorId = useId();
	const [number, setNumber] = useState(contractId);
	const [code, setCode] = useState("");
	const [isBusy, setIsBusy] = useState(false);
	const [problem, setProblem] = useState<ToldTrouble | "missing">();
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		if (whyOut) heading.current?.focus();
	}, [whyOut]);

	async function send() {
		if (number.trim() === "" || code.trim() === "") return setProblem("missing");
		setIsBusy(true);
		setProblem(undefined);
		try {
			await onSignIn(number.trim(), code.trim());
		} catch (error) {
			const trouble = troubleOf(error);
			const isWrong = trouble.kind === "notSignedIn" || trouble.kind === "misread";
			setProblem(isWrong ? { kind: "wrongCode" } : trouble);
			setIsBusy(false);
		}
	}

	return (
		<section className="card" aria-labelledby="sign-in">
			<h2 id="sign-in" ref={heading} tabIndex={-1}>
				{t("signIn.heading")}
			</h2>
			{whyOut === "left" && <p role="status">{t("signIn.left")}</p>}
			{whyOut === "timeOver" && <p role="status">{t("signIn.timeOver")}</p>}
			{whyOut === "notSignedIn" && <p role="status">{t("session.notSignedIn")}</p>}
			<p>{t("signIn.why")}</p>
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
					<span>{t("signIn.contract")}</span>
					<input
						value={number}
						onChange={(event) => setNumber(event.target.value)}
						autoCapitalize="characters"
						autoComplete="off"
						spellCheck={false}
						aria-required="true"
						aria-invalid={problem !== undefined}
						aria-describedby={problem ? errorId : undefined}
					/>
				</label>
				<label className="field">
					<span>{t("signIn.code")}</span>
					<input
						className="code-input"
						value={code}
						onChange={(event) => setCode(event.target.value)}
						autoCapitalize="characters"
						autoComplete="off"
						spellCheck={false}
						aria-required="true"
						aria-invalid={problem !== undefined}
						aria-describedby={problem ? errorId : undefined}
					/>
				</label>
				<p className="muted">{t("signIn.where")}</p>
				<div id={errorId} role="alert">
					{problem === "missing" ? <p className="field-error">{t("signIn.missing")}</p> : <TroubleText trouble={problem} />}
				</div>
				<button type="submit" className="main-button big-button" aria-disabled={isBusy}>
					{isBusy ? t("signIn.opening") : t("signIn.open")}
				</button>
			</form>
			<p className="muted">{t("signIn.private")}</p>
			<p className="emergency">{t("signIn.emergency")}</p>
		</section>
	);
}
