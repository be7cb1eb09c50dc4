import type { Agreement } from "./terms.ts";

const DAY_MINUTES = 24 * 60;

/** Seconds until quiet hours are over; 0 outside them (F14). */
export function quietSecondsLeft({ terms, profile }: Agreement, unixSeconds: number): number {
	const hours = terms.quietHours ?? profile.quietHours;
	if (!hours || hours.startMinute === hours.endMinute) return 0;
	const localSeconds = unixSeconds + hours.utcOffsetMinutes * 60;
	const intoDay = ((localSeconds % (DAY_MINUTES * 60)) + DAY_MINUTES * 60) % (DAY_MINUTES * 60);
	const start = hours.startMinute * 60;
	const end = hours.endMinute * 60;
	const crossesMidnight = start > end;
	const inside = crossesMidnight ? intoDay >= start || intoDay < end : intoDay >= start && intoDay < end;
	if (!inside) return 0;
	return intoDay < end ? end - intoDay : end + DAY_MINUTES * 60 - intoDay;
}
