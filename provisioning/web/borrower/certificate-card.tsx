import { useTranslation } from "react-i18next";

import type { Told } from "./told.ts";

/** The end of it: the number that proves it, and where anybody can check it. */
export function CertificateCard({ view }: Told) {
	const { t } = useTranslation();
	if (view.certificateId === undefined) return null;
	return (
		<section className="card good" aria-labelledby="certificate">
			<h2 id="certificate">{t("certificate.heading")}</h2>
			<p>{t("certificate.what")}</p>
			<dl className="facts">
				<dt>{t("certificate.number")}</dt>
				<dd className="code-text">{view.certificateId}</dd>
				{view.phone && (
					<>
						<dt>{t("record.imei")}</dt>
						<dd>{view.phone.imeiTail}</dd>
					</>
				)}
			</dl>
			<div className="row no-print">
				<a className="button main-button" href={`/check/#certificate=${view.certificateId}`}>
					{t("certificate.check")}
				</a>
				<button type="button" onClick={() => print()}>
					{t("certificate.print")}
				</button>
			</div>
		</section>
	);
}
