import { useState } from "react";
import { useTranslation } from "react-i18next";

import { parseImei } from "../../../proto/imei.ts";
import { readRequestNumber } from "../../../proto/request-number.ts";
import type { ActProps } from "./act-card.tsx";
import { ActForm } from "./act-form.tsx";
import { Choice, Field } from "./form-parts.tsx";
import { useServer } from "./server.ts";
import { groupRequestNumber } from "./spoken-code.ts";
import { SupportOutcome } from "./support-outcome.tsx";

/** As the registry takes a note: two signs that are no blanks, something between. */
const isNote = (text: string) => text.trim().length >= 3;
const noted = (text: string) => (isNote(text) ? { note: text.trim() } : {});

export function PaidButLockedAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [number, setNumber] = useState("");
	const digits = number.replace(/\D/g, "");
	const isWrong = digits !== "" && readRequestNumber(number) === undefined;
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("support.look")}
			whyNot={isWrong ? t(digits.length === 8 ? "code.misheard" : "code.number-missing") : undefined}
			anotherText={t("support.again")}
			onSend={(requestId) =>
				registry.paidButLocked(story.contract.contractId, { requestId, ...(digits === "" ? {} : { requestNumber: number }) })
			}
			done={(result, requestId) => <SupportOutcome result={result} requestId={requestId} />}
		>
			<Field
				label={t("support.number")}
				hint={t("support.number-hint")}
				error={digits.length === 8 && isWrong ? t("code.misheard") : undefined}
			>
				{(field) => (
					<input
						{...field}
						className="digits"
						inputMode="numeric"
						autoComplete="off"
						value={number}
						onChange={(event) => setNumber(groupRequestNumber(event.target.value))}
					/>
				)}
			</Field>
		</ActForm>
	);
}

export function LockedInErrorAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [imei, setImei] = useState("");
	const [proof, setProof] = useState("");
	const [note, setNote] = useState("");
	const read = parseImei(imei);
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("support.open-appeal")}
			whyNot={"problem" in read ? t("support.imei-wrong") : proof.trim() === "" ? t("support.proof-missing") : undefined}
			onSend={(requestId) => {
				if ("problem" in read) throw new Error("no IMEI");
				return registry.lockedInError(story.contract.contractId, {
					requestId,
					imei: read.imei,
					proofReference: proof.trim(),
					...noted(note),
				});
			}}
			done={(result, requestId) => <SupportOutcome result={result} requestId={requestId} />}
		>
			<Field
				label={t("support.imei")}
				hint={t("support.imei-hint")}
				error={imei.replace(/[\s-]/g, "").length >= 15 && "problem" in read ? t("support.imei-wrong") : undefined}
			>
				{(field) => (
					<input
						{...field}
						className="digits"
						inputMode="numeric"
						autoComplete="off"
						maxLength={24}
						value={imei}
						onChange={(event) => setImei(event.target.value)}
					/>
				)}
			</Field>
			<Field label={t("support.proof")} hint={t("support.proof-hint")}>
				{(field) => (
					<input {...field} autoComplete="off" maxLength={80} value={proof} onChange={(event) => setProof(event.target.value)} />
				)}
			</Field>
			<NoteField note={note} onNote={setNote} />
		</ActForm>
	);
}

export function AppealDecisionAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [outcome, setOutcome] = useState<"upheld" | "rejected">();
	const [note, setNote] = useState("");
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("acts.appeal.name")}
			whyNot={outcome === undefined ? t("support.decision-missing") : isNote(note) ? undefined : t("restrict.note-missing")}
			onSend={(requestId) =>
				registry.decideAppeal(story.contract.contractId, { requestId, outcome: outcome ?? "upheld", note: note.trim() })
			}
			done={(result, requestId) => <SupportOutcome result={result} requestId={requestId} />}
		>
			<Choice
				legend={t("support.decision")}
				value={outcome}
				options={(["upheld", "rejected"] as const).map((name) => ({
					name,
					text: t(`support.${name}`),
					hint: t(`support.${name}-hint`),
				}))}
				onChoose={setOutcome}
			/>
			<NoteField note={note} onNote={setNote} />
		</ActForm>
	);
}

export function InClearingAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [hours, setHours] = useState(48);
	const [reference, setReference] = useState("");
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("support.hold")}
			onSend={(requestId) =>
				registry.inClearing(story.contract.contractId, {
					requestId,
					hours,
					...(reference.trim() === "" ? {} : { paymentReference: reference.trim() }),
				})
			}
			done={(result, requestId) => <SupportOutcome result={result} requestId={requestId} />}
		>
			<Field label={t("support.hours")}>
				{(field) => (
					<select {...field} value={hours} onChange={(event) => setHours(Number(event.target.value))}>
						{[24, 48, 72].map((each) => (
							<option key={each} value={each}>
								{t("service.hours", { hours: each })}
							</option>
						))}
					</select>
				)}
			</Field>
			<Field label={t("support.payment-reference")}>
				{(field) => (
					<input
						{...field}
						autoComplete="off"
						maxLength={80}
						value={reference}
						onChange={(event) => setReference(event.target.value)}
					/>
				)}
			</Field>
		</ActForm>
	);
}

export function ReturnAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { console: registry } = useServer();
	const [reference, setReference] = useState("");
	const [tail, setTail] = useState("");
	const [note, setNote] = useState("");
	const whyNot =
		reference.trim() === ""
			? t("support.slip-missing")
			: !/^\d{4,6}$/.test(tail.trim())
				? t("support.tail-missing")
				: isNote(note)
					? undefined
					: t("restrict.note-missing");
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("acts.return.name")}
			whyNot={whyNot}
			isGrave
			onSend={(requestId) =>
				registry.returned(story.contract.contractId, {
					requestId,
					reference: reference.trim(),
					imeiTail: tail.trim(),
					note: note.trim(),
				})
			}
			done={(result, requestId) => <SupportOutcome result={result} requestId={requestId} />}
		>
			<p className="note warn">{t("support.return-care")}</p>
			<Field label={t("support.slip")}>
				{(field) => (
					<input
						{...field}
						autoComplete="off"
						maxLength={80}
						value={reference}
						onChange={(event) => setReference(event.target.value)}
					/>
				)}
			</Field>
			<Field label={t("support.tail")} hint={t("support.tail-hint")}>
				{(field) => (
					<input
						{...field}
						className="digits"
						inputMode="numeric"
						autoComplete="off"
						maxLength={6}
						value={tail}
						onChange={(event) => setTail(event.target.value)}
					/>
				)}
			</Field>
			<NoteField note={note} onNote={setNote} />
		</ActForm>
	);
}

function NoteField({ note, onNote }: { readonly note: string; readonly onNote: (note: string) => void }) {
	const { t } = useTranslation();
	return (
		<Field label={t("restrict.note")} hint={t("restrict.note-hint")}>
			{(field) => <textarea {...field} rows={2} maxLength={500} value={note} onChange={(event) => onNote(event.target.value)} />}
		</Field>
	);
}
