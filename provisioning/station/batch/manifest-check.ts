import { createHash } from "node:crypto";

import { type Imei, parseImei } from "../../../proto/imei.ts";
import { ID_PATTERN } from "../../registry/api-types.ts";
import { FORMULA_START } from "../../registry/contracts/csv-line.ts";
import type { Unit } from "../unit.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { type ColumnName, type ManifestColumns, readHeader } from "./manifest-columns.ts";
import { cellName, type ManifestError, type ManifestErrorCode, manifestError, type Place } from "./manifest-error.ts";
import { type Cell, EMPTY, isBlank, MAX_UNITS } from "./manifest-table.ts";

/** A manifest in order, or everything that is wrong with it. */
export type ManifestCheck =
	| { readonly ok: true; readonly manifest: Manifest }
	| { readonly ok: false; readonly sha256: string; readonly errors: readonly ManifestError[] };

/** Longest texts, in characters. A contract and a serial as the registry takes them. */
const MAX_LENGTH = { contract: 64, imei: 40, imei2: 40, serial: 64, model: 100 } as const satisfies Record<ColumnName, number>;

/** Digits that a number must have kept to be an IMEI: spreadsheet programs that round leave six. */
const MIN_DIGITS_OF_IMEI = 12;

const CONTRACT = new RegExp(ID_PATTERN);
const SERIAL = /^[\x21-\x7e]{6,64}$/;
// Everything that a person cannot see: controls, formats (direction, joiners), half surrogates, and separators but the blank.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * Checks a manifest whole, before the first phone: either all of it is in order, or every mistake is told. Never throws for what is in
 * the file. Blank rows are passed over, and so are columns that are not asked for.
 */
export async function checkManifest(bytes: Uint8Array): Promise<ManifestCheck> {
	const sha256 = createHash("sha256").update(bytes).digest("hex");
	const refused = (errors: readonly ManifestError[]): ManifestCheck => ({ ok: false, sha256, errors });
	const table = await readManifest(bytes);
	if ("error" in table) return refused([table.error]);
	const first = table.rows.findIndex((row) => !isBlank(row));
	const header = readHeader(table.rows[first] ?? [], first + 1);
	const { columns } = header;
	if (!columns) return refused(header.errors);
	const rows = table.rows
		.map((cells, index) => ({ cells, row: index + 1 }))
		.slice(first + 1)
		.filter(({ cells }) => !isBlank(cells));
	if (rows.length === 0) return refused([...header.errors, manifestError("empty")]);
	if (rows.length > MAX_UNITS) return refused([...header.errors, manifestError("too-many-rows")]);

	const seen: Seen = { contract: new Map(), imei: new Map(), serial: new Map() };
	const errors = [...header.errors];
	const units: Unit[] = [];
	for (const { cells, row } of rows) {
		const reader = new RowReader(cells, row, columns, seen, errors);
		const unit = reader.unit();
		if (unit) units.push(unit);
	}
	if (errors.length > 0) return refused(errors);
	return { ok: true, manifest: { units, sha256, columns, unknownColumns: header.unknown } };
}

/** Where each value was first seen. */
type Seen = Readonly<Record<"contract" | "imei" | "serial", Map<string, Place>>>;

/** Reads one row, and notes everything that is wrong with it. */
class RowReader {
	readonly #cells: readonly Cell[];
	readonly #row: number;
	readonly #columns: ManifestColumns;
	readonly #seen: Seen;
	readonly #errors: ManifestError[];

	constructor(cells: readonly Cell[], row: number, columns: ManifestColumns, seen: Seen, errors: ManifestError[]) {
		this.#cells = cells;
		this.#row = row;
		this.#columns = columns;
		this.#seen = seen;
		this.#errors = errors;
	}

