import { useTranslation } from "react-i18next";

import { callLink, webLink } from "./links.ts";
import type { Told } from "./told.ts";

/** What to pay, to whom, and how. What the lender wrote is text; only addresses of the web and telephone numbers become links. */
export function PayCard({ view, telling }: Told) {
	const { t } = useTranslation();
	const { contact, instalments, asOfUnixSeconds } = view;
	const unpaid = view.state === "open" ? instalments.filter(({ amountMinor, paidMinor }) => paidMinor < amountMinor) : [];
	const due = unpaid.filter(({ dueAtUnixSeconds }) => dueAtUnixSeconds < asOfUnixSeconds);
	const dueMinor = due.reduce((sum, { amountMinor, paidMinor }) => sum + amountMinor - paidMinor, 0);
	const next = unpaid.find(({ dueAtUnixSeconds }) => dueAtUnixSeconds >= asOfUnixSeconds);
	const call = callLink(contact.supportPhone);
	const pay = webLink(contact.payUrl);
	const help = webLink(contact.supportUrl);
	return (
		<section className="card" aria-labelledby="pay">
			<h2 id="pay">{t("pay.heading")}</h2>
			<dl className="facts">
				<dt>{t("pay.due")}</dt>
				<dd>
					{due[0]
						? t("pay.byDate", { amount: telling.money(dueMinor), date: telling.date(due[0].dueAtUnixSeconds) })
						: t("pay.nothing")}
				</dd>
				{next && (
					<>
						<dt>{t("pay.next")}</dt>
						<dd>
							{t("pay.byDate", {
								amount: telling.money(next.amountMinor - next.paidMinor),
								date: telling.date(next.dueAtUnixSeconds),
							})}
						</dd>
					</>
				)}
				<dt>{t("pay.lender")}</dt>
				<dd>{view.lenderName}</dd>
				<dt>{t("pay.account")}</dt>
				<dd className="code-text">{view.accountShown}</dd>
			</dl>
			{contact.payInstructions !== "" && <p className="as-written">{contact.payInstructions}</p>}
			<div className="row no-print">
				{pay && (
					<a className="button main-button" href={pay.href} target="_blank" rel="noopener noreferrer">
						{t("pay.page")}
					</a>
				)}
				{call && (
					<a className="button" href={call}>
						{t("pay.call", { phone: contact.supportPhone })}
					</a>
				)}
				{help && (
					<a className="button" href={help.href} target="_blank" rel="noopener noreferrer">
						{t("pay.help")}
					</a>
				)}
			</div>
			{!call && contact.supportPhone !== "" && <p>{contact.supportPhone}</p>}
			{pay && <p className="muted">{t("pay.elsewhere", { host: pay.host })}</p>}
		</section>
	);
}
