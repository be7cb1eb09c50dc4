import type { Words } from "../frame/translation.ts";
import english from "./languages/en.json" with { type: "json" };

export const DESK_WORDS: Words = {
	en: english,
	async load(language) {
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
	},
};
