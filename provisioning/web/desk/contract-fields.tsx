import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContractRequest } from "../../registry/contracts/contract-request.ts";
import { LANGUAGE_NAMES, LANGUAGES } from "../frame/language.ts";
import { keep, readKept } from "../frame/look.ts";
import { type ContractForm, EVERY, type Every, type FormProblem, PLACES, readContractForm } from "./contract-form.ts";

interface ContractFieldsProps {
	readonly number: string;
	/** What was typed before the terms were looked at. */
	readonly draft: ContractForm | undefined;
	readonly onDraft: (form: ContractForm) => void;
	readonly onRequest: (request: Omit<ContractRequest, "consent">) => void;
}

/** What is the same at the next sale, so that nobody types it twice. */
const SHOP_KEY = "holdfast-desk-shop";
const OF_THE_SHOP = ["lenderName", "supportPhone", "payUrl", "currency", "jurisdiction", "language"] as const;

/** A new contract, from the shop's till. */
export function ContractFields({ number, draft, onDraft, onRequest }: ContractFieldsProps) {
	const { t, i18n } = useTranslation();
	const [form, setForm] = useState<ContractForm>(
		() => draft ?? { ...emptyForm(i18n.language), contractId: number, ...readShop() },
	);
	const [problems, setProblems] = useState<readonly FormProblem[]>([]);
	const set = (name: FormProblem, value: string) => {
		setForm((old) => ({ ...old, [name]: value }));
		setProblems((old) => old.filter((problem) => problem !== name));
	};
	const field = (name: FormProblem, options: FieldOptions = {}) => (
		<Field
			label={t(`form.${name}`)}
			problem={problems.includes(name) ? t(`form.problems.${name}`) : undefined}
			value={form[name]}
			onValue={(value) => set(name, value)}
			{...options}
		/>
	);
	return (
		<section className="card">
			<h2>{t("form.heading")}</h2>
			<form
				className="form"
				noValidate
				onSubmit={(event) => {
					event.preventDefault();
					const read = readContractForm(form);
					if ("problems" in read) {
						setProblems(read.problems);
						return;
					}
					keep(SHOP_KEY, Object.fromEntries(OF_THE_SHOP.map((name) => [name, form[name]])));
					onDraft(form);
					onRequest(read.request);
				}}
			>
				{field("contractId")}
				{field("account")}
				{field("imei", { mode: "numeric" })}
				{field("amount", { mode: "decimal" })}
				{field("currency")}
				{field("count", { mode: "numeric" })}
				{field("firstDue", { type: "date" })}
				<Choice
					label={t("form.every")}
					value={form.every}
					choices={EVERY.map((every: Every) => [every, t(`form.everies.${every}`)])}
					onValue={(value) => set("every", value)}
				/>
				<Choice
					label={t("form.language")}
					value={form.language}
					choices={LANGUAGES.map((language) => [language, LANGUAGE_NAMES[language]])}
					onValue={(value) => set("language", value)}
				/>
				<Choice
					label={t("form.jurisdiction")}
					value={form.jurisdiction}
					choices={PLACES.map((place) => [place, place === "default" ? t("form.elsewhere") : placeName(i18n.language, place)])}
					onValue={(value) => set("jurisdiction", value)}
				/>
				{field("lenderName")}
				{field("supportPhone", { type: "tel" })}
				{field("payUrl", { type: "url" })}
				<p role="alert" className="field-error">
					{problems.length > 0 ? t("form.check") : ""}
				</p>
				<div className="row">
					<button type="submit" className="main-button">
						{t("form.next")}
					</button>
				</div>
			</form>
		</section>
	);
}

interface FieldOptions {
	readonly type?: "text" | "date" | "tel" | "url";
	readonly mode?: "numeric" | "decimal";
}

interface FieldProps extends FieldOptions {
	readonly label: string;
	readonly problem: string | undefined;
	readonly value: string;
	readonly onValue: (value: string) => void;
}

function Field({ label, problem, value, onValue, type = "text", mode }: FieldProps) {
	const id = useId();
	const problemId = useId();
	return (
		<div className="field">
			<label htmlFor={id}>{label}</label>
			<input
				id={id}
				type={type}
				value={value}
				autoComplete="off"
				aria-invalid={problem !== undefined}
				aria-describedby={problem === undefined ? undefined : problemId}
				{...(mode === undefined ? {} : { inputMode: mode })}
				onChange={(event) => onValue(event.target.value)}
			/>
			{problem !== undefined && (
				<span id={problemId} className="field-error">
					{problem}
				</span>
			)}
		</div>
	);
}

interface ChoiceProps {
	readonly label: string;
	readonly value: string;
	readonly choices: readonly (readonly [value: string, text: string])[];
	readonly onValue: (value: string) => void;
}

function Choice({ label, value, choices, onValue }: ChoiceProps) {
	return (
		<label className="field">
			<span>{label}</span>
			<select value={value} onChange={(event) => onValue(event.target.value)}>
				{choices.map(([each, text]) => (
					<option key={each} value={each}>
						{text}
					</option>
				))}
			</select>
		</label>
	);
}

function emptyForm(language: string): ContractForm {
	const nextMonth = new Date();
	nextMonth.setDate(nextMonth.getDate() + 30);
	return {
		contractId: "",
		account: "",
		imei: "",
		lenderName: "",
		supportPhone: "",
		payUrl: "",
		currency: "",
		jurisdiction: "default",
		amount: "",
		count: "",
		firstDue: nextMonth.toLocaleDateString("sv"), // YYYY-MM-DD
		every: "month",
		language,
	};
}

function readShop(): Partial<ContractForm> {
	const kept = readKept(SHOP_KEY);
	return Object.fromEntries(OF_THE_SHOP.flatMap((name) => (typeof kept[name] === "string" ? [[name, kept[name]]] : [])));
}

function placeName(language: string, place: string): string {
	return new Intl.DisplayNames([language], { type: "region" }).of(place) ?? place;
}
