import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";
import { useSaid } from "./said.ts";

/** The instalments, as the lender's books have them. */
export function BookTable({ view }: { readonly view: LifeView }) {
	const { t } = useTranslation();
	const id = useId();
	const said = useSaid(view.utcOffsetMinutes);
	const { book, screen } = view;
	return (
		<section className="card" aria-labelledby={id}>
			<h2 id={id}>{t("book.heading")}</h2>
			<div className="table-scroll">
				<table>
					<thead>
						<tr>
							<th scope="col">{t("book.number")}</th>
							<th scope="col">{t("book.due")}</th>
							<th scope="col">{t("book.amount")}</th>
							<th scope="col">{t("book.state")}</th>
						</tr>
					</thead>
					<tbody>
						{book.instalments.map(({ dueAtUnixSeconds, amountMinor, isPaid }, index) => (
							<tr key={dueAtUnixSeconds}>
								<td>{said.count(index + 1)}</td>
								<td>{said.date(dueAtUnixSeconds)}</td>
								<td>{screen.currency === "" ? amountMinor : said.money(amountMinor, screen.currency)}</td>
								<td>{isPaid ? t("book.paid") : dueAtUnixSeconds <= view.atUnixSeconds ? t("book.late") : t("book.open")}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</section>
	);
}
