import type { Imei } from "../../../proto/imei.ts";
import { parseImei } from "../../../proto/imei.ts";

/** How many hexadecimal digits of a journal line's hash a label shows. */
export const LABEL_HASH_DIGITS = 16;

/** What the square code of a label says: which line of which journal it belongs to. Nothing about the borrower. */
export interface LabelCode {
	/** Number of the label, such as `B7-000012-2`. */
	readonly label: string;
	readonly imei: Imei;
	/** First 16 hexadecimal digits, small letters, of the hash of the journal line that ended the run. */
	readonly hash: string;
	readonly contractId: string;
}

/** The text of the square code: `HF1:<label>:<IMEI>:<hash>:<contract number>`. The contract number is last, so it may hold colons. */
export function labelCodeText({ label, imei, hash, contractId }: LabelCode): string {
	return ["HF1", label, imei, hash.slice(0, LABEL_HASH_DIGITS).toUpperCase(), contractId].join(":");
}

/** Reads the text of a square code. `undefined` for any other text. */
export function parseLabelCode(text: string): LabelCode | undefined {
	const [, label, digits = "", hash = "", contractId] = /^HF1:([^:]+):(\d{15}):([0-9A-F]{16}):(.+)$/s.exec(text) ?? [];
	const imei = parseImei(digits);
	if (label === undefined || contractId === undefined || !("imei" in imei)) return undefined;
	return { label, imei: imei.imei, hash: hash.toLowerCase(), contractId };
}

/**
 * The number of a label: batch, place of the unit in its batch, how many-th print.
 *
 * @param place the unit's row among the batch's units: 1, 2, 3 ...
 * @param print 1 for the first print, 2 for the first reprint.
 */
export function labelNumber(batchId: string, place: number, print: number): string {
	return `${batchId.replaceAll(":", "-")}-${String(place).padStart(6, "0")}-${print}`;
}
