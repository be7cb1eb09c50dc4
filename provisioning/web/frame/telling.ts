/** How values are written for a person: in the page's language and the phone's own time zone. */
export interface Telling {
	/** An amount in the currency's minor unit. */
	money(minor: number): string;
	/** A day. */
	date(unixSeconds: number): string;
	/** A day and its time. */
	moment(unixSeconds: number): string;
	/** A time of today. */
	clock(unixMilliseconds: number): string;
	/** So many days, or hours where it is less than two days. */
	duration(seconds: number): string;
	count(value: number): string;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The way that the person's own country writes the page's language, such as `es-MX` for `es`. @param read `navigator.languages`. */
export function localeOf(language: string, read: readonly string[]): string {
	const primary = (tag: string) => tag.split("-")[0]?.toLowerCase();
	return read.find((tag) => primary(tag) === primary(language)) ?? language;
}

/** @param currency ISO 4217, where there are amounts; one that the browser does not know is written before the bare number. */
export function tellingIn(locale: string, currency = "USD"): Telling {
	const money = moneyFormat(locale, currency);
	const at = (options: Intl.DateTimeFormatOptions) => {
		const format = new Intl.DateTimeFormat(locale, options);
		return (unixMilliseconds: number) => format.format(unixMilliseconds);
	};
	const date = at({ dateStyle: "medium" });
	const moment = at({ dateStyle: "medium", timeStyle: "short" });
	const unit = (name: "day" | "hour", value: number) =>
		new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "long", maximumFractionDigits: 1 }).format(value);
	return {
		money,
		date: (seconds) => date(seconds * 1000),
		moment: (seconds) => moment(seconds * 1000),
		clock: at({ timeStyle: "short" }),
		duration: (seconds) => (seconds < 2 * DAY && seconds % DAY !== 0 ? unit("hour", seconds / HOUR) : unit("day", seconds / DAY)),
		count: (value) => new Intl.NumberFormat(locale).format(value),
	};
}

function moneyFormat(locale: string, currency: string): (minor: number) => string {
	try {
		const format = new Intl.NumberFormat(locale, { style: "currency", currency });
		const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
		return (minor) => format.format(minor / 10 ** digits);
	} catch {
		const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2 });
		return (minor) => `${currency} ${format.format(minor / 100)}`;
	}
}
