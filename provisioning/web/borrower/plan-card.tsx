import { useTranslation } from "react-i18next";

import type { Told } from "./told.ts";

/** Every instalment and what is paid of it. */
export function PlanCard({ view, telling }: Told) {
	const { t } = useTranslation();
	const standing = ({ dueAtUnixSeconds, amountMinor, paidMinor }: (typeof view.instalments)[number]) => {
		if (paidMinor >= amountMinor) return t("plan.done");
		const late = dueAtUnixSeconds < view.asOfUnixSeconds && view.state === "open";
		if (paidMinor > 0) return late ? `${t("plan.part")}, ${t("plan.late")}` : t("plan.part");
		return late ? t("plan.late") : t("plan.open");
	};
	return (
		<section className="card" aria-labelledby="plan">
			<h2 id="plan">{t("plan.heading")}</h2>
			<p>{t("plan.total", { paid: telling.money(view.paidMinor), total: telling.money(view.totalMinor) })}</p>
			<table className="stacked">
				<thead>
					<tr>
						<th scope="col">{t("plan.due")}</th>
						<th scope="col">{t("plan.amount")}</th>
						<th scope="col">{t("plan.paid")}</th>
						<th scope="col">{t("plan.how")}</th>
					</tr>
				</thead>
				<tbody>
					{view.instalments.map((instalment) => (
						<tr key={instalment.dueAtUnixSeconds}>
							<th scope="row" data-label={t("plan.due")}>
								{telling.date(instalment.dueAtUnixSeconds)}
							</th>
							<td data-label={t("plan.amount")}>{telling.money(instalment.amountMinor)}</td>
							<td data-label={t("plan.paid")}>{telling.money(instalment.paidMinor)}</td>
							<td data-label={t("plan.how")}>{standing(instalment)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}
