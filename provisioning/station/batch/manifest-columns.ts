import { type ManifestError, manifestError } from "./manifest-error.ts";
import type { Cell } from "./manifest-table.ts";

export type ColumnName = "contract" | "imei" | "imei2" | "serial" | "model";

/** Where each column is: 0, 1, 2 ... */
export type ManifestColumns = Readonly<Partial<Record<ColumnName, number>>> & {
	readonly contract: number;
	readonly imei: number;
};

/** What people call the columns, in letters and digits alone. */
const ALIASES: Readonly<Record<ColumnName, readonly string[]>> = {
	contract: ["contract", "contractid", "contractno", "contractnumber", "loan", "loanid", "loanno", "loannumber"],
	imei: ["imei", "imei1", "imeino", "imeinumber", "imeino1", "imeinumber1"],
	imei2: ["imei2", "imeino2", "imeinumber2"],
	// Not "s.no": that column counts the rows.
	serial: ["serial", "sn", "serialno", "serialnumber"],
	model: ["model", "modelname", "modelnumber", "product"],
};

/** The column that each name of a header means, if any. Case, blanks and punctuation do not matter. */
export function headerNames(names: readonly string[]): (ColumnName | undefined)[] {
	const columns = Object.keys(ALIASES) as ColumnName[]; // keys of the table above
	return names.map((name) => {
		const plain = name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
		return columns.find((column) => ALIASES[column].includes(plain));
	});
}

/** The columns of a header, names that mean nothing to us, and what is wrong. */
export function readHeader(
	header: readonly Cell[],
	row: number,
): { columns?: ManifestColumns; unknown: string[]; errors: ManifestError[] } {
	const names = header.map((cell) => (cell.kind === "empty" ? "" : cell.text));
	const found: Partial<Record<ColumnName, number>> = {};
	const errors: ManifestError[] = [];
	const unknown: string[] = [];
	for (const [column, name] of headerNames(names).entries()) {
		const text = names[column] ?? "";
		if (name === undefined) {
			if (text !== "") unknown.push(text);
			continue;
		}
		const before = found[name];
		if (before === undefined) found[name] = column;
		else errors.push(manifestError("column-twice", { row, column }, text, names[before]));
	}
	const { contract, imei } = found;
	if (contract === undefined) errors.push(manifestError("column-missing", undefined, "", "contract"));
	if (imei === undefined) errors.push(manifestError("column-missing", undefined, "", "imei"));
	return {
		...(contract === undefined || imei === undefined ? {} : { columns: { ...found, contract, imei } }),
		unknown,
		errors,
	};
}
