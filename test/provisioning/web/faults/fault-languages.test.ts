import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInstance } from "i18next";
import { describe, expect, it } from "vitest";

import { fault } from "../../../../provisioning/handset/fault.ts";
import { FAULT_CODES } from "../../../../provisioning/handset/fault-codes.ts";
import { ENGLISH_FAULTS, loadFaultTexts } from "../../../../provisioning/web/faults/fault-texts.ts";
import { fetchFaultTexts, tellFault } from "../../../../provisioning/web/faults/told-fault.ts";
import { LANGUAGES } from "../../../../provisioning/web/frame/language.ts";
import { ROOT } from "../../../house/source-tree.ts";

const OTHERS = LANGUAGES.filter((language) => language !== "en");
const FOLDER = join(ROOT, "provisioning/web/faults/languages");

/** What a person types, dials or looks for, and what must therefore stand in every language as it stands in English. */
function fixedParts(text: string): string[] {
	const parts = [
		/\*#\d+#/g, // to dial
		/(?<![\w-])--?[a-z][a-z-]*/g, // options
		/\bholdfast(?: [a-z]+)+/g, // commands
		/\b[a-z]+\.json\b/g,
		/\b[A-Z]{2,}\b/g, // USB, IMEI, and what stands for a value in a command
		/\d+/g,
	];
	return parts.flatMap((part) => text.match(part) ?? []);
}

/** An i18next of a page that speaks this language. */
async function translationIn(language: string) {
	const translation = createInstance();
	await translation.init({ lng: language, fallbackLng: "en", resources: { en: { translation: {} } } });
	return translation;
}

describe.each(OTHERS)("the faults' words in %s", (language) => {
	it("are those of the catalogue's faults, in its order, and of no other", async () => {
		const written: unknown = JSON.parse(readFileSync(join(FOLDER, `${language.toLowerCase()}.json`), "utf8"));
		expect(Object.keys(written ?? {})).toEqual(Object.keys(ENGLISH_FAULTS));
		expect(await loadFaultTexts(language)).toEqual(written);
		for (const text of Object.values(written ?? {})) expect(Object.keys(text)).toEqual(["meaning", "remedy"]);
	});

	it("say something of their own, with no values to fill in", async () => {
		const texts = await loadFaultTexts(language);
		for (const code of FAULT_CODES) {
			for (const part of ["meaning", "remedy"] as const) {
				const text = texts[code][part];
				expect([code, text]).toEqual([code, text.trim()]);
				expect([code, text.length > 5]).toEqual([code, true]);
				expect([code, text]).not.toEqual([code, ENGLISH_FAULTS[code][part]]);
				expect([code, text]).not.toEqual([code, expect.stringMatching(/[{}<>]\w|\s{2}/)]);
			}
		}
	});

	it("keep every number, command and name as the catalogue has it", async () => {
		const texts = await loadFaultTexts(language);
		for (const code of FAULT_CODES) {
			for (const part of ["meaning", "remedy"] as const) {
				const lost = fixedParts(ENGLISH_FAULTS[code][part]).filter((fixed) => !texts[code][part].includes(fixed));
				expect({ code, part, lost }).toEqual({ code, part, lost: [] });
			}
		}
	});

	it("stand in the catalogue's place once they are there", async () => {
		const translation = await translationIn(language);
		const untold = fault("IMEI_MISMATCH", { details: { phone: "1", contract: "2" } });
		expect(tellFault(translation, untold)).toEqual({ meaning: untold.meaning, remedy: untold.remedy, language: "en" });
		await fetchFaultTexts(translation);
		const { IMEI_MISMATCH } = await loadFaultTexts(language);
		expect(tellFault(translation, untold)).toEqual({ ...IMEI_MISMATCH, language });
	});
});

describe("a fault on a page", () => {
	it("keeps its own words where they are not the catalogue's", async () => {
		const translation = await translationIn("es");
		await fetchFaultTexts(translation);
		const own = { ...fault("REGISTRY_REFUSED"), remedy: "Ask for more vouchers." };
		expect(tellFault(translation, own)).toEqual({ meaning: own.meaning, remedy: own.remedy, language: "en" });
		const unknown = { code: "NO_PRINTER", meaning: "This station has no printer.", remedy: "Start it with --printer." };
		expect(tellFault(translation, unknown)).toMatchObject({ remedy: unknown.remedy, language: "en" });
	});

	it("is told in English on an English page, for which nothing is fetched", async () => {
		const translation = await translationIn("en");
		await fetchFaultTexts(translation);
		expect(translation.hasResourceBundle("en", "faults")).toBe(false);
		const { meaning, remedy } = fault("USB_LOST");
		expect(tellFault(translation, fault("USB_LOST"))).toEqual({ meaning, remedy, language: "en" });
	});

	it("follows the page to another language", async () => {
		const translation = await translationIn("sw");
		await fetchFaultTexts(translation);
		await translation.changeLanguage("hi");
		expect(tellFault(translation, fault("USB_LOST")).language).toBe("en");
		await fetchFaultTexts(translation);
		expect(tellFault(translation, fault("USB_LOST"))).toEqual({ ...(await loadFaultTexts("hi")).USB_LOST, language: "hi" });
	});
});

it("has words for each language that the pages speak, and for no other", () => {
	expect(readdirSync(FOLDER).sort()).toEqual(OTHERS.map((language) => `${language.toLowerCase()}.json`).sort());
});
