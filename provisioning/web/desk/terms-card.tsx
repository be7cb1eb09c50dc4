import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Fault, FaultError } from "../../handset/fault.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import type { ContractRequest } from "../../registry/contracts/contract-request.ts";
import { LANGUAGE_NAMES, LANGUAGES, type Language, nearestLanguage } from "../frame/language.ts";
import { useContractWork } from "./contract-card.tsx";
import type { PreparedContract } from "./contract-work.ts";
import { FaultCard } from "./fault-card.tsx";
import { languageName, timeText } from "./formats.ts";
import { Heading } from "./heading.tsx";
import { TermsText } from "./terms-text.tsx";
import type { TermsView } from "./terms-view.ts";
import { DESK_WORDS } from "./words.ts";

/** A contract that stands, or one that is entered when the borrower agrees. */
export type TermsSubject =
	| { readonly kind: "entered"; readonly prepared: PreparedContract }
	| { readonly kind: "new"; readonly request: Omit<ContractRequest, "consent"> };

interface TermsCardProps {
	readonly address: RegistryAddress;
	readonly subject: TermsSubject;
	readonly onBack: () => void;
	readonly onAgreed: (contract: PreparedContract) => void;
}

/** What the contract says, in the borrower's language, before the phone is touched; and the borrower's yes. */
export function TermsCard({ address, subject, onBack, onAgreed }: TermsCardProps) {
	const { t, i18n } = useTranslation();
	const work = useContractWork();
	const [terms, setTerms] = useState(subject.kind === "entered" ? subject.prepared.terms : undefined);
	const languages = subject.kind === "entered" ? subject.prepared.terms.languages : (subject.request.terms.languages ?? ["en"]);
	const [language, setLanguage] = useState<Language>(() => nearestLanguage(languages));
	const isReady = useLanguage(language);
	const [isAgreed, setAgreed] = useState(false);
	const [isBusy, setBusy] = useState(false);
	const [fault, setFault] = useState<Fault>();
	useEffect(() => {
		if (subject.kind === "new") void work.then(({ termsViewOfRequest }) => setTerms(termsViewOfRequest(subject.request)));
	}, [subject, work]);

	const go = async () => {
		if (!isAgreed || isBusy) return;
		if (subject.kind === "entered") return onAgreed(subject.prepared);
		setBusy(true);
		setFault(undefined);
		try {
			const consent = { language, givenAtUnixSeconds: Math.floor(Date.now() / 1000), method: "document" } as const;
			onAgreed(await (await work).enter(address, { ...subject.request, consent }));
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			setFault(error.fault);
		} finally {
			setBusy(false);
		}
	};
	const offered = LANGUAGES.filter((each) => languages.some((tag) => nearestLanguage([tag]) === each));
	return (
		<>
			<section className="card">
				<Heading>{t("terms.heading")}</Heading>
				<p>{t("terms.intro")}</p>
				{offered.length > 1 && (
					<label className="field">
						<span>{t("terms.language")}</span>
						<select
							value={language}
							onChange={(event) => {
								setAgreed(false);
								setLanguage(nearestLanguage([event.target.value]));
							}}
						>
							{offered.map((each) => (
								<option key={each} value={each}>
									{LANGUAGE_NAMES[each]}
								</option>
							))}
						</select>
					</label>
				)}
				{terms && isReady ? (
					<TermsText contractId={idOf(subject)} terms={terms as TermsView} language={language} />
				) : (
					<p role="status">{t("contract.looking")}</p>
				)}
			</section>
			{fault && (
				<FaultCard fault={fault} contractId={idOf(subject)}>
					<button type="button" className="main-button" onClick={() => void go()}>
						{t("fault.retry")}
					</button>
				</FaultCard>
			)}
			<section className="card">
				<h2>{t("consent.heading")}</h2>
				{subject.kind === "entered" && (
					<p>
						{t("consent.recorded", {
							when: timeText(i18n.language, subject.prepared.consent.givenAt),
							language: languageName(subject.prepared.consent.language),
						})}
					</p>
				)}
				<p>{t("consent.hash")}</p>
				{subject.kind === "entered" && <p className="hash">{subject.prepared.papers.consentSha256}</p>}
				<label className="tick">
					<input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.target.checked)} />
					<span>{t("consent.tick", { language: LANGUAGE_NAMES[language] })}</span>
				</label>
				<div className="row">
					<button type="button" className="main-button" aria-disabled={!isAgreed || isBusy} onClick={() => void go()}>
						{t(subject.kind === "new" ? "consent.enter" : "consent.go")}
					</button>
					<button type="button" onClick={onBack}>
						{t("consent.back")}
					</button>
				</div>
				<p role="status">{isBusy ? t("consent.entering") : ""}</p>
			</section>
		</>
	);
}

function idOf(subject: TermsSubject): string {
	return subject.kind === "entered" ? subject.prepared.contract.contractId : subject.request.contractId;
}

/** Fetches the page's words in the borrower's language beside the clerk's. */
function useLanguage(language: Language): boolean {
	const { i18n } = useTranslation();
	const [ready, setReady] = useState<Language>();
	useEffect(() => {
		let isOver = false;
		const fetched = async () => {
			if (language !== "en" && !i18n.hasResourceBundle(language, "translation"))
				i18n.addResourceBundle(language, "translation", await DESK_WORDS.load(language));
			if (!isOver) setReady(language);
		};
		void fetched();
		return () => {
			isOver = true;
		};
	}, [i18n, language]);
	return ready === language;
}
