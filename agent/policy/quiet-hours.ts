import type { Agreement } from "./terms.ts";

const DAY_SECONDS = 24 * 3600;
/** 1970-01-01 was a Thursday; 0 = Sunday. */
const FIRST_WEEKDAY = 4;

/** Seconds until quiet hours are over, or until the quiet day is; 0 outside them (F14). Another stretch may follow at once. */
export function quietSecondsLeft({ terms, profile }: Agreement, unixSeconds: number): number {
	const hours = terms.quietHours ?? profile.quietHours;
	const localSeconds = unixSeconds + (hours?.utcOffsetMinutes ?? 0) * 60;
	const days = Math.floor(localSeconds / DAY_SECONDS);
	const intoDay = localSeconds - days * DAY_SECONDS;
	const weekday = (((days + FIRST_WEEKDAY) % 7) + 7) % 7;
	if (profile.quietWeekdays.includes(weekday)) return DAY_SECONDS - intoDay;
	if (!hours) return 0;
	const start = hours.startMinute * 60;
	const end = hours.endMinute * 60;
	const crossesMidnight = start > end;
	const inside = crossesMidnight ? intoDay >= start || intoDay < end : intoDay >= start && intoDay < end;
	if (!inside) return 0;
	return intoDay < end ? end - intoDay : end + DAY_SECONDS - intoDay;
}
