import { useTranslation } from "react-i18next";

import type { Told } from "./told.ts";

/** The contract in plain words: when what may be locked, and what never is. */
export function TermsCard({ view, telling }: Told) {
	const { t } = useTranslation();
	const { terms } = view;
	const mayLimit = terms.maxLevel !== "none";
	const lines = [
		t("terms.grace", { duration: telling.duration(terms.graceSeconds) }),
		t("terms.notices", { count: terms.noticeCount, spacing: telling.duration(terms.noticeSpacingSeconds) }),
		...(mayLimit ? [t("terms.limited")] : []),
		terms.maxLevel === "full" ? t("terms.full", { duration: telling.duration(terms.limitedDwellSeconds) }) : t("terms.neverFull"),
		terms.offlineLevel === "none" || terms.offlineBudgetSeconds === 0
			? t("terms.neverOffline")
			: t("terms.offline", { duration: telling.duration(terms.offlineBudgetSeconds) }),
		...(terms.passesPerYear > 0
			? [t("terms.passes", { count: terms.passesPerYear, duration: telling.duration(terms.passSeconds) })]
			: []),
		t("terms.never"),
		t("terms.ends"),
	];
	return (
		<section className="card" aria-labelledby="terms">
			<h2 id="terms">{t("terms.heading")}</h2>
			<ul className="bullets">
				{lines.map((line) => (
					<li key={line}>{line}</li>
				))}
			</ul>
			<dl className="facts">
				<dt>{t("terms.place")}</dt>
				<dd>{terms.jurisdiction}</dd>
				<dt>{t("terms.digest")}</dt>
				<dd className="fingerprint">{terms.termsSha256.match(/.{1,8}/g)?.join(" ")}</dd>
			</dl>
		</section>
	);
}
