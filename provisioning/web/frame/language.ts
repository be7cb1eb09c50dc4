/** Languages of the page, by their BCP 47 tags: those that the phone's own screens have. */
export const LANGUAGES = ["en", "es", "pt-BR", "hi", "id", "sw"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language in its own words. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
	en: "English",
	es: "Español",
	"pt-BR": "Português",
	hi: "हिन्दी",
	id: "Bahasa Indonesia",
	sw: "Kiswahili",
};

export function isLanguage(value: unknown): value is Language {
	return LANGUAGES.some((language) => language === value);
}

/** The first that the person reads and the page has; English if there is none. */
export function nearestLanguage(wanted: readonly string[]): Language {
	for (const tag of wanted) {
		const primary = tag.split("-")[0]?.toLowerCase();
		const found = LANGUAGES.find((language) => language.split("-")[0] === (primary === "in" ? "id" : primary)); // "in": Java's old name
		if (found) return found;
	}
	return "en";
}
