const DAY_MS = 24 * 3600 * 1000;

/** A time where the reader is, with the zone's name: `8 Jun 2026, 14:00 GMT+2`. */
export function timeText(unixSeconds: number, language: string, timeZone?: string): string {
	return format(unixSeconds, language, { timeZone, timeZoneName: "short", hour: "2-digit", minute: "2-digit" });
}

/** A day where the reader is, without the time. */
export function dayText(unixSeconds: number, language: string, timeZone?: string): string {
	return format(unixSeconds, language, { timeZone });
}

/**
 * The same moment by the clock where the phone is. Terms say it as minutes east of Greenwich, which no time zone's name fits, so the
 * moment is moved and read in UTC.
 */
export function phoneTimeText(unixSeconds: number, utcOffsetMinutes: number, language: string): string {
	const moved = unixSeconds + utcOffsetMinutes * 60;
	return `${format(moved, language, { timeZone: "UTC", hour: "2-digit", minute: "2-digit" })} ${offsetName(utcOffsetMinutes)}`;
}

/** `UTC+05:30`. */
export function offsetName(utcOffsetMinutes: number): string {
	const minutes = Math.abs(utcOffsetMinutes);
	const two = (value: number) => String(value).padStart(2, "0");
	return `UTC${utcOffsetMinutes < 0 ? "−" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function format(
	unixSeconds: number,
	language: string,
	{ timeZone, ...options }: Omit<Intl.DateTimeFormatOptions, "timeZone"> & { readonly timeZone?: string | undefined },
): string {
	return new Intl.DateTimeFormat(language, {
		day: "numeric",
		month: "short",
		year: "numeric",
		hourCycle: "h23",
		...options,
		...(timeZone === undefined ? {} : { timeZone }),
	}).format(new Date(unixSeconds * 1000));
}

/** How far a time is from now, in the largest unit that fits: `in 3 days`, `2 hours ago`. */
export function distanceText(unixSeconds: number, nowMs: number, language: string): string {
	const ms = unixSeconds * 1000 - nowMs;
	const format = (value: number, unit: Intl.RelativeTimeFormatUnit) =>
		new Intl.RelativeTimeFormat(language, { numeric: value === 0 ? "auto" : "always" }).format(value, unit);
	const units = [
		["day", DAY_MS],
		["hour", 3_600_000],
		["minute", 60_000],
	] as const;
	for (const [unit, size] of units) if (Math.abs(ms) >= size) return format(Math.trunc(ms / size), unit);
	return format(0, "minute");
}

/** A length of time in days or hours, whichever says it whole. */
export function lengthText(seconds: number, language: string): string {
	const [value, unit] =
		seconds % 86_400 === 0 && seconds > 0
			? [seconds / 86_400, "day"]
			: seconds % 3600 === 0
				? [seconds / 3600, "hour"]
				: [Math.round(seconds / 60), "minute"];
	return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** What `<input type="datetime-local">` holds for a time where the reader is. */
export function fieldTime(unixSeconds: number): string {
	const date = new Date(unixSeconds * 1000);
	const moved = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
	return moved.toISOString().slice(0, 16);
}

/** What such a field says, in seconds since 1970-01-01T00:00:00Z; `undefined` while it says nothing whole. */
export function readFieldTime(text: string): number | undefined {
	const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/.test(text) ? new Date(text).getTime() : Number.NaN;
	return Number.isNaN(ms) || ms < 0 ? undefined : Math.floor(ms / 1000);
}
