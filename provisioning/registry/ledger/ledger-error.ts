const CODES = [
	"NOT_A_LEDGER",
	"NEWER_FORM",
	"DAMAGED",
	"CUT_OFF",
	"NOT_SIGNED",
	"OTHER_LENDER",
	"OTHER_KEYS",
	"NOT_EMPTY",
	"WRONG_IDENTITY",
	"ROW_REFUSED",
] as const;
export type LedgerErrorCode = (typeof CODES)[number];

/** A ledger's file that is not taken. Nothing of it was. */
export class LedgerError extends Error {
	override readonly name = "LedgerError";

	constructor(
		readonly code: LedgerErrorCode,
		message: string,
		/** Of the unpacked file, from 1; where one can be named. */
		readonly line?: number,
		options?: { cause?: unknown },
	) {
		super(line === undefined ? message : `line ${line}: ${message}`, options);
	}
}
