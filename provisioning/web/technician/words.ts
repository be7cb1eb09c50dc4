import { DESK_WORDS } from "../desk/words.ts";
import type { Language } from "../frame/language.ts";
import type { Words } from "../frame/translation.ts";
import english from "./languages/en.json" with { type: "json" };

/** Choosing a phone, allowing it and its faults are the same at the desk: their words come from there, and these before them. */
export const TECHNICIAN_WORDS: Words = {
	en: { ...DESK_WORDS.en, ...english },
	async load(language) {
		const [desk, own] = await Promise.all([DESK_WORDS.load(language), ownWords(language)]);
		return { ...desk, ...own };
	},
};

async function ownWords(language: Exclude<Language, "en">): Promise<object> {
	switch (language) {
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
