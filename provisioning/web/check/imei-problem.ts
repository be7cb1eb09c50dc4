import { type ImeiProblem, imeiTail, parseImei } from "../../../proto/imei.ts";

/** A group of words for what is wrong with a typed IMEI. */
export type ImeiTrouble = "not15" | "checkDigit" | "placeholder";

const TROUBLES: Readonly<Record<ImeiProblem, ImeiTrouble>> = {
	"not 15 digits": "not15",
	"wrong check digit": "checkDigit",
	"a placeholder number": "placeholder",
};

/**
 * Reads an IMEI as people copy it from a dialler: with blanks, dashes or dots, and with the software version that some phones
 * show behind a stroke (`.../01`).
 */
export function readTypedImei(
	text: string,
): { readonly imei: string; readonly tail: string } | { readonly trouble: ImeiTrouble; readonly digits: number } {
	const typed = text.replace(/\s*\/\s*\d{1,2}\s*$/, "").replace(/[.:]/g, "");
	const parsed = parseImei(typed);
	if ("problem" in parsed) return { trouble: TROUBLES[parsed.problem], digits: typed.replace(/\D/g, "").length };
	return { imei: parsed.imei, tail: imeiTail(parsed.imei) };
}
