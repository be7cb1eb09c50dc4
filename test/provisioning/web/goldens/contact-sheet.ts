import type { Look } from "./drawing.ts";
import { nameOf } from "./golden-store.ts";
import { THEMES, WIDTHS } from "./picture.ts";

/**
 * A page's pictures side by side, as HTML that stands beside them: a row for each state, light before dark, narrow before wide;
 * then the other languages.
 */
export function contactSheet(page: string, looks: readonly Look[]): string {
	const states = [...new Set(looks.map(({ state }) => state))];
	const figure = (look: Look) => {
		const { theme, width, language } = look;
		const said = language === "en" ? `${theme}, ${width} px` : language;
		const name = `${nameOf(look)}.png`;
		return `<figure><a href="${name}"><img loading="lazy" src="${name}" alt="${look.state}, ${said}"></a><figcaption>${said}</figcaption></figure>`;
	};
	const rows = states.map((state) => {
		const own = looks.filter((look) => look.state === state);
		const screens = WIDTHS.flatMap((width) =>
			THEMES.flatMap((theme) => own.filter((look) => look.language === "en" && look.width === width && look.theme === theme)),
		);
		const languages = own.filter(({ language }) => language !== "en");
		return [
			`<h2>${state}</h2>`,
			`<div class="row">${screens.map(figure).join("\n")}</div>`,
			...(languages.length > 0 ? [`<div class="row">${languages.map(figure).join("\n")}</div>`] : []),
		].join("\n");
	});
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${page}: contact sheet</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 16px; background: #777; color: #fff; }
.row { display: flex; flex-wrap: wrap; gap: 12px; align-items: start; }
figure { margin: 0; }
img { display: block; max-width: min(640px, 90vw); max-height: 800px; background: #fff; }
</style>
<h1>${page}</h1>
${rows.join("\n")}
</html>
`;
}
