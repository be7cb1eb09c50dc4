import { useState } from "react";
import { useTranslation } from "react-i18next";

import { readRequestNumber } from "../../../proto/request-number.ts";
import type { CodeRequest } from "../../registry/codes/code-request.ts";
import type { ActProps } from "./act-card.tsx";
import { ActForm } from "./act-form.tsx";
import { Choice, Field } from "./form-parts.tsx";
import { ReadAloud } from "./read-aloud.tsx";
import { useServer } from "./server.ts";
import { groupRequestNumber } from "./spoken-code.ts";

const DAY = 24 * 3600;
const KINDS = ["set", "add", "contact", "service", "automatic"] as const;
type Kind = (typeof KINDS)[number];

/** A time code for somebody on the telephone. It begins with the days that are paid for: a code is not a payment. */
export function CodeAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { admin } = useServer();
	const { contract } = story;
	const paidDays = Math.max(0, Math.ceil((contract.paidUntilUnixSeconds - Date.now() / 1000) / DAY));
	const [kind, setKind] = useState<Kind>("set");
	const [value, setValue] = useState(String(Math.min(999, Math.max(1, paidDays))));
	const [number, setNumber] = useState("");
	const amount = /^\d{1,3}$/.test(value.trim()) ? Number(value) : 0;
	const most = kind === "service" ? 24 : 999;
	const isWhole = number.replace(/\D/g, "").length === 8;
	const isHeard = readRequestNumber(number) !== undefined;
	const whyNot =
		kind !== "contact" && (amount < 1 || amount > most)
			? t("code.value-wrong", { most })
			: kind !== "automatic" && !isHeard
				? t(isWhole ? "code.misheard" : "code.number-missing")
				: undefined;
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("code.send")}
			whyNot={whyNot}
			anotherText={t("code.another")}
			onAnother={() => setNumber("")}
			onSend={(requestId) => admin.issueCode(contract.contractId, requestOf(kind, amount, number, requestId))}
			done={(issued) => <ReadAloud issued={issued} />}
		>
			<Choice
				legend={t("code.kind")}
				value={kind}
				options={KINDS.map((name) => ({ name, text: t(`code.kinds.${name}`), hint: t(`code.hints.${name}`) }))}
				onChoose={(name) => {
					setKind(name);
					setValue(name === "service" ? "2" : String(Math.min(999, Math.max(1, name === "set" ? paidDays : 1))));
				}}
			/>
			{kind !== "contact" && (
				<Field
					label={kind === "service" ? t("code.hours") : t("code.days")}
					hint={kind === "service" ? undefined : t("code.paid-days", { days: paidDays })}
				>
					{(field) => (
						<input
							{...field}
							inputMode="numeric"
							maxLength={4}
							value={value}
							onChange={(event) => setValue(event.target.value)}
						/>
					)}
				</Field>
			)}
			{(kind === "set" || kind === "add") && (kind === "set" ? amount > paidDays : amount > 0) && (
				<p className="note warn">{t("code.more-than-paid")}</p>
			)}
			{kind !== "automatic" && (
				<Field label={t("code.number")} hint={t("code.number-hint")} error={isWhole && !isHeard ? t("code.misheard") : undefined}>
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
			)}
		</ActForm>
	);
}

function requestOf(kind: Kind, amount: number, requestNumber: string, requestId: string): CodeRequest {
	switch (kind) {
		case "contact":
			return { kind, requestNumber, requestId };
		case "service":
			return { kind, hours: amount, requestNumber, requestId };
		case "automatic":
			return { kind, days: amount, requestId };
		default:
			return { kind, days: amount, requestNumber, requestId };
	}
}

/** The code that frees a phone for ever, once its contract has ended. */
export function ReleaseCodeAct({ story, onDone }: ActProps) {
	const { t } = useTranslation();
	const { admin } = useServer();
	return (
		<ActForm
			onDone={onDone}
			sendText={t("release.send")}
			confirm={{ story, what: t("release.confirm") }}
			onSend={() => admin.releaseCode(story.contract.contractId)}
			done={({ releaseCode, certificateId }) => (
				<>
					<p className="big-code">{releaseCode}</p>
					<p>{t("release.done")}</p>
					<p>
						{t("facts.certificate")}: <code>{certificateId}</code>
					</p>
				</>
			)}
		>
			<p className="note warn">{t("release.care")}</p>
		</ActForm>
	);
}
