/** Fifteen digits with a valid Luhn digit, not one of the numbers that emulators and blank boards carry. */
export type Imei = string & { readonly brand: unique symbol };

/**
 * Numbers with a valid check digit that many devices carry and that so name none: a blank board, and the modems of the
 * Android emulator and of Cuttlefish. All-same digits are refused as well.
 */
const RESERVED = new Set(["004999010640000", "358240051111110", "867400022047199"]);

/** Why a text is not an IMEI. */
export type ImeiProblem = "not 15 digits" | "wrong check digit" | "a placeholder number";

/** Reads an IMEI (3GPP TS 23.003 section 6.2.1). Blanks and hyphens, as on boxes and from scanners, are passed over. */
export function parseImei(text: string): { imei: Imei } | { problem: ImeiProblem } {
	const digits = text.replace(/[\s-]/g, "");
	if (!/^\d{15}$/.test(digits)) return { problem: "not 15 digits" };
	if (RESERVED.has(digits) || /^(\d)\1{14}$/.test(digits)) return { problem: "a placeholder number" };
	if (luhnDigit(digits.slice(0, 14)) !== Number(digits[14])) return { problem: "wrong check digit" };
	return { imei: digits as Imei };
}

/** Check digit for the first 14 digits of an IMEI (ISO/IEC 7812-1 annex B). */
export function luhnDigit(first14: string): number {
	let sum = 0;
	for (const [index, character] of [...first14].entries()) {
		const doubled = Number(character) * (index % 2 === 1 ? 2 : 1);
		sum += doubled > 9 ? doubled - 9 : doubled;
	}
	return (10 - (sum % 10)) % 10;
}

/** Last four digits: what people compare, and all that a log may show. */
export function imeiTail(imei: string): string {
	return imei.slice(-4);
}
