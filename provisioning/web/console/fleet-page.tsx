import { useTranslation } from "react-i18next";

import type { Fleet } from "../../registry/fleet/fleet-request.ts";
import { Fact } from "./contract-facts.tsx";
import { DataTable } from "./data-table.tsx";
import { FleetExtensions } from "./fleet-extensions.tsx";
import { FleetLimits } from "./fleet-limits.tsx";
import { dayText } from "./moment.ts";
import { ProblemNote } from "./problem-note.tsx";
import { useServer } from "./server.ts";
import { Badge, StandingBadge } from "./standing-badge.tsx";
import { useLoad } from "./use-load.ts";
import { useLink } from "./use-place.ts";
import { When } from "./when.tsx";

/** All phones together: how many, how many new locks, what stops a wrong list, and who is silent. */
export function FleetPage() {
	const { t } = useTranslation();
	const { console: registry, may } = useServer();
	const { value: fleet, problem, again } = useLoad("fleet", () => registry.fleet());
	if (!fleet)
		return problem === undefined ? <p role="status">{t("loading")}</p> : <ProblemNote problem={problem} onRetry={again} />;
	return (
		<section className="stack" aria-labelledby="fleet-heading">
			<div className="row head">
				<h2 id="fleet-heading" className="grow">
					{t("views.fleet")}
				</h2>
				<button type="button" onClick={again}>
					{t("contract.refresh")}
				</button>
			</div>
			<ProblemNote problem={problem} onRetry={again} />
			<div className="columns">
				<Feed fleet={fleet} />
				<Breaker fleet={fleet} />
			</div>
			<Counts fleet={fleet} />
			<section className="card">
				<NewLocks fleet={fleet} />
			</section>
			{may.runs && <FleetLimits settings={fleet.settings} onDone={again} />}
			<FleetExtensions fleet={fleet} onDone={again} />
		</section>
	);
}

function Feed({ fleet: { feed, settings } }: { readonly fleet: Fleet }) {
	const { t } = useTranslation();
	const isWatched = settings.feedStaleAfterHours > 0 || feed.stale;
	const tone = isWatched ? "good" : "";
	return (
		<section className={`card ${feed.stale ? "grave" : tone}`} aria-labelledby="feed-heading">
			<h3 id="feed-heading">{t("fleet.feed")}</h3>
			<p>
				{isWatched ? (
					<Badge tone={feed.stale ? "bad" : "good"} text={t(feed.stale ? "fleet.feed-stale" : "fleet.feed-fresh")} />
				) : (
					<Badge tone="plain" text={t("fleet.feed-none")} />
				)}
			</p>
			<dl className="facts">
				<Fact name={t("fleet.feed-last")}>
					{feed.lastUnixSeconds === undefined ? t("list.never") : <When at={feed.lastUnixSeconds} withDistance />}
				</Fact>
				{feed.staleAtUnixSeconds !== undefined && (
					<Fact name={t("fleet.feed-stale-at")}>
						<When at={feed.staleAtUnixSeconds} withDistance />
					</Fact>
				)}
				{feed.pausedUntilUnixSeconds !== undefined && (
					<Fact name={t("fleet.paused")}>
						<When at={feed.pausedUntilUnixSeconds} withDistance />
					</Fact>
				)}
			</dl>
		</section>
	);
}

function Breaker({ fleet: { breaker } }: { readonly fleet: Fleet }) {
	const { t } = useTranslation();
	return (
		<section className={`card ${breaker.open ? "grave" : "good"}`} aria-labelledby="breaker-heading">
			<h3 id="breaker-heading">{t("fleet.breaker")}</h3>
			<p>
				<Badge tone={breaker.open ? "bad" : "good"} text={t(breaker.open ? "fleet.breaker-open" : "fleet.breaker-closed")} />
			</p>
			<dl className="facts figures">
				<Fact name={t("fleet.hour")}>{t("fleet.used", { used: breaker.hour.used, allowed: breaker.hour.allowed })}</Fact>
				<Fact name={t("fleet.day")}>{t("fleet.used", { used: breaker.day.used, allowed: breaker.day.allowed })}</Fact>
				<Fact name={t("fleet.size")}>{breaker.fleet}</Fact>
			</dl>
		</section>
	);
}

function Counts({ fleet }: { readonly fleet: Fleet }) {
	const { t } = useTranslation();
	const link = useLink();
	const { contracts } = fleet;
	return (
		<div className="columns">
			<section className="card" aria-labelledby="counts-heading">
				<h3 id="counts-heading">{t("fleet.contracts")}</h3>
				<dl className="facts figures">
					<Fact name={t("state.open")}>{contracts.open}</Fact>
					<Fact name={t("state.paid_off")}>{contracts.paidOff}</Fact>
					<Fact name={t("state.returned")}>{contracts.returned}</Fact>
					<Fact name={t("state.released")}>{contracts.released}</Fact>
					<Fact name={t("fleet.overdue")}>
						<a {...link({ view: "contracts", search: { overdueSinceDays: 0, sort: "due" } })}>{fleet.payments.overdue}</a>
					</Fact>
				</dl>
			</section>
			<section className="card" aria-labelledby="standings-heading">
				<h3 id="standings-heading">{t("fleet.standings")}</h3>
				<dl className="facts figures">
					{Object.entries(fleet.standings).map(([standing, number]) => (
						<Fact key={standing} name={<StandingBadge standing={standing} />}>
							{number}
						</Fact>
					))}
				</dl>
			</section>
			<section className="card" aria-labelledby="silent-heading">
				<h3 id="silent-heading">{t("fleet.silent")}</h3>
				<dl className="facts figures">
					{fleet.silent.map(({ days, phones }) => (
						<Fact key={days} name={t("search.days", { days })}>
							<a {...link({ view: "contracts", search: { silentSinceDays: days, sort: "contact" } })}>{phones}</a>
						</Fact>
					))}
				</dl>
			</section>
		</div>
	);
}

function NewLocks({ fleet }: { readonly fleet: Fleet }) {
	const { t, i18n } = useTranslation();
	const most = Math.max(1, ...fleet.newLocks.map(({ locks, orders }) => Math.max(locks, orders)));
	return (
		<DataTable
			caption={t("fleet.new-locks")}
			rows={fleet.newLocks}
			keyOf={({ dayStartUnixSeconds }) => String(dayStartUnixSeconds)}
			none={t("none")}
			columns={[
				{ name: t("fleet.day-utc"), cell: ({ dayStartUnixSeconds }) => dayText(dayStartUnixSeconds, i18n.language, "UTC") },
				{
					name: t("fleet.locks"),
					cell: ({ locks }) => (
						<span className="row">
							<meter min={0} max={most} value={locks} aria-hidden="true" /> {locks}
						</span>
					),
				},
				{ name: t("fleet.orders"), isNumber: true, cell: ({ orders }) => String(orders) },
			]}
		/>
	);
}
