import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Certificate } from "../../registry/borrower/borrower-request.ts";
import { localeOf, tellingIn } from "../frame/telling.ts";
import { type Trouble, troubleOf } from "../frame/trouble.ts";
import { readCertificateNumber } from "./certificate-number.ts";
import { TroubleText } from "./trouble-text.tsx";

interface CertificateCheckProps {
	/** From a paper's QR code: asked at once. Empty if there is none. */
	readonly paper: string;
	readonly onAsk: (certificateId: string) => Promise<Certificate>;
}

/** Whether a payoff certificate is genuine, and which phone it belongs to. */
export function CertificateCheck({ paper, onAsk }: CertificateCheckProps) {
	const { t, i18n } = useTranslation();
	const errorId = useId();
	const hintId = useId();
	const [text, setText] = useState(paper);
	const [isBusy, setIsBusy] = useState(false);
	const [problem, setProblem] = useState<"shape" | Trouble>();
	const [found, setFound] = useState<Certificate>();
	const line = useRef<HTMLParagraphElement>(null);
	const asked = useRef(false);
	useEffect(() => {
		if (found) line.current?.focus();
	}, [found]);
	useEffect(() => {
		if (asked.current || paper === "") return;
		asked.current = true;
		void send();
	});

	async function send() {
		setFound(undefined);
		const number = readCertificateNumber(text);
		if (number === undefined) return setProblem("shape");
		setProblem(undefined);
		setIsBusy(true);
		try {
			setFound(await onAsk(number));
		} catch (error) {
			setProblem(troubleOf(error));
		}
		setIsBusy(false);
	}

	const isFree = found?.phone === "free";
	return (
		<section className="card" aria-labelledby="certificate">
			<h2 id="certificate">{t("certificate.heading")}</h2>
			<p>{t("certificate.how")}</p>
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
					<span>{t("certificate.field")}</span>
					<input
						className="digits"
						autoComplete="off"
						autoCapitalize="characters"
						spellCheck={false}
						maxLength={40}
						value={text}
						onChange={(event) => setText(event.target.value)}
						aria-invalid={problem !== undefined}
						aria-describedby={`${hintId} ${errorId}`}
					/>
				</label>
				<p id={hintId} className="muted">
					{t("certificate.example")}
				</p>
				<div id={errorId} role="alert">
					{problem === "shape" && <p className="field-error">{t("certificate.shape")}</p>}
					{typeof problem === "object" &&
						(problem.kind === "notFound" ? (
							<p className="field-error">{t("certificate.notFound")}</p>
						) : (
							<TroubleText trouble={problem} />
						))}
				</div>
				<button type="submit" className="main-button big-button" aria-disabled={isBusy}>
					{isBusy ? t("certificate.asking") : t("certificate.ask")}
				</button>
			</form>
			{found && (
				<div className={`answer ${isFree ? "clear" : "unknown"}`}>
					<p className="answer-line" ref={line} tabIndex={-1}>
						{t("certificate.genuine")}
					</p>
					<p>{found.contractEndedAs === "paid_off" ? t("certificate.paidOff") : t("certificate.returned")}</p>
					<p>{isFree ? t("certificate.free") : t("certificate.notReported")}</p>
					<dl className="facts">
						<dt>{t("certificate.tails")}</dt>
						<dd className="digits">{found.imeiTails.join(", ")}</dd>
						<dt>{t("certificate.ended")}</dt>
						<dd>{tellingIn(localeOf(i18n.language, navigator.languages)).date(found.endedAtUnixSeconds)}</dd>
						<dt>{t("certificate.lender")}</dt>
						<dd>{found.lenderId}</dd>
					</dl>
					<p>{t("certificate.compare")}</p>
				</div>
			)}
		</section>
	);
}
