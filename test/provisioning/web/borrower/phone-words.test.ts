import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { CONTROLS, cellOf } from "../../../../agent/policy/posture.ts";
import { Reason } from "../../../../provisioning/registry/api.ts";
import { POSTURE_TABLE } from "../../../../provisioning/web/borrower/posture-table.ts";
import { LANGUAGES, type Language } from "../../../../provisioning/web/frame/language.ts";
import { PROMISES } from "../../../../scripts/docs/promises.ts";
import { ROOT } from "../../../house/source-tree.ts";

/** Android's names of the languages. */
const FOLDERS: Readonly<Record<Language, string>> = {
	en: "values",
	es: "values-es",
	"pt-BR": "values-pt-rBR",
	hi: "values-hi",
	id: "values-in",
	sw: "values-sw",
};

/** What the phone's own screens say, by the name of the resource. */
function phoneWords(language: Language): Map<string, string> {
	const files = language === "en" ? ["controls.xml", "strings.xml"] : ["strings.xml"];
	const texts = files.map((file) => readFileSync(join(ROOT, "agent/hosts/android/res", FOLDERS[language], file), "utf8"));
	return new Map(
		[...texts.join("").matchAll(/<string name="(\w+)">(.*?)<\/string>/g)].map(([, name = "", text = ""]) => [
			name,
			text.replaceAll("\\'", "'").replaceAll("&amp;", "&").replaceAll("&lt;", "<"),
		]),
	);
}

interface PageWords {
	readonly controls: Readonly<Record<string, string>>;
	readonly reasons: Readonly<Record<string, string>>;
	readonly promises: Readonly<Record<string, string>>;
	readonly code: Readonly<Record<string, string>>;
	readonly check: Readonly<Record<string, string>>;
	readonly record: Readonly<Record<string, string>>;
}

function pageWords(language: Language): PageWords {
	const path = join(ROOT, "provisioning/web/borrower/languages", `${language.toLowerCase()}.json`);
	return JSON.parse(readFileSync(path, "utf8")) as PageWords; // our own file; a missing group fails below
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

describe.each(LANGUAGES)("the borrower's page in %s", (language) => {
	const phone = phoneWords(language);
	const page = pageWords(language);

	it("calls every control as the phone does", () => {
		const named = CONTROLS.map((control) => [control, phone.get(`control_${snake(control)}`)]);
		expect(page.controls).toEqual(Object.fromEntries(named));
	});

	it("gives every reason of an order in the phone's words", () => {
		const reasons = Reason.anyOf.map(({ const: reason }) => [reason, phone.get(`reason_${reason}`)]);
		expect(page.reasons).toEqual(Object.fromEntries(reasons));
	});

	it("names the phone's buttons by what stands on them", () => {
		expect(page.code.how).toContain(phone.get("code_enter"));
		expect(page.code.type).toContain(phone.get("code_send"));
		expect(page.check.button).toBe(phone.get("check_now"));
		expect(page.record.export).toContain(phone.get("record_export"));
	});

	it("has words for every promise to the borrower", () => {
		const promised = PROMISES.filter(({ id }) => id.startsWith("F"));
		expect(Object.keys(page.promises)).toEqual(promised.map(({ id }) => id));
		if (language === "en") expect(page.promises).toEqual(Object.fromEntries(promised.map(({ id, promise }) => [id, promise])));
	});
});

it("the page's posture table is the agent's", () => {
	expect(POSTURE_TABLE.map(({ control }) => control)).toEqual(CONTROLS);
	for (const row of POSTURE_TABLE) {
		for (const column of ["unlocked", "grace", "limited", "full"] as const) {
			const control = CONTROLS.find((each) => each === row.control) ?? "emergencyCall";
			expect([row.control, column, row[column] === "open"]).toEqual([
				row.control,
				column,
				cellOf(control, column).value === "open",
			]);
		}
	}
});
