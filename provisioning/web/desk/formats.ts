const DAY = 24 * 3600;
const HOUR = 3600;

/** How people of a language write numbers and days in the contract's country. */
export function localeOf(language: string, jurisdiction: string): string {
	return language.includes("-") || jurisdiction === "default" ? language : `${language}-${jurisdiction}`;
}

/** A time of day, from minutes after midnight. */
export function minuteText(language: string, minute: number): string {
	return new Intl.DateTimeFormat(language, { timeStyle: "short", timeZone: "UTC" }).format(minute * 60_000);
}

/** A day, as people of the language write it. */
export function dayText(language: string, seconds: number): string {
	return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(seconds * 1000);
}

/** A time of a day. */
export function timeText(language: string, seconds: number): string {
	return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000);
}

/** An amount in the currency's minor unit. */
export function moneyText(language: string, currency: string, minor: number): string {
	const format = new Intl.NumberFormat(language, { style: "currency", currency });
	return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** A duration in days, or in hours where it is no whole number of them. */
export function durationText(language: string, seconds: number): string {
	const isDays = seconds >= DAY && seconds % DAY === 0;
	const unit = isDays ? "day" : "hour";
	const value = isDays ? seconds / DAY : Math.round(seconds / HOUR);
	return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** The name of a language, in that language. */
export function languageName(tag: string): string {
	try {
		return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
	} catch {
		return tag;
	}
}
