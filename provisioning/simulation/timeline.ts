import type { Life } from "./life.ts";
import type { Moment } from "./moment.ts";

const DAY_HOURS = 24;

/**
 * What happens to this phone if everything stays as it is: every decision of the next so many days, with its rule and what the
 * borrower can do then. The life itself does not move. Ends early where the phone is free.
 */
export function timeline(life: Life, days: number): Moment[] {
	const ahead = life.fork();
	const known = life.moments().length;
	const last = life.hour + days * DAY_HOURS;
	while (ahead.hour < last && ahead.standing !== "released") ahead.advanceTo(Math.min(ahead.hour + DAY_HOURS, last));
	return ahead.moments().slice(known);
}
