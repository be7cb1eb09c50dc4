import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";
import type { Scenario } from "../../simulation/scenario.ts";
import { stretchesOf } from "./stretches.ts";

const HEIGHTS = { unbound: 4, unlocked: 10, grace: 22, limited: 36, full: 52, released: 4, recovery: 10 } as const;
const TALL = 64;

interface DayBandProps {
	readonly scenario: Scenario;
	readonly view: LifeView;
	onHour(hour: number): void;
}

/** The whole life as a band, a step taller for each step of the ladder, and a slider to any hour of it. */
export function DayBand({ scenario, view, onHour }: DayBandProps) {
	const { t } = useTranslation();
	const id = useId();
	const stretches = stretchesOf(view.record.moments, scenario.startsAtUnixSeconds, view.hour);
	const hourOf = (unixSeconds: number) => (unixSeconds - scenario.startsAtUnixSeconds) / 3600;
	const day = Math.floor(view.hour / 24);
	return (
		<div className="band">
			<svg viewBox={`0 0 ${Math.max(1, scenario.hours)} ${TALL}`} preserveAspectRatio="none" aria-hidden="true">
				{stretches.map(({ standing, from, to }) => (
					<rect
						key={from}
						className={`at-${standing}`}
						x={from}
						width={Math.max(1, to - from)}
						y={TALL - HEIGHTS[standing]}
						height={HEIGHTS[standing]}
					/>
				))}
				{view.book.instalments.map(({ dueAtUnixSeconds }) => (
					<rect
						key={dueAtUnixSeconds}
						className="due"
						x={hourOf(dueAtUnixSeconds)}
						width={scenario.hours / 500}
						y={0}
						height={TALL}
					/>
				))}
				<rect
					className="now"
					x={Math.max(0, view.hour - scenario.hours / 300)}
					width={scenario.hours / 150}
					y={0}
					height={TALL}
				/>
			</svg>
			<label htmlFor={id} className="hidden">
				{t("band.slider")}
			</label>
			<input
				id={id}
				type="range"
				min={0}
				max={scenario.hours}
				step={1}
				value={view.hour}
				aria-valuetext={t("band.at", { day, hour: view.hour % 24 })}
				onChange={(event) => onHour(Number(event.target.value))}
			/>
			<ul className="legend" aria-hidden="true">
				{(["unlocked", "grace", "limited", "full", "released"] as const).map((standing) => (
					<li key={standing} className={`key at-${standing}`}>
						{t(`standing.${standing}`)}
					</li>
				))}
				<li className="key due">{t("band.due")}</li>
			</ul>
		</div>
	);
}
