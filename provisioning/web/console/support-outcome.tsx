import { useTranslation } from "react-i18next";

import type { Finding, SupportResult } from "../../registry/support/support-request.ts";
import { findingValues } from "./finding-values.ts";
import { ReadAloud } from "./read-aloud.tsx";
import { SIGNS } from "./standing-badge.tsx";
import { When } from "./when.tsx";

interface SupportOutcomeProps {
	readonly result: SupportResult;
	readonly requestId: string;
}

/** Why it is so, what was done, what to say, and where it stands in the log. */
export function SupportOutcome({ result, requestId }: SupportOutcomeProps) {
	const { t } = useTranslation();
	const { currency } = result.contract;
	return (
		<div className="stack">
			{result.repeated && <p className="note plain">{t("support.repeated")}</p>}
			<Findings heading={t("support.findings")} findings={result.findings} currency={currency} />
			<Findings heading={t("support.done")} findings={result.done} currency={currency} none={t("support.nothing-done")} />
			{result.code && <ReadAloud issued={result.code} />}
			<section className="script">
				<h4>{t("support.tell")}</h4>
				<ol className="steps">
					{result.tell.map((finding) => (
						<li key={finding.code}>
							<FindingText finding={finding} currency={currency} />
						</li>
					))}
				</ol>
			</section>
			{result.wrongfulLockMinutes > 0 && (
				<p className="note warn">
					{t("facts.wrongful")}: {t("facts.minutes", { number: result.wrongfulLockMinutes })}
				</p>
			)}
			<p className="muted">
				{t("support.reference")} <code>{requestId}</code> · <When at={result.atUnixSeconds} />
			</p>
		</div>
	);
}

interface FindingsProps {
	readonly heading: string;
	readonly findings: readonly Finding[];
	readonly currency: string;
	readonly none?: string;
}

function Findings({ heading, findings, currency, none }: FindingsProps) {
	if (findings.length === 0 && none === undefined) return null;
	return (
		<section>
			<h4>{heading}</h4>
			{findings.length === 0 && <p className="muted">{none}</p>}
			<ul className="findings">
				{findings.map((finding) => (
					<li key={finding.code} className={finding.tone}>
						<span aria-hidden="true">{SIGNS[finding.tone]}</span> <FindingText finding={finding} currency={currency} />
					</li>
				))}
			</ul>
		</section>
	);
}

/** In the reader's words where the page has them; the registry's own text otherwise. Times and amounts are written as the reader does. */
function FindingText({ finding, currency }: { readonly finding: Finding; readonly currency: string }) {
	const { t, i18n } = useTranslation();
	if (!i18n.exists(`findings.${finding.code}`)) return <span lang="en">{finding.text}</span>;
	const values = findingValues(finding, currency, i18n.language, (key) => (i18n.exists(key) ? t(key) : undefined));
	return <>{t(`findings.${finding.code}`, values)}</>;
}
