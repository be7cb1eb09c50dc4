import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";
import type { Act, Scenario } from "../../simulation/scenario.ts";
import { useSaid } from "./said.ts";

/** What the scenario has people do up to now, the latest first. */
export function ActList({ scenario, view }: { readonly scenario: Scenario; readonly view: LifeView }) {
	const { t } = useTranslation();
	const id = useId();
	const said = useSaid(view.utcOffsetMinutes);
	const done = scenario.acts.filter(({ atHour }) => atHour <= view.hour);
	return (
		<section className="card" aria-labelledby={id}>
			<h2 id={id}>{t("acts.heading")}</h2>
			{done.length === 0 && <p>{t("acts.none")}</p>}
			<ol className="moments">
				{done
					.map(({ atHour, act }, index) => (
						<li key={`${index.toString()} ${act.kind}`} className="moment">
							<span>{said.moment(scenario.startsAtUnixSeconds + atHour * 3600)}</span>
							<span>
								{t(`act.${act.kind}`)} {besideOf(act, said, t("acts.on"), t("acts.off"))}
							</span>
						</li>
					))
					.reverse()}
			</ol>
		</section>
	);
}

/** What stands beside an act's name: yes or no, a stretch of days, a number. */
function besideOf(act: Act, said: ReturnType<typeof useSaid>, yes: string, no: string): string {
	if ("on" in act) return act.on ? yes : no;
	if ("days" in act) return said.stretch(act.days * 86_400);
	if ("hours" in act) return said.stretch(act.hours * 3600);
	if ("instalments" in act) return said.count(act.instalments);
	return "";
}
