import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContractSearch } from "../../registry/contracts/contract-search-request.ts";
import { Field } from "./form-parts.tsx";
import { cleanSearchText } from "./search-text.ts";

const STATES = ["open", "paid_off", "returned", "released"] as const;
const STANDINGS = ["none", "unlocked", "grace", "locked_limited", "locked_full", "released"] as const;
const SORTS = ["number", "due", "contact"] as const;
const DAYS = [1, 7, 14, 30, 60, 90] as const;

interface SearchFormProps {
	readonly search: ContractSearch;
	readonly onSearch: (search: ContractSearch) => void;
}

/** Text and filters. A filter works at once; text when it is sent, because each letter would ask the registry again. */
export function SearchForm({ search, onSearch }: SearchFormProps) {
	const { t } = useTranslation();
	const [text, setText] = useState(search.text ?? "");
	const send = (changes: Partial<Record<keyof ContractSearch, string | number | undefined>>) => {
		const next: Record<string, unknown> = { ...search, ...changes };
		for (const [name, value] of Object.entries(next)) if (value === undefined || value === "") delete next[name];
		onSearch(next as ContractSearch); // every value comes from the lists above
	};
	const typed = cleanSearchText(text);
	return (
		<search>
			<form
				className="card filters no-print"
				onSubmit={(event) => {
					event.preventDefault();
					send({ text: typed });
				}}
			>
				<Field label={t("search.text")} hint={t("search.hint")}>
					{(field) => (
						<span className="row together">
							<input {...field} type="search" value={text} maxLength={200} onChange={(event) => setText(event.target.value)} />
							<button type="submit" className="main-button">
								{t("search.send")}
							</button>
						</span>
					)}
				</Field>
				<Choose
					label={t("search.state")}
					value={search.state}
					all={t("search.all")}
					options={STATES.map((name) => [name, t(`state.${name}`)])}
					onChoose={(state) => send({ state })}
				/>
				<Choose
					label={t("search.standing")}
					value={search.standing}
					all={t("search.all")}
					options={STANDINGS.map((name) => [name, t(`standing.${name}`)])}
					onChoose={(standing) => send({ standing })}
				/>
				<Choose
					label={t("search.overdue")}
					value={search.overdueSinceDays}
					all={t("search.all")}
					options={DAYS.map((days) => [String(days), t("search.days", { days })])}
					onChoose={(days) => send({ overdueSinceDays: days && Number(days) })}
				/>
				<Choose
					label={t("search.silent")}
					value={search.silentSinceDays}
					all={t("search.all")}
					options={DAYS.map((days) => [String(days), t("search.days", { days })])}
					onChoose={(days) => send({ silentSinceDays: days && Number(days) })}
				/>
				<Choose
					label={t("search.sort")}
					value={search.sort}
					options={SORTS.map((name) => [name, t(`search.sorts.${name}`)])}
					onChoose={(sort) => send({ sort })}
				/>
				<button type="button" onClick={() => onSearch({})}>
					{t("search.clear")}
				</button>
			</form>
		</search>
	);
}

interface ChooseProps {
	readonly label: string;
	readonly value: string | number | undefined;
	readonly options: readonly (readonly [value: string, text: string])[];
	/** What no choice is called; none: there is always one. */
	readonly all?: string;
	readonly onChoose: (value: string | undefined) => void;
}

function Choose({ label, value, options, all, onChoose }: ChooseProps) {
	return (
		<Field label={label}>
			{(field) => (
				<select
					{...field}
					value={value === undefined ? "" : String(value)}
					onChange={(event) => onChoose(event.target.value || undefined)}
				>
					{all !== undefined && <option value="">{all}</option>}
					{options.map(([name, text]) => (
						<option key={name} value={name}>
							{text}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}
