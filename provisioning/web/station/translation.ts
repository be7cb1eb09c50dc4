import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "./language.ts";
import english from "./languages/en.json" with { type: "json" };

/** The page's words. English is always there; another language comes when it is chosen. */
export async function startTranslation(language: Language): Promise<i18n> {
	const words = i18next.createInstance();
	await words.use(initReactI18next).init({
		lng: "en",
		fallbackLng: "en",
		resources: { en: { translation: english } },
		interpolation: { escapeValue: false }, // React does
		returnNull: false,
	});
	await speak(words, language);
	return words;
}

export async function speak(words: i18n, language: Language): Promise<void> {
	if (!words.hasResourceBundle(language, "translation")) words.addResourceBundle(language, "translation", await load(language));
	await words.changeLanguage(language);
	document.documentElement.lang = language;
}

async function load(language: Language): Promise<object> {
	switch (language) {
		case "en":
			return english;
		case "es":
			return (await import("./languages/es.json", { with: { type: "json" } })).default;
		case "pt-BR":
			return (await import("./languages/pt-br.json", { with: { type: "json" } })).default;
		case "hi":
			return (await import("./languages/hi.json", { with: { type: "json" } })).default;
		case "id":
			return (await import("./languages/id.json", { with: { type: "json" } })).default;
		case "sw":
			return (await import("./languages/sw.json", { with: { type: "json" } })).default;
	}
}
