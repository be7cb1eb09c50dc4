import { type FaultError, faultError } from "../../handset/fault.ts";
import { plainLine } from "../../handset/plain-text.ts";
import { csvLine } from "../../registry/contracts/csv-line.ts";

/** What can be wrong with a manifest, and what to do about it. `{}` stands for what the case adds. */
const WORDS = {
	"too-large": ["The file is larger than 16 MiB.", "Keep only the columns that are needed, or make several batches of it."],
	unreadable: ["The file cannot be read: {}.", "Open it in a spreadsheet program and save it again as XLSX or as CSV UTF-8."],
	encoding: ["The file's letters are not UTF-8.", "Save it as CSV UTF-8, or as XLSX."],
	"too-many-rows": ["There are more than 10,000 phones.", "Split the list and make a batch of each part."],
	empty: ["There is no phone in the list.", "Put one phone in each row, under the row with the names of the columns."],
	"column-missing": ["There is no column {}.", "Name the columns in the first row: contract, imei, imei2, serial, model."],
	"column-twice": ["This column was there already, as column {}.", "Keep one of the two."],
	"contract-missing": ["There is no contract number.", "Put the contract number here, or remove the row."],
	"contract-form": [
		"This is not a contract number.",
		"Letters, digits, dots, hyphens and underscores, at most 64, the first a letter or a digit.",
	],
	"contract-twice": ["This contract number stands in {} already.", "One contract is one phone: correct one of the two."],
	"imei-missing": ["There is no IMEI.", "Put the IMEI from the box here."],
	"imei-length": [
		"An IMEI has 15 digits; this has {}.",
		"Scan the IMEI from the box. If it begins with 0, make the cell a text first.",
	],
	"imei-characters": ["An IMEI has digits only.", "Scan the IMEI from the box; one IMEI in each cell."],
	"imei-check-digit": ["The last digit does not fit the others: a digit is wrong.", "Scan the IMEI from the box again."],
	"imei-placeholder": ["This number stands on many phones and names none.", "Scan the IMEI from the box."],
	"imei-rounded": [
		"The spreadsheet program turned this IMEI into a rounded number; its last digits are lost.",
		"Make the column a text column first, then put the IMEIs in again. Changing the column now does not bring the digits back.",
	],
	"imei-twice": ["This IMEI stands in {} already.", "One IMEI is one phone: scan both boxes again."],
	"serial-form": [
		"This is not a phone's serial number.",
		"6 to 64 letters and digits without blanks. If this column counts the rows, give it another name.",
	],
	"serial-twice": ["This serial number stands in {} already.", "One serial number is one phone: correct one of the two."],
	"too-long": ["The text is longer than {} characters.", "Make it shorter."],
	formula: ["The text begins as a formula does.", "Remove the first character; a cell here is plain text."],
	"control-character": ["There are invisible characters in this cell.", "Type the cell anew."],
	"not-text": ["This cell is {}, not a text.", "Make the cell a text, then put the value in again."],
	"contract-unknown": ["The registry does not know this contract.", "Correct the number, or enter the contract first."],
	"contract-closed": ["This contract is closed: {}.", "Take the row out, or ask the lender for the new contract."],
	"contract-other-imei": [
		"The registry's contract names another phone, …{}.",
		"Ask the lender which is right; correct the row or the contract.",
	],
} as const satisfies Record<string, readonly [problem: string, remedy: string]>;

export type ManifestErrorCode = keyof typeof WORDS;

/** Longest part of a cell that an error repeats. */
const MAX_VALUE_LENGTH = 40;
const MAX_DETAIL_LENGTH = 120;

/** One thing that is wrong, for whoever made the file. */
export interface ManifestError {
	readonly code: ManifestErrorCode;
	/** As a spreadsheet names it, such as `B17`; `file` where it is about all of it. */
	readonly cell: string;
	/** 1, 2, 3 ... The header is 1. */
	readonly row?: number;
	/** Letters, such as `B`. */
	readonly column?: string;
	/** What stands there: plain, one line, cut at 40 characters. */
	readonly value: string;
	readonly problem: string;
	readonly remedy: string;
}

export interface Place {
	/** 1, 2, 3 ... */
	readonly row: number;
	/** 0, 1, 2 ... */
	readonly column: number;
}

/**
 * An error with the words for it.
 *
 * @param where the cell; none where it is about the whole file.
 * @param value what stands there.
 * @param detail what the words leave open.
 */
export function manifestError(code: ManifestErrorCode, where?: Place, value = "", detail = ""): ManifestError {
	const [problem, remedy] = WORDS[code];
	return {
		code,
		cell: where ? cellName(where) : "file",
		...(where ? { row: where.row, column: columnLetters(where.column) } : {}),
		value: plainLine(value, MAX_VALUE_LENGTH),
		problem: problem.replace("{}", () => plainLine(detail, MAX_DETAIL_LENGTH)),
		remedy,
	};
}

/** A cell as a spreadsheet names it. */
export function cellName({ row, column }: Place): string {
	return `${columnLetters(column)}${row}`;
}

/** A column as a spreadsheet names it: 0 is A, 25 is Z, 26 is AA. */
export function columnLetters(column: number): string {
	const rest = Math.floor(column / 26);
	return (rest === 0 ? "" : columnLetters(rest - 1)) + String.fromCharCode(65 + (column % 26));
}

/** The list of errors as a CSV file for whoever made the manifest. A spreadsheet program takes no cell of it for a formula. */
export function manifestErrorsCsv(errors: readonly ManifestError[]): string {
	const lines = errors.map(({ cell, value, problem, remedy }) => csvLine([cell, value, problem, remedy]));
	// The mark in front is how spreadsheet programs know UTF-8.
	return `\ufeff${[csvLine(["cell", "what stands there", "what is wrong", "what to do"]), ...lines].join("")}`;
}

/** The refusal of a whole manifest: how many errors, and the first. */
export function manifestFault(errors: readonly ManifestError[]): FaultError {
	const [first] = errors;
	return faultError("MANIFEST_INVALID", {
		details: { mistakes: String(errors.length), ...(first ? { first: `${first.cell}: ${first.problem}` } : {}) },
	});
}
