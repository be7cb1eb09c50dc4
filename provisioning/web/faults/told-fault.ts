import type { i18n } from "i18next";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { isLanguage } from "../frame/language.ts";
import type { FaultText } from "./fault-texts.ts";

const NAMESPACE = "faults";

/** A fault, as far as its words go. */
export interface UntoldFault extends FaultText {
	readonly code: string;
}

/** A fault's words, and the language that they are in. */
export interface ToldFault extends FaultText {
	readonly language: string;
}

/**
 * A fault in the page's language, if its words are there. A fault that says something else in English than the catalogue does keeps its
 * own words: the translation would say less, or something else.
 */
export function tellFault(translation: i18n, { code, meaning, remedy }: UntoldFault): ToldFault {
	const english = textOf(translation, "en", code);
	const told = textOf(translation, translation.language, code);
	if (!told || english?.meaning !== meaning || english.remedy !== remedy) return { meaning, remedy, language: "en" };
	return { ...told, language: translation.language };
}

/** Fetches the faults' words of the page's language once; the page keeps them beside its other words. Rejects if that fails. */
export async function fetchFaultTexts(translation: i18n): Promise<void> {
	const { language } = translation;
	if (!isLanguage(language) || language === "en" || translation.hasResourceBundle(language, NAMESPACE)) return;
	// Apart from the page's first screen: most people see no fault.
	const { ENGLISH_FAULTS, loadFaultTexts } = await import("./fault-texts.ts");
	translation.addResourceBundle(language, NAMESPACE, await loadFaultTexts(language));
	translation.addResourceBundle("en", NAMESPACE, ENGLISH_FAULTS);
}

/** The same for whoever draws it: in English first, and in the page's language as soon as its words have come. */
export function useToldFault(fault: UntoldFault): ToldFault;
export function useToldFault(fault: UntoldFault | undefined): ToldFault | undefined;
export function useToldFault(fault: UntoldFault | undefined): ToldFault | undefined {
	const { i18n } = useTranslation();
	const [, setFetched] = useState("");
	const { language } = i18n;
	const isFault = fault !== undefined;
	useEffect(() => {
		if (!isFault || language === "en" || i18n.hasResourceBundle(language, NAMESPACE)) return;
		let isShown = true;
		fetchFaultTexts(i18n).then(
			() => {
				if (isShown) setFetched(language);
			},
			() => {}, // English stands in, and the next fault tries again.
		);
		return () => {
			isShown = false;
		};
	}, [i18n, language, isFault]);
	return fault && tellFault(i18n, fault);
}

function textOf(translation: i18n, language: string, code: string): FaultText | undefined {
	return translation.getResource(language, NAMESPACE, code) as FaultText | undefined; // only whole FaultTexts are put there
}
