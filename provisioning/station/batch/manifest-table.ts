import type { ManifestError } from "./manifest-error.ts";

/** What stands in a cell of a manifest's file, before anybody asks what it means. */
export type Cell =
	| { readonly kind: "empty" }
	| { readonly kind: "text"; readonly text: string }
	/** A spreadsheet's number, in the digits of the file. */
	| { readonly kind: "number"; readonly text: string }
	| { readonly kind: "date" | "boolean"; readonly text: string };

/** A manifest's file as rows of cells. The first is the row that a spreadsheet calls 1. */
export interface ManifestTable {
	readonly rows: readonly (readonly Cell[])[];
}

/** A file that was read, or why it cannot be. */
export type TableReading = ManifestTable | { readonly error: ManifestError };

/** Most phones of one batch. */
export const MAX_UNITS = 10_000;
/** Largest file, in bytes. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Rows that are read at all: some may be blank. */
export const MAX_ROWS = 2 * MAX_UNITS;

export const EMPTY: Cell = { kind: "empty" };

/** A text as a cell. Blanks around it are no part of it. */
export function textCell(text: string): Cell {
	const trimmed = text.replace(/^[ \u00a0]+|[ \u00a0]+$/g, "");
	return trimmed === "" ? EMPTY : { kind: "text", text: trimmed };
}

export function isBlank(row: readonly Cell[]): boolean {
	return row.every(({ kind }) => kind === "empty");
}
