import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { LANGUAGES, nearestLanguage } from "../../../../provisioning/web/station/language.ts";
import { ROOT } from "../../../house/source-tree.ts";

const page = join(ROOT, "provisioning/web/station");

/** Every text by its whole key. */
function textsOf(language: string): Map<string, string> {
	const texts = new Map<string, string>();
	const walk = (value: unknown, path: string) => {
		if (typeof value === "string") texts.set(path, value);
		else for (const [name, inner] of Object.entries(value ?? {})) walk(inner, path === "" ? name : `${path}.${name}`);
	};
	walk(JSON.parse(readFileSync(join(page, `languages/${language.toLowerCase()}.json`), "utf8")), "");
	return texts;
}

const english = textsOf("en");
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

describe("the page's words", () => {
	it.each(LANGUAGES)("say everything in %s, with the same values in them", (language) => {
		const texts = textsOf(language);
		expect([...texts.keys()].sort()).toEqual([...english.keys()].sort());
		for (const [key, text] of texts) {
			expect([key, text.trim()]).toEqual([key, text]);
			expect(text).not.toBe("");
			expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(key) ?? "")]);
		}
	});

	it("have a file for each language and no other", () => {
		const files = readdirSync(join(page, "languages"));
		expect(files.sort()).toEqual(LANGUAGES.map((language) => `${language.toLowerCase()}.json`).sort());
	});

	it("are all those that the page asks for", () => {
		const sources = readdirSync(page).filter((name) => name.endsWith(".tsx"));
		const asked = sources.flatMap((name) =>
			[...readFileSync(join(page, name), "utf8").matchAll(/\bt\(\s*(?:"([^"]+)"|`([^`]+)`)/g)].map(
				([, plain, composed]) => plain ?? composed ?? "",
			),
		);
		expect(asked.length).toBeGreaterThan(80);
		for (const key of asked) {
			const pattern = new RegExp(`^${key.replaceAll(".", "\\.").replace(/\$\{[^}]*\}/g, "[\\w-]+")}$`);
			expect([key, [...english.keys()].some((known) => pattern.test(known))]).toEqual([key, true]);
		}
	});

	it("come in the language that is nearest to what the person reads", () => {
		expect(nearestLanguage(["pt-PT", "en"])).toBe("pt-BR");
		expect(nearestLanguage(["in-ID"])).toBe("id");
		expect(nearestLanguage(["hi-IN", "en-IN"])).toBe("hi");
		expect(nearestLanguage(["fr-FR", "es-419"])).toBe("es");
		expect(nearestLanguage(["fr"])).toBe("en");
		expect(nearestLanguage([])).toBe("en");
	});
});