	/** The row's phone; nothing if something was wrong. */
	unit(): Unit | undefined {
		const before = this.#errors.length;
		const contractId = this.#contract();
		const [first, second] = [this.#imei("imei"), this.#imei("imei2")];
		const serial = this.#serial();
		const model = this.#text("model");
		if (this.#isEmpty("imei") && this.#isEmpty("imei2")) this.#note("imei-missing", "imei");
		if (contractId === undefined || this.#errors.length > before) return undefined;
		const [one, other] = first === undefined ? [second, undefined] : [first, second];
		if (one === undefined) return undefined;
		return {
			contractId,
			imeis: other === undefined ? [one] : [one, other],
			...(serial === undefined ? {} : { serial }),
			...(model === undefined ? {} : { model }),
			row: this.#row,
		};
	}

	#contract(): string | undefined {
		if (this.#isEmpty("contract")) return this.#note("contract-missing", "contract");
		const text = this.#text("contract");
		if (text === undefined) return undefined;
		if (!CONTRACT.test(text)) return this.#note("contract-form", "contract");
		return this.#once("contract", "contract", text, "contract-twice");
	}

	#imei(name: "imei" | "imei2"): Imei | undefined {
		const cell = this.#cell(name);
		if (cell.kind === "text" && /^\d(?:[.,]\d+)?E\+?\d+$/i.test(cell.text)) return this.#note("imei-rounded", name);
		if (cell.kind === "number" && digitsOf(cell.text).length < MIN_DIGITS_OF_IMEI && Number(cell.text) >= 1e14) {
			return this.#note("imei-rounded", name);
		}
		const text = this.#text(name);
		if (text === undefined) return undefined;
		const parsed = parseImei(text);
		if ("imei" in parsed) return this.#once("imei", name, parsed.imei, "imei-twice");
		if (parsed.problem === "wrong check digit") return this.#note("imei-check-digit", name);
		if (parsed.problem === "a placeholder number") return this.#note("imei-placeholder", name);
		const digits = text.replace(/[\s-]/g, "");
		return /^\d*$/.test(digits) ? this.#note("imei-length", name, String(digits.length)) : this.#note("imei-characters", name);
	}

	#serial(): string | undefined {
		const text = this.#text("serial");
		if (text === undefined) return undefined;
		if (!SERIAL.test(text)) return this.#note("serial-form", "serial");
		return this.#once("serial", "serial", text, "serial-twice");
	}

	/** A cell's text, if it is one that may stand here. */
	#text(name: ColumnName): string | undefined {
		const cell = this.#cell(name);
		if (cell.kind === "empty") return undefined;
		if (cell.kind === "date" || cell.kind === "boolean") {
			return this.#note("not-text", name, cell.kind === "date" ? "a date" : "true or false");
		}
		if (cell.kind === "number") {
			const whole = Number(cell.text);
			if (!Number.isSafeInteger(whole) || whole < 0) return this.#note("not-text", name, "a number that is not whole");
			return String(whole);
		}
		if (FORMULA_START.test(cell.text)) return this.#note("formula", name);
		if (INVISIBLE.test(cell.text)) return this.#note("control-character", name);
		const most = MAX_LENGTH[name];
		return cell.text.length > most ? this.#note("too-long", name, String(most)) : cell.text;
	}

	#once<Text extends string>(
		kind: keyof Seen,
		name: ColumnName,
		text: Text,
		code: "contract-twice" | "imei-twice" | "serial-twice",
	): Text | undefined {
		const before = this.#seen[kind].get(text);
		if (before) return this.#note(code, name, cellName(before));
		this.#seen[kind].set(text, this.#place(name));
		return text;
	}

	#note(code: ManifestErrorCode, name: ColumnName, detail = ""): undefined {
		const cell = this.#cell(name);
		this.#errors.push(manifestError(code, this.#place(name), cell.kind === "empty" ? "" : cell.text, detail));
	}

	#cell(name: ColumnName): Cell {
		const column = this.#columns[name];
		return column === undefined ? EMPTY : (this.#cells[column] ?? EMPTY);
	}

	#isEmpty(name: ColumnName): boolean {
		return this.#cell(name).kind === "empty";
	}

	#place(name: ColumnName): Place {
		return { row: this.#row, column: this.#columns[name] ?? this.#columns.contract };
	}
}

/** Digits that a number was written with, without zeros at the end and without the exponent. */
function digitsOf(text: string): string {
	const [mantissa = ""] = text.split(/e/i);
	return mantissa.replace(/\D/g, "").replace(/0+$/, "");
}
