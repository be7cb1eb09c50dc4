/** What a printer told of itself. */
export interface PrinterStatus {
	/** What keeps it from printing, in a clerk's words. Empty: it is ready. */
	readonly errors: readonly string[];
	readonly warnings: readonly string[];
}

/** Asks a printer for its errors and warnings; answered at once, whatever it is doing. */
export const ASK_STATUS = "~HQES";
/** The answer takes about 100 bytes. */
export const MAX_STATUS_BYTES = 4096;

/** Bits of the low word of `ERRORS` (Zebra ZPL II Programming Guide, ~HQ, error flags). */
const ERRORS: readonly (readonly [bit: number, words: string])[] = [
	[0x00001, "there is no label paper in it"],
	[0x00002, "its ribbon has run out"],
	[0x00004, "its print head is open"],
	[0x00008, "its cutter is stuck"],
	[0x00010, "its print head is too hot"],
	[0x00020, "its motor is too hot"],
	[0x00040, "its print head is damaged"],
	[0x00080, "its print head is not recognised"],
	[0x02000, "its paper path is blocked"],
	[0x04000, "it cannot feed the paper"],
	[0x08000, "its paper is jammed"],
	[0x10000, "it is paused"],
];
const WARNINGS: readonly (readonly [bit: number, words: string])[] = [
	[0x1, "its paper must be calibrated"],
	[0x2, "its print head should be cleaned"],
	[0x4, "its print head should be replaced"],
	[0x8, "its paper is nearly used up"],
];
const UNKNOWN_ERROR = "it reports an error that is shown on its display";

/**
 * Reads the answer to {@link ASK_STATUS}. `undefined` for anything that is not one: then nothing is known of the printer. An error bit
 * that is not in the list is an error all the same.
 */
export function parsePrinterStatus(answer: string): PrinterStatus | undefined {
	const errors = flagsOf(answer, "ERRORS");
	const warnings = flagsOf(answer, "WARNINGS");
	if (errors === undefined || warnings === undefined) return undefined;
	const words = wordsOf(errors.low, ERRORS);
	return {
		errors: errors.set && words.length === 0 ? [UNKNOWN_ERROR] : words,
		warnings: wordsOf(warnings.low, WARNINGS),
	};
}

/** Whether an answer has arrived in full: it ends with ETX. */
export function isWholeStatus(answer: string): boolean {
	return answer.includes("\u0003");
}

function flagsOf(answer: string, name: string): { set: boolean; low: number } | undefined {
	const [, flag, high = "", low = ""] =
		new RegExp(`${name}:\\s+([01])\\s+([0-9A-Fa-f]{8})\\s+([0-9A-Fa-f]{8})`).exec(answer) ?? [];
	if (flag === undefined) return undefined;
	return {
		set: flag === "1" || Number.parseInt(high, 16) !== 0 || Number.parseInt(low, 16) !== 0,
		low: Number.parseInt(low, 16),
	};
}

function wordsOf(bits: number, table: readonly (readonly [number, string])[]): string[] {
	return table.filter(([bit]) => (bits & bit) !== 0).map(([, words]) => words);
}
