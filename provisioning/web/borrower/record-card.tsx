import { useTranslation } from "react-i18next";

import type { Told } from "./told.ts";

/** The record on the phone: how long it is, its fingerprint, and how anybody checks it. */
export function RecordCard({ view, telling }: Told) {
	const { t } = useTranslation();
	const { phone } = view;
	if (!phone) return null;
	return (
		<section className="card" aria-labelledby="record">
			<h2 id="record">{t("record.heading")}</h2>
			<p>
				{phone.wrongfulLockMinutes > 0
					? t("record.wrongful", { minutes: telling.count(phone.wrongfulLockMinutes) })
					: t("record.noWrongful")}
			</p>
			<p>{t("record.what")}</p>
			<dl className="facts">
				<dt>{t("record.phone")}</dt>
				<dd>{phone.model}</dd>
				<dt>{t("record.imei")}</dt>
				<dd>{phone.imeiTail}</dd>
				<dt>{t("record.entries")}</dt>
				<dd>{telling.count(phone.recordEntries)}</dd>
				{phone.recordHead !== "" && (
					<>
						<dt>{t("record.head")}</dt>
						<dd className="fingerprint">{phone.recordHead.match(/.{1,8}/g)?.join(" ")}</dd>
					</>
				)}
			</dl>
			<p>{t("record.export")}</p>
			<p>
				{t("record.verify")} <code>holdfast audit verify</code>
			</p>
			<p className="muted">{t("record.compare")}</p>
		</section>
	);
}
