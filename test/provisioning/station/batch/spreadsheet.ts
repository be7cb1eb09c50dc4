import { strToU8, type Zippable, zipSync } from "fflate";

import { luhnDigit } from "../../../../proto/imei.ts";
import { columnLetters } from "../../../../provisioning/station/batch/manifest-error.ts";

/** A cell as it stands in the XML: a text, a number in these digits, or a cell of another type with its raw value. */
export type XlsxCell = string | { readonly number: string } | { readonly type: string; readonly value: string } | null;

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** A worksheet's XML. Rows that are `null` are left out, as spreadsheet programs leave out blank ones. */
export function sheetXml(rows: readonly (readonly XlsxCell[] | null)[]): string {
	const cells = (row: readonly XlsxCell[], n: number) =>
		row
			.map((cell, column) => {
				const r = `r="${columnLetters(column)}${n}"`;
				if (cell === null) return "";
				if (typeof cell === "string") return `<c ${r} t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
				if ("number" in cell) return `<c ${r}><v>${cell.number}</v></c>`;
				return `<c ${r} t="${cell.type}"><v>${escaped(cell.value)}</v></c>`;
			})
			.join("");
	const body = rows.map((row, index) => (row ? `<row r="${index + 1}">${cells(row, index + 1)}</row>` : "")).join("");
	return `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${body}</sheetData></worksheet>`;
}

/** An XLSX file with these sheets, by name. */
export function xlsxOf(sheets: Readonly<Record<string, string>>, more: Zippable = {}): Uint8Array {
	const names = Object.keys(sheets);
	const list = names.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`).join("");
	const type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";
	const links = names
		.map((_, i) => `<Relationship Id="rId${i + 1}" Type="${type}" Target="worksheets/sheet${i + 1}.xml"/>`)
		.join("");
	return zipSync({
		"[Content_Types].xml": strToU8("<Types/>"),
		"xl/workbook.xml": strToU8(`<workbook xmlns:r="r"><workbookPr/><sheets>${list}</sheets></workbook>`),
		"xl/_rels/workbook.xml.rels": strToU8(`<Relationships>${links}</Relationships>`),
		...Object.fromEntries(names.map((name, i) => [`xl/worksheets/sheet${i + 1}.xml`, strToU8(sheets[name] ?? "")])),
		...more,
	});
}

/** The n-th of a row of valid IMEIs. */
export function imeiNumber(n: number): string {
	const first14 = `8690710${String(n).padStart(7, "0")}`;
	return `${first14}${luhnDigit(first14)}`;
}
