import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";
import { useSaid } from "./said.ts";

const BUTTONS = { pay: "pay_open", connect: "wifi", enterCode: "code_enter", pass: "pass_use", dispute: "dispute_say" } as const;

/** The phone as its borrower sees it: a drawing, with the words of the agent's own screens. */
export function PhoneScreen({ view }: { readonly view: LifeView }) {
	const { t } = useTranslation();
	const said = useSaid(view.utcOffsetMinutes);
	const { screen, standing } = view;
	const clock = new Date((view.atUnixSeconds + view.utcOffsetMinutes * 60) * 1000).toISOString().slice(11, 16);
	if (!view.isOn)
		return (
			<figure className="phone off" aria-label={t("drawing.label")}>
				<div className="glass">
					<p className="grow">{t("drawing.off")}</p>
				</div>
			</figure>
		);
	return (
		<figure className={`phone at-${standing}`} aria-label={t("drawing.label")}>
			<div className="glass">
				<p className="status-line">
					<span className="clock">{clock}</span>
					<span>{view.isOnline ? t("drawing.online") : t("drawing.offline")}</span>
				</p>
				{view.isCalling && <p className="calling">{t("drawing.calling")}</p>}
				<h3>{t(`phone.title_${standing}`)}</h3>
				{standing === "unlocked" && <p>{t("phone.unlocked_all_works")}</p>}
				{standing === "grace" && <p>{t("phone.grace_nothing_locked")}</p>}
				{standing === "released" && <p>{t("phone.released_done")}</p>}
				{standing === "released" && <p>{t("phone.released_final")}</p>}
				{standing === "unbound" && <p>{t("phone.unbound_nothing")}</p>}
				{screen.causes.map((cause) => (
					<p key={cause}>{t(`phone.cause_${cause}`)}</p>
				))}
				{standing === "limited" && <p>{t("phone.works_limited")}</p>}
				{standing === "full" && <p>{t("phone.works_full")}</p>}
				{screen.notices.map(({ kind, text }) => (
					<p key={kind} className="notice">
						{text === ""
							? t(`phone.notice.${kind}`, {
									first: said.money(screen.amountDueMinor, screen.currency || "USD"),
									second: said.date(screen.dueAtUnixSeconds),
								})
							: text}
					</p>
				))}
				{screen.warnings.map(({ kind, remainingSeconds }) => (
					<p key={kind} className="notice">
						{t(`phone.warning.${kind}`, {
							first: said.moment(view.atUnixSeconds + remainingSeconds),
							second: said.stretch(remainingSeconds),
						})}
					</p>
				))}
				{screen.passRemainingSeconds > 0 && (
					<p>{t("phone.pass_running", { first: said.stretch(screen.passRemainingSeconds) })}</p>
				)}
				{screen.heldUntilUnixSeconds > 0 && <p>{t("phone.held_until", { first: said.moment(screen.heldUntilUnixSeconds) })}</p>}
				{screen.wrongfulLockMinutes > 0 && (
					<p>{t("phone.wrongful_minutes", { first: said.stretch(screen.wrongfulLockMinutes * 60) })}</p>
				)}
				{screen.amountDueMinor > 0 && (
					<dl className="bill">
						<dt>{view.ways.includes("pay") ? t("phone.amount_due_label") : t("phone.amount_next_label")}</dt>
						<dd>{said.money(screen.amountDueMinor, screen.currency || "USD")}</dd>
						<dt>{view.ways.includes("pay") ? t("phone.was_due_label") : t("phone.due_label")}</dt>
						<dd>{said.date(screen.dueAtUnixSeconds)}</dd>
						<dt>{t("phone.lender_label")}</dt>
						<dd>{screen.lenderName}</dd>
						<dt>{t("phone.account_label")}</dt>
						<dd>{screen.accountShown}</dd>
					</dl>
				)}
				{view.ways.includes("enterCode") && (
					<p className="request">
						{t("phone.code_request_label")} <span className="clock">{screen.requestNumber}</span>
					</p>
				)}
				<ul className="keys">
					<li className="emergency">{t("phone.emergency_call")}</li>
					{view.ways.includes("callSupport") && <li>{t("phone.support_call")}</li>}
					{(Object.keys(BUTTONS) as (keyof typeof BUTTONS)[])
						.filter((way) => view.ways.includes(way))
						.map((way) => (
							<li key={way}>{t(`phone.${BUTTONS[way]}`)}</li>
						))}
				</ul>
			</div>
		</figure>
	);
}
