import { useTranslation } from "react-i18next";

/** Dates, amounts and stretches of time in the reader's language, by the clock of the contract's place. */
export interface Said {
	/** Day and hour. */
	moment(unixSeconds: number): string;
	date(unixSeconds: number): string;
	money(minor: number, currency: string): string;
	/** In days and hours, or hours and minutes. */
	stretch(seconds: number): string;
	count(value: number): string;
}

export function useSaid(utcOffsetMinutes: number): Said {
	const { i18n } = useTranslation();
	const { language } = i18n;
	const local = (unixSeconds: number) => new Date((unixSeconds + utcOffsetMinutes * 60) * 1000);
	const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
	const unit = (value: number, name: string) =>
		new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(value);
	return {
		moment: (unixSeconds) =>
			format({ weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(
				local(unixSeconds),
			),
		date: (unixSeconds) => format({ day: "numeric", month: "short", year: "numeric" }).format(local(unixSeconds)),
		money(minor, currency) {
			const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat(language, {
				style: "currency",
				currency,
			}).resolvedOptions();
			return new Intl.NumberFormat(language, { style: "currency", currency }).format(minor / 10 ** digits);
		},
		stretch(seconds) {
			const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
			const parts =
				days > 0
					? [unit(days, "day"), ...(hours % 24 > 0 ? [unit(hours % 24, "hour")] : [])]
					: hours > 0
						? [unit(hours, "hour"), ...(minutes % 60 > 0 ? [unit(minutes % 60, "minute")] : [])]
						: [unit(minutes, "minute")];
			return parts.join(" ");
		},
		count: (value) => new Intl.NumberFormat(language).format(value),
	};
}
