import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";
import type { RuleName } from "../../simulation/moment.ts";
import { useSaid } from "./said.ts";

/** Where the contract stands, by which promise, and what the person can do. */
export function StandingCard({ view }: { readonly view: LifeView }) {
	const { t } = useTranslation();
	const id = useId();
	const said = useSaid(view.utcOffsetMinutes);
	const { standing, screen, lockedMinutes } = view;
	const rule = ruleOf(view);
	return (
		<section className={`card standing at-${standing}`} aria-labelledby={id}>
			<h2 id={id}>{t(`standing.${standing}`)}</h2>
			<p>
				<strong>{rule}</strong> {t(`rule.${rule}`)}
			</p>
			{screen.causes.length > 0 && <p>{screen.causes.map((cause) => t(`cause.${cause}`)).join(" ")}</p>}
			<dl className="facts">
				<dt>{t("standingCard.limited")}</dt>
				<dd>{said.stretch(lockedMinutes.limited * 60)}</dd>
				<dt>{t("standingCard.full")}</dt>
				<dd>{said.stretch(lockedMinutes.full * 60)}</dd>
				<dt>{t("standingCard.wrongful")}</dt>
				<dd>{said.stretch(screen.wrongfulLockMinutes * 60)}</dd>
				{screen.heldUntilUnixSeconds > 0 && (
					<>
						<dt>{t("standingCard.held")}</dt>
						<dd>{said.moment(screen.heldUntilUnixSeconds)}</dd>
					</>
				)}
			</dl>
			<h3>{t("standingCard.ways")}</h3>
			<ul className="ways">
				{(view.isOn ? view.ways : (["switchOn"] as const)).map((way) => (
					<li key={way}>{t(`way.${way}`)}</li>
				))}
			</ul>
		</section>
	);
}

/** The promise that matters most now. */
function ruleOf({ standing, screen }: LifeView): RuleName {
	if (standing === "released") return "F7";
	if (screen.passRemainingSeconds > 0) return "F13";
	if (screen.heldUntilUnixSeconds > 0) return "F13";
	if (standing === "full") return "F4";
	if (standing === "limited") return screen.causes.includes("overdue") || !screen.causes.includes("offline") ? "F3" : "F5";
	if (standing === "grace") return "F3";
	if (screen.warnings.some(({ kind }) => kind === "offlineLock")) return "F5";
	return "F1";
}
