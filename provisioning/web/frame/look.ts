import { isLanguage, type Language, nearestLanguage } from "./language.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** What a person chose for this screen, the same for all pages of one server. */
export interface Look {
	readonly theme: Theme;
	readonly language: Language;
}

const KEY = "holdfast-look";

/** What was chosen before; otherwise the browser's own language and theme. A browser that keeps nothing is fine. */
export function readLook(): Look {
	const kept = readKept(KEY);
	const theme = THEMES.find((each) => each === kept["theme"]) ?? "system";
	return { theme, language: isLanguage(kept["language"]) ? kept["language"] : nearestLanguage(navigator.languages) };
}

export function keepLook(look: Look): void {
	keep(KEY, look);
}

/** A kept object, or an empty one: what another version, or a person, wrote there is not trusted. */
export function readKept(key: string): Readonly<Record<string, unknown>> {
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
		return typeof kept === "object" && kept !== null ? { ...kept } : {};
	} catch {
		return {};
	}
}

export function keep(key: string, value: object): void {
	try {
		localStorage.setItem(key, JSON.stringify(value));
	} catch {
		// A browser that keeps nothing: chosen again next time.
	}
}
