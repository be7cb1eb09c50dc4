import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";
import type { Moment } from "../../simulation/moment.ts";
import { story } from "../../simulation/stories.ts";
import type { LoadedAgent } from "../simulated-phone/messages.ts";
import type { SimulatedPhoneClient } from "../simulated-phone/worker-client.ts";
import { ActButtons } from "./act-buttons.tsx";
import { ActList } from "./act-list.tsx";
import { BookTable } from "./book-table.tsx";
import { DayBand } from "./day-band.tsx";
import { MomentList } from "./moment-list.tsx";
import { PhoneScreen } from "./phone-screen.tsx";
import { SetUp } from "./set-up.tsx";
import { StandingCard } from "./standing-card.tsx";
import { TimeButtons } from "./time-buttons.tsx";
import { useLife } from "./use-life.ts";
import { WorksTable } from "./works-table.tsx";

const FIRST = story("forgetsOnce");
const AHEAD_DAYS = 60;

/** What a contract does to a phone, hour by hour, decided by the agent itself. */
export function Simulator({ client }: { readonly client: SimulatedPhoneClient }) {
	const { t } = useTranslation();
	const life = useLife(client, FIRST);
	const [agent, setAgent] = useState<LoadedAgent>();
	/** What was seen ahead, and from which moment: seen from another one it is not true any more. */
	const [seen, setSeen] = useState<{ readonly from: LifeView; readonly moments: readonly Moment[] }>();
	const { view, scenario } = life;

	useEffect(() => {
		client.agent().then(setAgent, () => {});
	}, [client]);

	async function lookAhead(from: LifeView): Promise<void> {
		// What cannot be said stands beside the set-up already.
		const moments = await client.ahead(AHEAD_DAYS).catch(() => undefined);
		if (moments) setSeen({ from, moments });
	}

	return (
		<>
			<SetUp life={life} client={client} />
			{life.problem !== undefined && (
				<div className="card grave" role="alert">
					<p>{t("problem")}</p>
					<p lang="en">{life.problem}</p>
				</div>
			)}
			{view ? (
				<>
					<section className="card" aria-labelledby="time">
						<h2 id="time">{t("time.heading")}</h2>
						<DayBand scenario={scenario} view={view} onHour={life.goTo} />
						<TimeButtons life={life} view={view} />
					</section>
					<div className="side-by-side">
						<PhoneScreen view={view} />
						<div className="stack">
							<StandingCard view={view} />
							<ActButtons view={view} onAct={life.act} />
						</div>
					</div>
					<section className="card" aria-labelledby="ahead">
						<h2 id="ahead">{t("ahead.heading")}</h2>
						<p>{t("ahead.what", { days: AHEAD_DAYS })}</p>
						<div className="row">
							<button type="button" onClick={() => void lookAhead(view)}>
								{t("ahead.look")}
							</button>
						</div>
						<div aria-live="polite">
							{seen?.from === view && (
								<MomentList moments={seen.moments} utcOffsetMinutes={view.utcOffsetMinutes} none={t("ahead.none")} />
							)}
						</div>
					</section>
					<WorksTable view={view} />
					<section className="card" aria-labelledby="record">
						<h2 id="record">{t("record.heading")}</h2>
						<MomentList
							moments={[...view.record.moments].reverse()}
							utcOffsetMinutes={view.utcOffsetMinutes}
							none={t("record.none")}
						/>
						<dl className="facts">
							<dt>{t("record.head")}</dt>
							<dd className="hash">{view.record.head}</dd>
						</dl>
					</section>
					<ActList scenario={scenario} view={view} />
					<BookTable view={view} />
				</>
			) : (
				<p role="status">{t("loading")}</p>
			)}
			<footer className="muted">
				<p>{t("agent.what")}</p>
				{agent && (
					<dl className="facts">
						<dt>{t("agent.hash")}</dt>
						<dd className="hash">{agent.sha256}</dd>
					</dl>
				)}
			</footer>
		</>
	);
}
