import type { Message } from "../../../proto/codec.ts";
import { jurisdictionOf } from "../../../proto/jurisdiction.ts";
import type { wire } from "../../../proto/wire.ts";

const MINUTE = 60;
const DAY_MINUTES = 24 * 60;
/** No place is quiet for longer. */
const LONGEST_MINUTES = 8 * DAY_MINUTES;

/** When the quiet hours end in which nothing new is locked (F14), seconds since 1970-01-01T00:00:00Z; `undefined` if it is none now. */
export function quietUntil(terms: Message<wire.Terms.$Properties>, now: number): number | undefined {
	const place = jurisdictionOf(terms.jurisdiction);
	const hours = terms.quietHours ?? place?.quietHours;
	const days = place?.quietWeekdays ?? [];
	const offset = hours?.utcOffsetMinutes ?? 0;
	const isQuiet = (minuteUtc: number) => {
		const local = minuteUtc + offset;
		const minute = local % DAY_MINUTES;
		// 1970-01-01 was a Thursday.
		if (days.includes((Math.floor(local / DAY_MINUTES) + 4) % 7)) return true;
		if (!hours) return false;
		const { startMinute: start, endMinute: end } = hours;
		return start <= end ? minute >= start && minute < end : minute >= start || minute < end;
	};
	const first = Math.floor(now / MINUTE);
	if (!isQuiet(first)) return undefined;
	for (let minute = first; minute < first + LONGEST_MINUTES; minute += 1) if (!isQuiet(minute)) return minute * MINUTE;
	return undefined;
}
