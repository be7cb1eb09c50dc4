/** A moment as the station's people read it. */
export interface StationTime {
	/** `2026-11-21`. */
	readonly date: string;
	/** `14:05`, 00:00 to 23:59. */
	readonly time: string;
}

/**
 * A moment in a time zone, the same on every machine: no language or region has a part in it.
 *
 * @param atMs milliseconds since 1970-01-01T00:00:00Z.
 * @param timeZone IANA name, such as `Asia/Kolkata`, or `UTC`.
 * @throws {RangeError} if there is no such time zone.
 */
export function stationTime(atMs: number, timeZone: string): StationTime {
	const format = new Intl.DateTimeFormat("en-US", {
		timeZone,
		calendar: "gregory",
		numberingSystem: "latn",
		hourCycle: "h23",
		year: "numeric",
		month: "2-digit",
		day: "2-digit",
		hour: "2-digit",
		minute: "2-digit",
	});
	const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
	return { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` };
}
