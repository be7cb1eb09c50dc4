import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";

import type { Language } from "./language.ts";
import { FRAME_WORDS } from "./words.ts";

/** A page's words: English at hand, every other language fetched when it is chosen. */
export interface Words {
	readonly en: object;
	load(language: Exclude<Language, "en">): Promise<object>;
}

/** The words of a page in a language, and those of the frame beside them. English stands in for what a language lacks. */
export async function startTranslation(words: Words, language: Language): Promise<i18n> {
	const translation = i18next.createInstance();
	await translation.use(initReactI18next).init({
		lng: "en",
		fallbackLng: "en",
		ns: ["translation", "frame"],
		resources: { en: { translation: words.en, frame: FRAME_WORDS.en } },
		interpolation: { escapeValue: false }, // React does
		returnNull: false,
	});
	await speak(translation, words, language);
	return translation;
}

/** Changes the page's language, and tells the browser which one it is. */
export async function speak(translation: i18n, words: Words, language: Language): Promise<void> {
	if (language !== "en" && !translation.hasResourceBundle(language, "translation")) {
		const [own, frame] = await Promise.all([words.load(language), FRAME_WORDS.load(language)]);
		translation.addResourceBundle(language, "translation", own);
		translation.addResourceBundle(language, "frame", frame);
	}
	await translation.changeLanguage(language);
	document.documentElement.lang = language;
}
