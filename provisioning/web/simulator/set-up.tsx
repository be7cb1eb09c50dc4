import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { jurisdictions } from "../../../proto/jurisdiction.ts";
import { type MadeTerms, parseScenario, readScenario, type Scenario } from "../../simulation/scenario.ts";
import { STORY_NAMES, type StoryName, story } from "../../simulation/stories.ts";
import { LANGUAGE_NAMES, LANGUAGES } from "../frame/language.ts";
import type { SimulatedPhoneClient } from "../simulated-phone/worker-client.ts";
import { saveFile } from "./save-file.ts";
import type { LifeInHand } from "./use-life.ts";

const CURRENCIES: Readonly<Record<string, string>> = { IN: "INR", MX: "MXN", ID: "IDR", BR: "BRL", KE: "KES", default: "USD" };

/** Which life: a story that is told, a contract of one's own, or a file. */
export function SetUp({ life, client }: { readonly life: LifeInHand; readonly client: SimulatedPhoneClient }) {
	const { t } = useTranslation();
	const id = useId();
	const { scenario } = life;
	const told = STORY_NAMES.find((name) => name === scenario.name);
	const [fileProblem, setFileProblem] = useState<string>();
	const [isCopied, setCopied] = useState(false);

	async function load(file: File | undefined): Promise<void> {
		if (!file) return;
		const read = file.size > 1_000_000 ? { problem: "the file is too large" } : parseScenario(await file.text());
		if ("problem" in read) setFileProblem(read.problem);
		else {
			setFileProblem(undefined);
			life.begin(read.scenario);
		}
	}

	const written = () => JSON.stringify(scenario, undefined, "\t");

	return (
		<section className="card" aria-labelledby={`${id}-heading`}>
			<h2 id={`${id}-heading`}>{t("setUp.heading")}</h2>
			<p>{t("setUp.what")}</p>
			<label className="field">
				<span>{t("setUp.story")}</span>
				<select value={told ?? "own"} onChange={({ target }) => isStory(target.value) && life.begin(story(target.value))}>
					{STORY_NAMES.map((name) => (
						<option key={name} value={name}>
							{t(`story.${name}.name`)}
						</option>
					))}
					{told === undefined && <option value="own">{t("setUp.own")}</option>}
				</select>
			</label>
			<p className="muted" aria-live="polite">
				{told ? t(`story.${told}.what`) : t("setUp.ownWhat")}
			</p>
			<details>
				<summary>{t("setUp.contract")}</summary>
				<ContractForm
					key={JSON.stringify(scenario.terms)}
					terms={scenario.terms}
					onTerms={(terms) => life.begin(withTerms(scenario, terms))}
				/>
			</details>
			<details>
				<summary>{t("file.heading")}</summary>
				<div className="stack">
					<p>{t("file.what")}</p>
					<div className="row">
						<button type="button" onClick={() => saveFile("holdfast-life.json", "application/json", written())}>
							{t("file.save")}
						</button>
						<button
							type="button"
							onClick={() =>
								void navigator.clipboard.writeText(written()).then(
									() => setCopied(true),
									() => {},
								)
							}
						>
							{isCopied ? t("file.copied") : t("file.copy")}
						</button>
						<button
							type="button"
							onClick={() =>
								void client.record().then(
									(bytes) => saveFile("holdfast-record.bin", "application/octet-stream", bytes),
									(error: unknown) => setFileProblem(String(error)),
								)
							}
						>
							{t("file.record")}
						</button>
					</div>
					<label className="field">
						<span>{t("file.load")}</span>
						<input type="file" accept="application/json,.json" onChange={({ target }) => void load(target.files?.[0])} />
					</label>
					{fileProblem !== undefined && (
						<p role="alert" className="field-error">
							{t("file.problem", { problem: fileProblem })}
						</p>
					)}
				</div>
			</details>
		</section>
	);
}

interface ContractFormProps {
	readonly terms: MadeTerms;
	onTerms(terms: MadeTerms): void;
}

function ContractForm({ terms, onTerms }: ContractFormProps) {
	const { t } = useTranslation();
	const [draft, setDraft] = useState(terms);
	const [isWrong, setWrong] = useState(false);
	const change = (changes: Partial<MadeTerms>) => setDraft({ ...draft, ...changes });

	function send(event: FormEvent): void {
		event.preventDefault();
		const read = readScenario(withTerms(story("neverPays"), draft));
		setWrong("problem" in read);
		if ("scenario" in read) onTerms(draft);
	}

	return (
		<form className="contract" onSubmit={send} noValidate>
			<label className="field">
				<span>{t("setUp.place")}</span>
				<select
					value={draft.jurisdiction}
					onChange={({ target }) => change({ jurisdiction: target.value, currency: CURRENCIES[target.value] ?? draft.currency })}
				>
					{jurisdictions().map(({ id }) => (
						<option key={id} value={id}>
							{t(`place.${id}`)}
						</option>
					))}
				</select>
			</label>
			<label className="field">
				<span>{t("setUp.currency")}</span>
				<input value={draft.currency} maxLength={3} onChange={({ target }) => change({ currency: target.value.toUpperCase() })} />
			</label>
			<label className="field">
				<span>{t("setUp.amount")}</span>
				<input
					type="number"
					min={1}
					value={draft.amountMinor / 100}
					onChange={({ target }) => change({ amountMinor: Math.round(Number(target.value) * 100) })}
				/>
			</label>
			<label className="field">
				<span>{t("setUp.instalments")}</span>
				<input
					type="number"
					min={1}
					max={60}
					value={draft.instalments}
					onChange={({ target }) => change({ instalments: Number(target.value) })}
				/>
			</label>
			<label className="field">
				<span>{t("setUp.everyDays")}</span>
				<input
					type="number"
					min={1}
					max={92}
					value={draft.everyDays}
					onChange={({ target }) => change({ everyDays: Number(target.value) })}
				/>
			</label>
			<label className="field">
				<span>{t("setUp.language")}</span>
				<select value={draft.language} onChange={({ target }) => change({ language: target.value })}>
					{LANGUAGES.map((language) => (
						<option key={language} value={language}>
							{LANGUAGE_NAMES[language]}
						</option>
					))}
				</select>
			</label>
			{isWrong && (
				<p role="alert" className="field-error">
					{t("setUp.wrong")}
				</p>
			)}
			<button type="submit" className="main-button">
				{t("setUp.begin")}
			</button>
		</form>
	);
}

/** The same acts under another contract, followed to a month past its last due date. */
function withTerms(scenario: Scenario, terms: MadeTerms): Scenario {
	const hours = Math.max(scenario.acts.at(-1)?.atHour ?? 0, (terms.instalments + 1) * terms.everyDays * 24);
	return { ...scenario, name: "", terms, hours };
}

function isStory(text: string): text is StoryName {
	return STORY_NAMES.some((name) => name === text);
}
