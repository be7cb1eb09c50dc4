import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { BorrowerView } from "../../registry/borrower/borrower-request.ts";
import type { Told } from "./told.ts";

type Payment = BorrowerView["payments"][number];

/** Payments, each of which prints as a receipt on a sheet of its own. */
export function PaymentsCard({ view, telling }: Told) {
	const { t } = useTranslation();
	const [printed, setPrinted] = useState<Payment>();
	useEffect(() => {
		if (!printed) return;
		const root = document.documentElement;
		const after = () => setPrinted(undefined);
		root.dataset.print = "receipt";
		addEventListener("afterprint", after, { once: true });
		print(); // comes back at once on Android, when the sheet is still being made
		return () => {
			removeEventListener("afterprint", after);
			delete root.dataset.print;
		};
	}, [printed]);
	const amountOf = ({ amountMinor }: Payment) =>
		amountMinor === undefined ? t("payments.noAmount") : telling.money(amountMinor);
	return (
		<section className="card" aria-labelledby="payments">
			<h2 id="payments">{t("payments.heading")}</h2>
			{view.payments.length === 0 && <p>{t("payments.none")}</p>}
			{view.payments.length > 0 && (
				<ul className="entries">
					{view.payments.map((payment) => (
						<li key={payment.reference}>
							<p>
								<strong>{amountOf(payment)}</strong> · {telling.moment(payment.atUnixSeconds)}
							</p>
							<p className="muted breakable">
								{t("payments.reference")}: {payment.reference}
							</p>
							<button
								type="button"
								className="no-print"
								aria-label={t("payments.printNamed", { reference: payment.reference })}
								onClick={() => setPrinted(payment)}
							>
								{t("payments.print")}
							</button>
						</li>
					))}
				</ul>
			)}
			{printed && (
				<div className="receipt">
					<h2>{t("payments.receipt")}</h2>
					<dl className="facts">
						<dt>{t("pay.lender")}</dt>
						<dd>{view.lenderName}</dd>
						<dt>{t("payments.contract")}</dt>
						<dd>{view.contractId}</dd>
						<dt>{t("pay.account")}</dt>
						<dd>{view.accountShown}</dd>
						<dt>{t("payments.amount")}</dt>
						<dd>{amountOf(printed)}</dd>
						<dt>{t("payments.booked")}</dt>
						<dd>{telling.moment(printed.atUnixSeconds)}</dd>
						<dt>{t("payments.reference")}</dt>
						<dd>{printed.reference}</dd>
						<dt>{t("payments.until")}</dt>
						<dd>{telling.date(view.paidUntilUnixSeconds)}</dd>
					</dl>
					<p>{t("plan.total", { paid: telling.money(view.paidMinor), total: telling.money(view.totalMinor) })}</p>
					<p>{t("payments.asOf", { date: telling.moment(view.asOfUnixSeconds) })}</p>
				</div>
			)}
		</section>
	);
}
