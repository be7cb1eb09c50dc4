/**
 * Values as one line of a CSV file (RFC 4180), all quoted, CRLF at the end. A value that a spreadsheet program would take for a formula
 * gets an apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function csvLine(values: readonly string[]): string {
	return `${values.map((value) => `"${defused(value).replaceAll('"', '""')}"`).join(",")}\r\n`;
}

/**
 * Text that spreadsheet programs calculate. Also the wide forms of the signs, which those of East Asia take for the plain ones; and after
 * blanks and control characters, which some drop first.
 */
export const FORMULA_START = /^[\s\p{Cc}]*[=+\-@|\t\r\n\uff1d\uff0b\uff0d\uff20]/u;

function defused(value: string): string {
	return FORMULA_START.test(value) ? `'${value}` : value;
}
