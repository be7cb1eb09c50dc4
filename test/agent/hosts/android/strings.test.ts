import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { ANDROID_HOST, PROJECT_ROOT } from "../../../../scripts/apk/paths.ts";

/** Resource folder of each language, and its tag. */
const LANGUAGES: Readonly<Record<string, string>> = {
	"values-es": "es",
	"values-pt-rBR": "pt-BR",
	"values-hi": "hi",
	"values-in": "id",
	"values-sw": "sw",
};
/** Words that two languages really share. */
const SHARED = ["pt-BR passes_left:other", "id log_number"];
/** CLDR's category for millions: none of our counts gets there. */
const NEVER_COUNTED = "many";

/** Text by name; of a plural, by name and quantity. Names that are not to be translated are left out. */
function stringsOf(file: string): Map<string, string> {
	const xml = readFileSync(join(ANDROID_HOST, "res", file), "utf8");
	const strings = new Map<string, string>();
	for (const [, name = "", text = ""] of xml.matchAll(/<string name="(\w+)">([^<]*)<\/string>/g)) strings.set(name, text);
	for (const [, name = "", items = ""] of xml.matchAll(/<plurals name="(\w+)">(.*?)<\/plurals>/gs))
		for (const [, quantity, text = ""] of items.matchAll(/<item quantity="(\w+)">([^<]*)<\/item>/g))
			strings.set(`${name}:${quantity}`, text);
	return strings;
}

const english = new Map([...stringsOf("values/strings.xml"), ...stringsOf("values/controls.xml")]);
const plurals = new Set([...english.keys()].filter((key) => key.includes(":")).map((key) => key.split(":")[0] ?? ""));

/** What a language has to have: every text, and of every plural the quantities that the language tells apart. */
function keysFor(tag: string): string[] {
	const quantities = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.filter((one) => one !== NEVER_COUNTED);
	const texts = [...english.keys()].filter((key) => !key.includes(":"));
	return [...texts, ...[...plurals].flatMap((name) => quantities.map((quantity) => `${name}:${quantity}`))].sort();
}

const placeholders = (text: string) => [...text.matchAll(/%\d\$[sd]/g)].map(([found]) => found).sort();

describe.each(Object.entries(LANGUAGES))("the words in %s", (folder, tag) => {
	const strings = stringsOf(`${folder}/strings.xml`);

	it("are all there, and no others", () => {
		expect([...strings.keys()].sort()).toEqual(keysFor(tag));
	});

	it("are filled in with the same things as in English", () => {
		const different = [...strings].filter(([key, text]) => {
			const original = english.get(key) ?? english.get(key.replace(/:.*/, ":other")) ?? "";
			return placeholders(text).join() !== placeholders(original).join();
		});
		expect(different).toEqual([]);
	});

	it("are not English", () => {
		expect([...strings].filter(([key, text]) => english.get(key) === text && !SHARED.includes(`${tag} ${key}`))).toEqual([]);
	});

	it("end as sentences do where English does", () => {
		const open = [...strings].filter(([key, text]) => {
			const original = english.get(key) ?? "";
			return /[.?]$/.test(original) && !/[.?।]$/.test(text);
		});
		expect(open).toEqual([]);
	});
});

describe("the screens", () => {
	const folder = join(ANDROID_HOST, "java/dev/holdfast/agent/screens");
	const sources = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

	it("have no words in the code, only in resources", () => {
		// A literal with a blank or a capital followed by small letters, anywhere but in a comment or as part of a number.
		const words = /"(?:[^"\n]*[a-z] [a-z][^"\n]*|[A-Z][a-z]+[^"\n]*)"/;
		const found = [...sources].flatMap(([name, text]) =>
			text
				.split("\n")
				.filter((line) => !/^\s*(?:\*|\/\/|\/\*)/.test(line) && !/@SuppressWarnings/.test(line) && words.test(line))
				.map((line) => `${name}: ${line.trim()}`),
		);
		expect(found).toEqual([]);
	});

	it("have no layout that could hold words", () => {
		expect(existsSync(join(ANDROID_HOST, "res/layout"))).toBe(false);
	});

	it("have words for every answer of the agent", () => {
		const borrower = readFileSync(join(PROJECT_ROOT, "agent/daemon/borrower.ts"), "utf8");
		const union = /export type BorrowerRefusal =(.*?);/s.exec(borrower)?.[1] ?? "";
		const codes = [...union.matchAll(/\| "(\w+)"/g)].map(([, code]) => code ?? "");
		expect(codes.length).toBeGreaterThan(10);
		const answered = [...(sources.get("Words.java") ?? "").matchAll(/case "(\w+)":\s*return R\.string\.refused_(\w+);/g)];
		for (const [, code, name] of answered) expect(code?.toLowerCase()).toBe(name);
		expect(answered.map(([, code]) => code).sort()).toEqual([...codes, "NOT_STORED"].sort());
	});
});
