import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { LANGUAGES, nearestLanguage } from "../../../provisioning/web/frame/language.ts";
import { ROOT } from "../../house/source-tree.ts";

const web = join(ROOT, "provisioning/web");
// The faults' English stands in their catalogue: fault-languages.test.ts holds their words.
const PAGES = readdirSync(web).filter((name) => existsSync(join(web, name, "languages/en.json")));

/** Every text by its whole key. */
function textsOf(page: string, language: string): Map<string, string> {
	const texts = new Map<string, string>();
	const walk = (value: unknown, path: string) => {
		if (typeof value === "string") texts.set(path, value);
		else for (const [name, inner] of Object.entries(value ?? {})) walk(inner, path === "" ? name : `${path}.${name}`);
	};
	walk(JSON.parse(readFileSync(join(web, page, `languages/${language.toLowerCase()}.json`), "utf8")), "");
	return texts;
}

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

describe.each(PAGES)("the words of %s", (page) => {
	const english = textsOf(page, "en");

	it.each(LANGUAGES)("say everything in %s, with the same values in them", (language) => {
		const texts = textsOf(page, language);
		expect([...texts.keys()].sort()).toEqual([...english.keys()].sort());
		for (const [key, text] of texts) {
			expect([key, text.trim()]).toEqual([key, text]);
			expect(text).not.toBe("");
			expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(key) ?? "")]);
		}
	});

	it("have a file for each language and no other", () => {
		const files = readdirSync(join(web, page, "languages"));
		expect(files.sort()).toEqual(LANGUAGES.map((language) => `${language.toLowerCase()}.json`).sort());
	});

	it("are all those that the page asks for", () => {
		const sources = readdirSync(join(web, page), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tsx"));
		const asked = sources.flatMap((name) =>
			[...readFileSync(join(web, page, name), "utf8").matchAll(/\bt\(\s*(?:"([^"]+)"|`([^`]+)`)/g)].map(
				([, plain, composed]) => plain ?? composed ?? "",
			),
		);
		expect(asked.length).toBeGreaterThan(0);
		for (const key of asked) {
			const pattern = new RegExp(`^${key.replaceAll(".", "\\.").replace(/\$\{[^}]*\}/g, "[\\w-]+")}$`);
			const known = [...english.keys()].some((each) => pattern.test(each));
			// The frame's own words name the page's title.
			expect([key, known || (page === "frame" && key === "title")]).toEqual([key, true]);
		}
	});
});

describe("a page's words", () => {
	it("come in the language that is nearest to what the person reads", () => {
		expect(nearestLanguage(["pt-PT", "en"])).toBe("pt-BR");
		expect(nearestLanguage(["in-ID"])).toBe("id");
		expect(nearestLanguage(["hi-IN", "en-IN"])).toBe("hi");
		expect(nearestLanguage(["fr-FR", "es-419"])).toBe("es");
		expect(nearestLanguage(["fr"])).toBe("en");
		expect(nearestLanguage([])).toBe("en");
	});
});
