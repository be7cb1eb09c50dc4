import { useTranslation } from "react-i18next";

import { clockText } from "./duration.ts";
import { usePage } from "./page-context.ts";

/** What a shift lead asks of the batch. */
export function Dashboard() {
	const { t, i18n } = useTranslation();
	const { view, perform } = usePage();
	const { figures } = view.batch;
	const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 1 });
	const time = new Intl.DateTimeFormat(i18n.language, { hour: "2-digit", minute: "2-digit" });
	const { vouchers, queuedReceipts } = view.registry;
	const tiles: { name: string; value: string; note?: string }[] = [
		{ name: t("dash.unitsPerHour"), value: figures.unitsPerHour === null ? "–" : String(Math.round(figures.unitsPerHour)) },
		{ name: t("dash.firstPass"), value: figures.firstPassYield === null ? "–" : percent.format(figures.firstPassYield) },
		{ name: t("dash.median"), value: figures.medianRunMs === null ? "–" : clockText(figures.medianRunMs) },
		{ name: t("dash.missing"), value: String(figures.missing), note: t("dash.ofExpected", { expected: figures.expected }) },
		{ name: t("dash.misScans"), value: String(figures.misScans) },
		{
			name: t("dash.vouchers"),
			value: String(vouchers.left),
			...(vouchers.expiresAtMs === undefined
				? {}
				: { note: t("dash.vouchersUntil", { time: time.format(vouchers.expiresAtMs) }) }),
		},
		{ name: t("dash.queue"), value: String(queuedReceipts) },
		{
			name: t("dash.webhooks"),
			value: String(view.webhooks.waiting),
			note: t("dash.webhooksFailed", { failed: view.webhooks.failed }),
		},
	];
	const worst = Math.max(1, ...figures.topFaults.map(({ count }) => count));
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
		<section className="dashboard" tabIndex={0} aria-label={t("views.dashboard")}>
			<h2 className="hidden">{t("views.dashboard")}</h2>
			<dl className="tiles">
				{tiles.map(({ name, value, note }) => (
					<div key={name} className="tile">
						<dt>{name}</dt>
						<dd>
							<strong>{value}</strong>
							{note && <span className="muted">{note}</span>}
						</dd>
					</div>
				))}
			</dl>
			{(view.webhooks.failed > 0 || view.webhooks.stopped) && (
				<section className="sheet">
					<h3>{t("dash.webhooks")}</h3>
					<p>{t(view.webhooks.stopped ? "dash.webhooksStopped" : "dash.webhooksGivenUp", { failed: view.webhooks.failed })}</p>
					<div className="row">
						<button type="button" onClick={() => void perform({ type: "resend-webhooks" })}>
							{t("dash.sendAgain")}
						</button>
					</div>
				</section>
			)}
			<section className="sheet">
				<h3>{t("dash.topFaults")}</h3>
				{figures.topFaults.length === 0 && <p className="nothing">{t("dash.noFaults")}</p>}
				<ol className="bars">
					{figures.topFaults.map(({ code, count }) => (
						<li key={code}>
							<code>{code}</code>
							<span className="bar" style={{ width: `${(100 * count) / worst}%` }} />
							<strong>{count}</strong>
						</li>
					))}
				</ol>
			</section>
			<section className="sheet">
				<h3>{t("dash.slotYield")}</h3>
				<ol className="slot-bars">
					{figures.slots.map(({ slot, runs, passes, yield: part }) => (
						<li key={slot} className={runs > 0 && part < 0.9 ? "poor" : undefined}>
							<span className="slot-bar-number">{slot}</span>
							<meter min={0} max={1} low={0.9} optimum={1} value={runs === 0 ? 0 : part} aria-label={t("card.slot", { slot })} />
							<span className="slot-bar-figure">{runs === 0 ? "–" : `${passes}/${runs}`}</span>
						</li>
					))}
				</ol>
			</section>
		</section>
	);
}
