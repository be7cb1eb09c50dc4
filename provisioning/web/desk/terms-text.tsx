import { useTranslation } from "react-i18next";

import type { Language } from "../frame/language.ts";
import { dayText, durationText, localeOf, minuteText, moneyText } from "./formats.ts";
import type { TermsView } from "./terms-view.ts";

interface TermsTextProps {
	readonly contractId: string;
	readonly terms: TermsView;
	/** The borrower's. */
	readonly language: Language;
}

/** The contract in plain sentences: what is owed, when what may stop working, what never does, and how it ends. */
export function TermsText({ contractId, terms, language }: TermsTextProps) {
	const { t } = useTranslation("translation", { lng: language });
	const locale = localeOf(language, terms.jurisdiction);
	const time = (seconds: number) => durationText(locale, seconds);
	const money = (minor: number) => moneyText(locale, terms.currency, minor);
	const total = terms.instalments.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
	return (
		<div className="terms" lang={language}>
			<dl className="facts">
				<dt>{t("terms.contract")}</dt>
				<dd>{contractId}</dd>
				<dt>{t("terms.lender")}</dt>
				<dd>{terms.lenderName}</dd>
				<dt>{t("terms.account")}</dt>
				<dd>{terms.accountShown}</dd>
				<dt>{t("terms.total")}</dt>
				<dd>{money(total)}</dd>
			</dl>
			<h3>{t("terms.payments")}</h3>
			<ol className="payments">
				{terms.instalments.map(({ dueAt, amountMinor }) => (
					<li key={dueAt}>
						<span>{dayText(locale, dueAt)}</span> <strong>{money(amountMinor)}</strong>
					</li>
				))}
			</ol>
			<h3>{t("terms.late")}</h3>
			<ul className="dots">
				{terms.maxLevel === "none" ? (
					<li>{t("terms.neverLate")}</li>
				) : (
					<>
						<li>{t("terms.grace", { time: time(terms.graceSeconds) })}</li>
						<li>{t("terms.notices", { count: terms.noticeCount, time: time(terms.noticeSpacingSeconds) })}</li>
						<li>{t("terms.limited")}</li>
						<li>{terms.maxLevel === "full" ? t("terms.full", { time: time(terms.limitedSeconds) }) : t("terms.notFull")}</li>
					</>
				)}
				<li>
					{terms.offlineSeconds === 0 || terms.offlineLevel === "none"
						? t("terms.neverOffline")
						: t(`terms.offline.${terms.offlineLevel}`, { time: time(terms.offlineSeconds) })}
				</li>
				{terms.simLevel !== "none" && <li>{t("terms.sim")}</li>}
				{terms.attestationLevel !== "none" && <li>{t("terms.changed")}</li>}
				{terms.quiet && (
					<li>
						{t("terms.quiet", {
							from: minuteText(locale, terms.quiet.startMinute),
							to: minuteText(locale, terms.quiet.endMinute),
						})}
					</li>
				)}
			</ul>
			<h3>{t("terms.always")}</h3>
			<ul className="ticks">
				{terms.neverRestricted.map((service) => (
					<li key={service}>{t(`terms.services.${service}`)}</li>
				))}
			</ul>
			<h3>{t("terms.yours")}</h3>
			<ul className="dots">
				{terms.passesPerYear > 0 && <li>{t("terms.passes", { count: terms.passesPerYear, time: time(terms.passSeconds) })}</li>}
				<li>{t("terms.end")}</li>
				<li>{t("terms.silent", { time: time(terms.deadLenderSeconds) })}</li>
				<li>{t("terms.wipe")}</li>
				<li>{t("terms.help", { phone: terms.supportPhone })}</li>
				{terms.payUrl !== "" && <li>{t("terms.pay", { url: terms.payUrl })}</li>}
				{terms.disputeUrl !== "" && <li>{t("terms.dispute", { url: terms.disputeUrl })}</li>}
			</ul>
		</div>
	);
}
