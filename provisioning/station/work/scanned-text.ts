import { type Imei, type ImeiProblem, parseImei } from "../../../proto/imei.ts";

/** What a scanner read. A code that is no IMEI may be a badge; only the badges can tell. */
export type ScannedText =
	| { readonly kind: "imeis"; readonly imeis: readonly [Imei, ...Imei[]] }
	/** Meant to be an IMEI, and is none. */
	| { readonly kind: "bad-imei"; readonly problem: ImeiProblem }
	| { readonly kind: "other" };

/** Digits of an IMEI, or of one with a digit too many or too few, as barcodes carry them. */
const DIGITS = /(?<!\d)\d{13,17}(?!\d)/g;

/**
 * Reads a box's barcode. A Code 128 carries one IMEI alone; a QR code may carry both with words around them (`IMEI1:…;IMEI2:…`).
 */
export function readScannedText(text: string): ScannedText {
	const numbers = text.replaceAll("-", "").match(DIGITS) ?? [];
	const read = numbers.map(parseImei);
	const [first, ...others] = read.flatMap((each) => ("imei" in each ? [each.imei] : []));
	if (first !== undefined) return { kind: "imeis", imeis: [first, ...others] };
	const [problem] = read.flatMap((each) => ("problem" in each ? [each.problem] : []));
	return problem === undefined ? { kind: "other" } : { kind: "bad-imei", problem };
}
