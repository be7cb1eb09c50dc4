import { useTranslation } from "react-i18next";

import { usePage } from "./page-context.ts";
import { Icon } from "./word-icon.tsx";

const FORMATS = ["pdf", "csv", "json"] as const;

/** The batch as a whole: what was expected, what is done, what is missing, and its reports. */
export function BatchEnd() {
	const { t } = useTranslation();
	const { view, open } = usePage();
	const { batch } = view;
	const { expected, pass, queued, failed, held, running, missing } = batch.figures;
	const rows = [
		...[
			{ name: "pass", value: pass, icon: "pass" as const },
			{ name: "queued", value: queued, icon: "queued" as const },
		],
		...[
			{ name: "running", value: running, icon: "running" as const },
			{ name: "failed", value: failed, icon: "fail" as const },
		],
		...[
			{ name: "held", value: held, icon: "hold" as const },
			{ name: "missing", value: missing, icon: "empty" as const },
		],
	];
	return (
		<div className="batch-end">
			<h2>
				{t("end.heading", { batch: batch.id })} {batch.closed && <span className="closed">{t("end.closed")}</span>}
			</h2>
			<div className="big-three">
				{(
					[
						["expected", expected],
						["done", pass + queued],
						["missing", expected - pass - queued],
					] as const
				).map(([name, value]) => (
					<p key={name} className={`big big-${name}`}>
						<strong>{value}</strong> {t(`end.${name}`)}
					</p>
				))}
			</div>
			<div className="stack" aria-hidden="true">
				{rows.map(({ name, value }) => value > 0 && <span key={name} className={`stack-${name}`} style={{ flexGrow: value }} />)}
			</div>
			<table className="standing">
				<caption className="hidden">{t("end.caption")}</caption>
				<tbody>
					{rows.map(({ name, value, icon }) => (
						<tr key={name}>
							<th scope="row">
								<Icon name={icon} /> {t(`end.${name}Row`)}
							</th>
							<td>{value}</td>
						</tr>
					))}
				</tbody>
			</table>
			<section className="sheet">
				<h3>{t("end.reports")}</h3>
				<p>{t("end.reportsText")}</p>
				<div className="row">
					{FORMATS.map((format) => (
						<a key={format} className="button" href={`/api/reports/batch.${format}`} download>
							{format.toUpperCase()}
						</a>
					))}
				</div>
				<p className="muted hash">
					{t("end.head", { line: batch.head.n })} <code>{batch.head.hash}</code>
				</p>
			</section>
			{!batch.closed && (
				<button type="button" className="grave-button" onClick={() => open({ kind: "close-batch" })}>
					{t("end.close")}
				</button>
			)}
		</div>
	);
}
