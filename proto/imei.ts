/** Fifteen digits with a valid Luhn digit, not one of the numbers that emulators and blank boards carry. */
export type Imei = string & { readonly brand: unique symbol };

/** Numbers with a valid check digit that name no real handset (see also all-same digits below). */
const RESERVED = new Set(["000000000000000", "004999010640000"]);

/** Why a text is not an IMEI. */
export type ImeiProblem = "not 15 digits" | "wrong check digit" | "a placeholder number";

/** Reads an IMEI (3GPP TS 23.003 section 6.2.1). Blanks and hyphens between digits, as on boxes, are allowed. */
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
