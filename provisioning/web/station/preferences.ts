import { isLanguage, type Language, nearestLanguage } from "./language.ts";

export type Theme = "system" | "light" | "dark";

/** What a person chose for this screen. */
export interface Preferences {
	readonly theme: Theme;
	readonly language: Language;
	readonly isMuted: boolean;
}

const KEY = "holdfast-station-preferences";

/** What was chosen before; otherwise the browser's own language and theme. A browser that keeps nothing is fine. */
export function readPreferences(): Preferences {
	const fallback: Preferences = { theme: "system", language: nearestLanguage(navigator.languages), isMuted: false };
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
		if (typeof kept !== "object" || kept === null) return fallback;
		const { theme, language, isMuted } = kept as Partial<Record<keyof Preferences, unknown>>; // an object of any shape
		return {
			theme: theme === "light" || theme === "dark" ? theme : "system",
			language: isLanguage(language) ? language : fallback.language,
			isMuted: isMuted === true,
		};
	} catch {
		return fallback;
	}
}

export function keepPreferences(preferences: Preferences): void {
	try {
		localStorage.setItem(KEY, JSON.stringify(preferences));
	} catch {
		// A browser that keeps nothing: chosen again next time.
	}
}
