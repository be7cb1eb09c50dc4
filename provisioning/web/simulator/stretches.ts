import type { Moment } from "../../simulation/moment.ts";
import { STANDINGS, type StandingName } from "../../simulation/screen-view.ts";

/** A part of a life in one standing, in hours since the hand-over. */
export interface Stretch {
	readonly standing: StandingName;
	readonly from: number;
	readonly to: number;
}

/** A life up to an hour, cut where the standing changed. */
export function stretchesOf(moments: readonly Moment[], startsAtUnixSeconds: number, untilHour: number): Stretch[] {
	const changes = moments.flatMap(({ kind, atUnixSeconds }) =>
		isStanding(kind) ? [{ standing: kind, from: (atUnixSeconds - startsAtUnixSeconds) / 3600 }] : [],
	);
	return changes
		.map(({ standing, from }, index) => ({ standing, from, to: changes[index + 1]?.from ?? untilHour }))
		.filter(({ from, to }) => to > from);
}

function isStanding(kind: string): kind is StandingName {
	return STANDINGS.some((standing) => standing === kind);
}
