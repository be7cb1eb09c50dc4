import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LifeView } from "../../simulation/life.ts";
import { useSaid } from "./said.ts";
import type { LifeInHand } from "./use-life.ts";

const STEPS = { hour: 1, sixHours: 6, oneDay: 24, week: 168 } as const;
const FRAME_MS = 350;

/** Where in the life we are, and how to move in it. */
export function TimeButtons({ life, view }: { readonly life: LifeInHand; readonly view: LifeView }) {
	const { t } = useTranslation();
	const said = useSaid(view.utcOffsetMinutes);
	const [isPlaying, setPlaying] = useState(false);
	const { scenario, isBusy, goTo } = life;
	const isAtEnd = view.hour >= scenario.hours;

	useEffect(() => {
		if (!isPlaying || isBusy) return;
		if (isAtEnd) {
			setPlaying(false);
			return;
		}
		const frame = setTimeout(() => goTo(Math.min(view.hour + STEPS.oneDay, scenario.hours)), FRAME_MS);
		return () => clearTimeout(frame);
	}, [isPlaying, isBusy, isAtEnd, goTo, view.hour, scenario.hours]);

	return (
		<div className="stack">
			<p className="when" role="status">
				<strong>{t("time.day", { day: said.count(Math.floor(view.hour / 24)) })}</strong>{" "}
				<span>{said.moment(view.atUnixSeconds)}</span>
			</p>
			<div className="row">
				<button type="button" className="main-button" onClick={() => setPlaying(!isPlaying)}>
					{isPlaying ? t("time.pause") : t("time.play")}
				</button>
				{(Object.keys(STEPS) as (keyof typeof STEPS)[]).map((step) => (
					<button key={step} type="button" onClick={() => goTo(view.hour + STEPS[step])}>
						{t(`time.${step}`)}
					</button>
				))}
				<button type="button" onClick={() => goTo(0)}>
					{t("time.start")}
				</button>
				<button type="button" onClick={() => goTo(scenario.hours)}>
					{t("time.end")}
				</button>
			</div>
		</div>
	);
}
