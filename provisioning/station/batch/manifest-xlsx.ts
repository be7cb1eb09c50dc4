import { zipSync } from "fflate";
import { readSheet, SheetNotFoundError } from "read-excel-file/universal";

import { readZip, readZipEntry } from "../../handset/apk/zip.ts";
import { FaultError } from "../../handset/fault.ts";
import { manifestError } from "./manifest-error.ts";
import { type Cell, EMPTY, MAX_ROWS, type TableReading, textCell } from "./manifest-table.ts";

/** The sheet that is read if there is one of this name; otherwise the first. */
const SHEET = "manifest";
/** All that may come out of the ZIP, in bytes. 10,000 rows take about 5 MiB. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 500;
const MAX_COLUMNS = 100;

/**
 * Reads a sheet of an XLSX file. Numbers come as the digits that stand in the file. What the ZIP unpacks to, and how far the cells
 * reach, is bounded before the sheet is read: a cell in the last corner would otherwise make a table of 17 billion.
 */
export async function readXlsx(bytes: Uint8Array): Promise<TableReading> {
	const unpacked = unpack(bytes);
	if ("error" in unpacked) return unpacked;
	const files: Record<string, Uint8Array> = {};
	for (const [name, content] of Object.entries(unpacked.files)) {
		const xml = new TextDecoder().decode(content);
		const error = reachProblem(xml);
		if (error) return { error };
		files[name] = xml.includes("sheetData") ? new TextEncoder().encode(withErrorsShown(xml)) : content;
	}
	// Packed anew from what was checked: nothing that a second reader of the ZIP could see differently.
	const checked = zipSync(files, { level: 0 });
	try {
		const rows = await readNamedSheet(checked.slice().buffer);
		return { rows: rows.map((row) => row.map(cellOf)) };
	} catch (error) {
		return { error: sheetError(error) };
	}
}

function unpack(bytes: Uint8Array): { files: Record<string, Uint8Array> } | { error: ReturnType<typeof manifestError> } {
	try {
		const zip = readZip(bytes);
		const entries = [...zip.entries.values()].filter(({ name }) => name.endsWith(".xml") || name.endsWith(".xml.rels"));
		const total = entries.reduce((sum, { size }) => sum + size, 0);
		if (total > MAX_UNPACKED_BYTES || entries.length > MAX_FILES) {
			return { error: manifestError("unreadable", undefined, "", "it unpacks to more than a list of phones needs") };
		}
		return { files: Object.fromEntries(entries.map((entry) => [entry.name, readZipEntry(zip, entry, MAX_UNPACKED_BYTES)])) };
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		return { error: manifestError("unreadable", undefined, "", error.fault.details?.reason ?? "it is not an XLSX file") };
	}
}

/** What keeps a sheet from being read in bounded memory. The reader fills every gap up to the last cell. */
function reachProblem(xml: string): ReturnType<typeof manifestError> | undefined {
	if (!/<(?:\w+:)?sheetData/.test(xml)) return undefined;
	let rowTags = 0;
	for (const _ of xml.matchAll(/<(?:\w+:)?row[\s/>]/g)) rowTags += 1;
	if (rowTags > MAX_ROWS) return manifestError("too-many-rows");
	for (const [, quoted = ""] of xml.matchAll(/[\s:]r\s*=\s*("[^"]*"|'[^']*')/g)) {
		const place = /^([A-Z]{0,3})(\d{1,7})$/.exec(quoted.slice(1, -1));
		if (!place) return manifestError("unreadable", undefined, "", "a cell has no proper name");
		const [, letters = "", row = ""] = place;
		if (Number(row) > MAX_ROWS) return manifestError("too-many-rows", undefined, `row ${row}`);
		if (columnNumber(letters) > MAX_COLUMNS)
			return manifestError("unreadable", undefined, "", `there is something as far right as column ${letters}`);
	}
	return undefined;
}

/** The reader takes a formula's error, such as `#N/A`, for an empty cell, and a second IMEI would be lost without a word. */
function withErrorsShown(xml: string): string {
	return xml.replace(/(<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*)(?:"e"|'e')/g, '$1"str"');
}

function columnNumber(letters: string): number {
	return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

/** Digits of a number as they stand in the file: JavaScript's number would hide what the spreadsheet program rounded. */
class Digits {
	constructor(readonly text: string) {}
}

async function readNamedSheet(input: ArrayBuffer): Promise<readonly (readonly unknown[])[]> {
	const options = { parseNumber: (text: string) => new Digits(text), trim: false };
	try {
		return await readSheet(input, SHEET, options);
	} catch (error) {
		if (!(error instanceof SheetNotFoundError)) throw error;
		return readSheet(input, 1, options);
	}
}

function cellOf(value: unknown): Cell {
	if (value === null || value === undefined) return EMPTY;
	if (value instanceof Digits) return { kind: "number", text: value.text.trim() };
	if (value instanceof Date) {
		return { kind: "date", text: Number.isNaN(value.getTime()) ? "" : value.toISOString().slice(0, 10) };
	}
	if (typeof value === "boolean") return { kind: "boolean", text: value ? "TRUE" : "FALSE" };
	return textCell(String(value));
}

/** The reader stops at the first cell that it cannot read, and names it in its message. */
function sheetError(error: unknown): ReturnType<typeof manifestError> {
	const named = error instanceof Error ? /row (\d+), col (\d+): (\S+)/.exec(error.message) : null;
	if (!named) return manifestError("unreadable", undefined, "", "it is not an XLSX file, or a damaged one");
	const [, row, column, what = ""] = named;
	return manifestError("not-text", { row: Number(row), column: Number(column) - 1 }, what, "damaged");
}
