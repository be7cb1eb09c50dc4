import { CsvError, parse } from "csv-parse/sync";

import { headerNames } from "./manifest-columns.ts";
import { manifestError } from "./manifest-error.ts";
import { MAX_ROWS, type TableReading, textCell } from "./manifest-table.ts";

const DELIMITERS = [",", ";", "\t"] as const;
/** Longest row, in characters. */
const MAX_RECORD_LENGTH = 64 * 1024;

/**
 * Reads CSV: comma, semicolon or tab, found out by the header; UTF-8 with or without a byte order mark, or UTF-16 as spreadsheet
 * programs' "Unicode text" is. Excel's `sep=;` in the first row is understood. Blank rows count, as they do in a spreadsheet.
 */
export function readCsv(bytes: Uint8Array): TableReading {
	const text = decode(bytes);
	if (text === undefined) return { error: manifestError("encoding") };
	const named = /^sep=(.)\r?\n/i.exec(text);
	const body = named ? text.slice(named[0].length) : text;
	try {
		const records = parse(body, {
			delimiter: named?.[1] ?? findDelimiter(body),
			relax_column_count: true,
			max_record_size: MAX_RECORD_LENGTH,
			to: MAX_ROWS + 1,
		});
		const rows = records.map((record) => record.map(textCell));
		return { rows: named ? [[], ...rows] : rows };
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		return { error: manifestError("unreadable", undefined, "", whatIsWrong(error)) };
	}
}

function decode(bytes: Uint8Array): string | undefined {
	const [first, second] = bytes;
	const encoding =
		first === 0xff && second === 0xfe
			? "utf-16le"
			: first === 0xfe && second === 0xff
				? "utf-16be"
				: second === 0 // A letter of a header, without a mark in front.
					? "utf-16le"
					: "utf-8";
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

/** The one that gives the header most names that are known; the comma where none does. */
function findDelimiter(text: string): string {
	const header =
		text
			.trimStart()
			.slice(0, MAX_RECORD_LENGTH)
			.split(/[\r\n]/, 1)[0] ?? "";
	const known = (delimiter: string) =>
		headerNames(header.split(delimiter).map((name) => name.replaceAll('"', ""))).filter((name) => name !== undefined).length;
	return DELIMITERS.reduce<string>((best, next) => (known(next) > known(best) ? next : best), DELIMITERS[0]);
}

function whatIsWrong(error: CsvError): string {
	const line = typeof error.lines === "number" ? `, near line ${error.lines}` : "";
	if (error.code === "CSV_MAX_RECORD_SIZE") return `a row is too long${line}`;
	return `a quotation mark is missing or too many${line}`;
}
