import type { ImportError } from "./payment-feed-request.ts";

/** What can be wrong with a file of payments, and what to do about it. `{}` stands for what the case adds. */
const WORDS = {
	encoding: ["The file's letters are not UTF-8 or UTF-16.", "Save it as CSV UTF-8."],
	unreadable: ["The file cannot be read: {}.", "Open it in a spreadsheet program and save it again as CSV UTF-8."],
	"too-many-rows": ["There are more than {} payments.", "Split the file and give each part."],
	empty: ["There is no payment in the file.", "Put one payment in each row, under the row with the names of the columns."],
	"column-missing": ["There is no column {}.", "Name the columns in the first row: contract, reference, amount."],
	"column-twice": ["This column was there already.", "Keep one of the two."],
	"contract-missing": ["There is no contract number.", "Put the contract number here, or remove the row."],
	"contract-form": ["This is not a contract number.", "Letters, digits, dots, hyphens and underscores, at most 64."],
	"contract-unknown": ["There is no contract with this number.", "Correct the number, or enter the contract first."],
	"contract-closed": ["This contract is closed: {}.", "Take the row out, and pay the money back if it was paid twice."],
	"reference-missing": ["There is no reference.", "Put the payment's own reference here: by it a payment is booked once."],
	"reference-form": ["This is not a reference.", "Letters, digits and signs without blanks, at most 80."],
	"reference-twice": [
		"This reference stands in row {} already, with another amount or contract.",
		"Give each payment its own reference.",
	],
	"reference-used": ["This reference was used for another payment of this contract.", "Give the payment its own reference."],
	"amount-missing": ["There is no amount.", "Put the amount here, or remove the row."],
	"amount-form": ["This is not an amount.", "Digits, and a point before the decimals: 1234.50. No other signs."],
	"amount-decimals": ["{} has fewer decimals than this amount.", "Write the amount as the currency is counted."],
	"amount-range": ["The amount is zero or too large.", "Correct the amount."],
	"currency-other": ["The contract is in {}.", "Correct the row: nothing is converted here."],
	"received-form": ["This is not a time.", "Write it as 2026-06-01 or 2026-06-01T14:30:00Z."],
	"received-future": ["This time is in the future.", "Correct the time."],
	formula: ["The text begins as a formula does.", "Remove the first character; a cell here is plain text."],
	"control-character": ["There are invisible characters in this cell.", "Type the cell anew."],
} as const satisfies Record<string, readonly [problem: string, remedy: string]>;

export type PaymentFileErrorCode = keyof typeof WORDS;

/** Longest part of a cell that an error repeats. */
const MAX_VALUE_LENGTH = 40;

/**
 * An error with the words for it.
 *
 * @param where the cell: row from 1, column from 0; none where it is about the whole file.
 * @param value what stands there. @param detail what the words leave open.
 */
export function paymentFileError(
	code: PaymentFileErrorCode,
	where?: { readonly row: number; readonly column: number },
	value = "",
	detail = "",
): ImportError {
	const [problem, remedy] = WORDS[code];
	const column = where && columnLetters(where.column);
	return {
		code,
		cell: where ? `${column}${where.row}` : "file",
		...(where && column !== undefined ? { row: where.row, column } : {}),
		value: value.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd").slice(0, MAX_VALUE_LENGTH),
		problem: problem.replace("{}", detail),
		remedy,
	};
}

/** A, B ... Z, AA, AB ... */
function columnLetters(column: number): string {
	const letter = String.fromCharCode(65 + (column % 26));
	return column < 26 ? letter : `${columnLetters(Math.floor(column / 26) - 1)}${letter}`;
}
