import { useCallback, useEffect, useRef, useState } from "react";
import type { LifeView } from "../../simulation/life.ts";
import { type Act, MOST_HOURS, type Scenario } from "../../simulation/scenario.ts";
import type { SimulatedPhoneClient } from "../simulated-phone/worker-client.ts";

/** A scenario, and the life in it at one hour. */
export interface LifeInHand {
	readonly scenario: Scenario;
	/** Nothing before the first answer. */
	readonly view: LifeView | undefined;
	readonly isBusy: boolean;
	/** What the agent or the worker refused, in English. */
	readonly problem: string | undefined;
	/** Another life, from its first hour. */
	begin(scenario: Scenario): void;
	goTo(hour: number): void;
	/** Something happens now; it becomes a part of the scenario. */
	act(act: Act): void;
}

export function useLife(client: SimulatedPhoneClient, first: Scenario): LifeInHand {
	const [scenario, setScenario] = useState(first);
	const [view, setView] = useState<LifeView>();
	const [problem, setProblem] = useState<string>();
	const [isBusy, setBusy] = useState(false);
	/** Only the last thing asked for is shown: whoever drags a slider asks often. */
	const wish = useRef<{ scenario: Scenario; hour: number }>(undefined);
	const isAsking = useRef(false);

	const show = useCallback(
		(next: Scenario, hour: number) => {
			wish.current = { scenario: next, hour };
			if (isAsking.current) return;
			isAsking.current = true;
			setBusy(true);
			const askOn = async () => {
				for (let asked = wish.current; asked; asked = wish.current) {
					wish.current = undefined;
					try {
						setView(await client.go(asked.scenario, asked.hour));
						setProblem(undefined);
					} catch (error) {
						setProblem(error instanceof Error ? error.message : String(error));
					}
				}
				isAsking.current = false;
				setBusy(false);
			};
			void askOn();
		},
		[client],
	);

	useEffect(() => show(first, 0), [show, first]);

	return {
		scenario,
		view,
		problem,
		isBusy,
		begin(next) {
			setScenario(next);
			show(next, 0);
		},
		goTo(hour) {
			const within = Math.min(Math.max(0, hour), MOST_HOURS);
			const next = within > scenario.hours ? { ...scenario, hours: within } : scenario;
			setScenario(next);
			show(next, within);
		},
		act(act) {
			const atHour = view?.hour ?? 0;
			const before = scenario.acts.filter((each) => each.atHour <= atHour);
			const after = scenario.acts.filter((each) => each.atHour > atHour);
			const next = { ...scenario, name: "", acts: [...before, { atHour, act }, ...after] };
			setScenario(next);
			show(next, atHour);
		},
	};
}
