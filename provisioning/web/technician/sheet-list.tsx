import { useTranslation } from "react-i18next";

import type { HealthLine } from "../../procedure/health.ts";
import type { SheetLine } from "../../procedure/released-sheet.ts";

const MARKS = { good: "✓", bad: "✗", unknown: "?" } as const;

/** The green sheet, line by line. */
export function SheetList({ lines }: { readonly lines: readonly SheetLine[] }) {
	const { t } = useTranslation();
	return (
		<ul className="sheet">
			{lines.map(({ name, verdict, detail }) => (
				<li key={name} className={verdict === "good" ? "check-good" : "check-bad"}>
					<span aria-hidden="true">{MARKS[verdict]}</span>
					<strong>{t(`sheet.names.${name}`)}</strong>
					<span className="found">
						{t(`sheet.verdicts.${verdict}`)}: {detail}
					</span>
				</li>
			))}
		</ul>
	);
}

/** What the phone was like before and after. */
export function HealthTable({ lines }: { readonly lines: readonly HealthLine[] }) {
	const { t } = useTranslation();
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
		<section className="table-scroll" tabIndex={0} aria-label={t("health.heading")}>
			<table className="stacked">
				<thead>
					<tr>
						<th scope="col">{t("health.what")}</th>
						<th scope="col">{t("health.before")}</th>
						<th scope="col">{t("health.after")}</th>
						<th scope="col">{t("health.verdict")}</th>
					</tr>
				</thead>
				<tbody>
					{lines.map(({ name, verdict, before, after }) => (
						<tr key={name}>
							<th scope="row">{t(`health.names.${name}`)}</th>
							<td data-label={t("health.before")}>{before}</td>
							<td data-label={t("health.after")}>{after}</td>
							<td data-label={t("health.verdict")}>{t(`health.verdicts.${verdict}`)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}
