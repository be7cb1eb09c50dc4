import { useTranslation } from "react-i18next";

import type { OrderCheck } from "../../registry/orders/order-check-request.ts";
import { SIGNS, type Tone } from "./standing-badge.tsx";
import { When } from "./when.tsx";

const TONES: Readonly<Record<OrderCheck["wouldObey"], Tone>> = { yes: "good", later: "warn", unknown: "warn", no: "bad" };

/** What the registry and the borrower's floor say of an order, and what would happen when. */
export function CheckResult({ check, offset }: { readonly check: OrderCheck; readonly offset: number | undefined }) {
	const { t, i18n } = useTranslation();
	const tone = check.wouldSend ? TONES[check.wouldObey] : "bad";
	const says = check.wouldSend ? check.wouldObey : "not-sent";
	return (
		<div className={`note ${tone}`}>
			<p>
				<span aria-hidden="true">{SIGNS[tone]}</span> <strong>{t(`check.${says}`)}</strong>
			</p>
			{check.objections.length > 0 && (
				<>
					<h4>{t("check.objections")}</h4>
					<ul className="bullets">
						{check.objections.map(({ by, code, rule, why, certain, untilUnixSeconds }) => (
							<li key={`${by}/${code}/${untilUnixSeconds}`}>
								{rule !== undefined && <strong>{rule} </strong>}
								{i18n.exists(`objection.${code}`) ? t(`objection.${code}`) : <span lang="en">{why}</span>}
								{untilUnixSeconds !== undefined && (
									<>
										{" "}
										{t("check.until")} <When at={untilUnixSeconds} phoneOffset={offset} />
									</>
								)}
								<span className="block muted">
									{t(`check.by-${by}`)}
									{!certain && ` · ${t("check.uncertain")}`}
									{rule !== undefined && i18n.exists(`rule.${rule}`) && ` · ${t(`rule.${rule}`)}`}
								</span>
							</li>
						))}
					</ul>
				</>
			)}
			{check.steps.length > 0 && (
				<>
					<h4>{t("check.steps")}</h4>
					<ol className="steps">
						{check.steps.map(({ code, atUnixSeconds, text }) => (
							<li key={code}>
								{i18n.exists(`step.${code}`) ? t(`step.${code}`) : <span lang="en">{text}</span>}
								<span className="block muted">
									{atUnixSeconds === undefined ? (
										t("check.next-contact")
									) : (
										<>
											{t("check.from")} <When at={atUnixSeconds} phoneOffset={offset} />
										</>
									)}
								</span>
							</li>
						))}
					</ol>
				</>
			)}
			{check.needsSecondPerson && (
				<p>
					<strong>{t("second.needed")}</strong>
				</p>
			)}
			<p className="muted">{t("check.phone-decides")}</p>
		</div>
	);
}
