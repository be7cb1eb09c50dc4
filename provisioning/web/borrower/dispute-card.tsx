import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { troubleOf } from "../frame/trouble.ts";
import { webLink } from "./links.ts";
import type { Told } from "./told.ts";
import { type ToldTrouble, TroubleText } from "./trouble-text.tsx";

/** Longest that the registry takes. */
const MOST_CHARACTERS = 1000;

interface DisputeCardProps extends Told {
	readonly onSend: (text: string) => Promise<void>;
}

/** One field with which escalation stops. What it does is said before it is sent, and after. */
export function DisputeCard({ view, telling, onSend }: DisputeCardProps) {
	const { t } = useTranslation();
	const errorId = useId();
	const hintId = useId();
	const [text, setText] = useState("");
	const [state, setState] = useState<"busy" | "sent" | "empty" | ToldTrouble>();
	const done = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		if (state === "sent") done.current?.focus();
	}, [state]);
	if (view.state !== "open" || !view.phone) return null;
	const page = webLink(view.contact.disputeUrl);

	async function send() {
		if (text.trim() === "") return setState("empty");
		setState("busy");
		try {
			await onSend(text.trim());
			setText("");
			setState("sent");
		} catch (error) {
			setState(troubleOf(error));
		}
	}

	return (
		<section className="card no-print" aria-labelledby="dispute">
			<h2 id="dispute">{t("dispute.heading")}</h2>
			{state === "sent" && (
				<p className="found" ref={done} tabIndex={-1}>
					{view.heldUntilUnixSeconds === undefined
						? t("dispute.doneNoHold")
						: t("dispute.done", { heldUntil: telling.date(view.heldUntilUnixSeconds) })}
				</p>
			)}
			{!view.mayDispute && state !== "sent" && <p>{t("dispute.already")}</p>}
			{view.mayDispute && (
				<form
					className="stack"
					noValidate
					onSubmit={(event) => {
						event.preventDefault();
						if (state !== "busy") void send();
					}}
				>
					<p>{t("dispute.what")}</p>
					<p>{t("dispute.once")}</p>
					<label className="field">
						<span>{t("dispute.field")}</span>
						<textarea
							rows={4}
							maxLength={MOST_CHARACTERS}
							value={text}
							onChange={(event) => setText(event.target.value)}
							aria-invalid={state === "empty"}
							aria-describedby={`${hintId} ${errorId}`}
						/>
					</label>
					<p id={hintId} className="muted">
						{t("dispute.left")}
					</p>
					<div id={errorId} role="alert">
						{state === "empty" && <p className="field-error">{t("dispute.empty")}</p>}
						{typeof state === "object" && <TroubleText trouble={state} />}
					</div>
					<button type="submit" className="main-button big-button" aria-disabled={state === "busy"}>
						{state === "busy" ? t("dispute.sending") : t("dispute.send")}
					</button>
				</form>
			)}
			{page && (
				<p>
					<a href={page.href} target="_blank" rel="noopener noreferrer">
						{t("dispute.page")}
					</a>
				</p>
			)}
		</section>
	);
}
