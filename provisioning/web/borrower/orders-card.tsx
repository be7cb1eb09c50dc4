import { useTranslation } from "react-i18next";

import type { Told } from "./told.ts";

const ACTIONS = [
	"extend",
	"restrict",
	"restore",
	"notice",
	"hold",
	"service_window",
	"rebind",
	"new_terms",
	"new_keys",
	"release",
];

/** What the lender did to the phone, why, and which promise stood in the way where one did. The newest first. */
export function OrdersCard({ view, telling }: Told) {
	const { t, i18n } = useTranslation();
	const orders = [...view.orders].reverse();
	return (
		<section className="card" aria-labelledby="orders">
			<h2 id="orders">{t("orders.heading")}</h2>
			{orders.length === 0 && <p>{t("orders.none")}</p>}
			{orders.length > 0 && (
				<ol className="entries">
					{orders.map(({ action, reason, issuedAtUnixSeconds, state, rule }, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: two orders may have been issued in one second
						<li key={`${issuedAtUnixSeconds}-${action}-${index}`}>
							<p>
								<strong>{t(`orders.what.${ACTIONS.includes(action) ? action : "other"}`)}</strong> ·{" "}
								{telling.moment(issuedAtUnixSeconds)}
							</p>
							{i18n.exists(`reasons.${reason}`) && <p>{t("orders.why", { reason: t(`reasons.${reason}`) })}</p>}
							<p className={state === "below_floor" ? "found" : "muted"}>{t(`orders.state.${state}`)}</p>
							{state === "below_floor" && rule !== undefined && i18n.exists(`promises.${rule}`) && (
								<p>
									{t("orders.protected", { rule })} {t(`promises.${rule}`)}
								</p>
							)}
						</li>
					))}
				</ol>
			)}
		</section>
	);
}
