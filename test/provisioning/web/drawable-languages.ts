import { execFileSync } from "node:child_process";

import { LANGUAGES, type Language } from "../../../provisioning/web/frame/language.ts";

/** Those whose letters some font here has; of the others a page shows boxes, which are wider than any letter. Says which are left out. */
export function drawableLanguages(): readonly Language[] {
	return LANGUAGES.filter((language) => {
		const drawable = language !== "hi" || hasFontFor(language);
		if (!drawable)
			console.warn(
				`no font here has the letters of ${language}, so its page was not measured. On Debian: apt-get install fonts-lohit-deva`,
			);
		return drawable;
	});
}

function hasFontFor(language: Language): boolean {
	try {
		return execFileSync("fc-list", [`:lang=${language}`], { timeout: 10_000, encoding: "utf8" }) !== "";
	} catch {
		return false; // without fontconfig nobody knows
	}
}
