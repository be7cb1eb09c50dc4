import { createInstance, type i18n } from "i18next";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { I18nextProvider, initReactI18next } from "react-i18next";
import { expect, it } from "vitest";

import { type Fault, fault } from "../../../../provisioning/handset/fault.ts";
import { FaultWords } from "../../../../provisioning/web/faults/fault-words.tsx";
import { fetchFaultTexts } from "../../../../provisioning/web/faults/told-fault.ts";

async function pageIn(language: string): Promise<i18n> {
	const translation = createInstance();
	await translation.use(initReactI18next).init({ lng: language, fallbackLng: "en", resources: { en: { translation: {} } } });
	return translation;
}

const drawn = (translation: i18n, shown: Fault) =>
	renderToStaticMarkup(createElement(I18nextProvider, { i18n: translation }, createElement(FaultWords, { fault: shown })));

const busy = fault("USB_BUSY", { details: { reason: "claimed" } });

it("draws a fault in English until its words in the page's language are there, and says which language it is", async () => {
	const page = await pageIn("pt-BR");
	const early = drawn(page, busy);
	expect(early).toContain(`<p class="fault-remedy" lang="en">${busy.remedy}</p>`);
	await fetchFaultTexts(page);
	const late = drawn(page, busy);
	expect(late).toMatch(/<p class="fault-remedy" lang="pt-BR">Feche as outras abas/);
	expect(late).toMatch(/<p class="fault-meaning" lang="pt-BR">Outro programa/);
	expect(late).toContain('<dl class="fault-details" lang="en">');
	expect(late).toContain("<code>USB_BUSY</code>");
});

it("draws a fault's own English words where they say something else than the catalogue", async () => {
	const page = await pageIn("pt-BR");
	await fetchFaultTexts(page);
	expect(drawn(page, { ...busy, remedy: "Close the other window." })).toContain(
		'<p class="fault-remedy" lang="en">Close the other window.</p>',
	);
});
