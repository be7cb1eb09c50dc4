import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Moment } from "../../simulation/moment.ts";
import { useSaid } from "./said.ts";

/** Lines that are read at a glance; the rest is there when it is asked for. */
const AT_FIRST = 12;

interface MomentListProps {
	readonly moments: readonly Moment[];
	readonly utcOffsetMinutes: number;
	/** Said where there is none. */
	readonly none: string;
}

/** Decisions: when, what, by which promise, and what the person can do then. */
export function MomentList({ moments, utcOffsetMinutes, none }: MomentListProps) {
	const { t } = useTranslation();
	const said = useSaid(utcOffsetMinutes);
	const [isWhole, setWhole] = useState(false);
	const told = moments.filter(({ kind }) => kind !== "noticeAsNotification");
	if (told.length === 0) return <p>{none}</p>;
	return (
		<>
			<ol className="moments">
				{(isWhole ? told : told.slice(0, AT_FIRST)).map((moment) => (
					<li key={moment.number} className={`moment is-${moment.kind}`}>
						<time dateTime={new Date(moment.atUnixSeconds * 1000).toISOString()}>{said.moment(moment.atUnixSeconds)}</time>
						<div>
							<p>
								<strong>{t(`moment.${moment.kind}`)}</strong> {t(`detail.${moment.detail}`, { defaultValue: moment.detail })}{" "}
								{moment.causes.map((cause) => t(`cause.${cause}`)).join(" ")}
							</p>
							<p className="muted">
								{moment.rule}: {t(`rule.${moment.rule}`)}
							</p>
							{isTurn(moment) && <p>{t("record.ways", { ways: moment.ways.map((way) => t(`way.${way}`)).join(" · ") })}</p>}
						</div>
					</li>
				))}
			</ol>
			{!isWhole && told.length > AT_FIRST && (
				<div className="row">
					<button type="button" onClick={() => setWhole(true)}>
						{t("record.all", { number: said.count(told.length) })}
					</button>
				</div>
			)}
		</>
	);
}

function isTurn({ kind }: Moment): boolean {
	return kind === "grace" || kind === "limited" || kind === "full" || kind === "noticeOnScreen";
}
