import { CsvError, parse } from "csv-parse/sync";

import { ID_PATTERN } from "../api-types.ts";
import { FORMULA_START } from "../contracts/csv-line.ts";
import type { ImportError } from "./payment-feed-request.ts";
import { type PaymentFileErrorCode, paymentFileError } from "./payment-file-error.ts";

export const MAX_PAYMENTS = 5000;
const MAX_RECORD_LENGTH = 16 * 1024;
const MAX_AMOUNT_MINOR = 1_000_000_000_000;

const CONTRACT = new RegExp(ID_PATTERN);
const REFERENCE = /^[\x21-\x7e]{1,80}$/;
// Everything that a person cannot see: controls, formats (direction, joiners), half surrogates, and separators but the blank.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Names of the columns, as people write them. */
const COLUMN_NAMES = {
	contract: ["contract", "contract_id", "contract_number", "contrato", "kontrak"],
	reference: ["reference", "ref", "payment_reference", "transaction_id", "referencia"],
	amount: ["amount", "importe", "monto", "valor"],
	amountMinor: ["amount_minor", "amountminor"],
	currency: ["currency", "moneda", "moeda"],
	received: ["received", "received_at", "value_date", "date"],
} as const;
type ColumnName = keyof typeof COLUMN_NAMES;
type Columns = Readonly<Partial<Record<ColumnName, number>>>;

/** One row, as far as it can be read without asking anybody. */
export interface PaymentRow {
	/** 1, 2, 3 ... The header is 1. */
	readonly row: number;
	readonly contractId: string;
	readonly reference: string;
	/** In the currency's minor unit, or in its major one with decimals, as it was written. */
	readonly amount: { readonly minor: number } | { readonly major: string };
	readonly currency?: string;
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly receivedAt?: number;
	/** Where each cell stands, for errors that are found later. */
	place(name: ColumnName): { readonly row: number; readonly column: number };
}

/** The rows of a file, and everything that is wrong with it. Rows with an error are left out. Never throws for what is in the file. */
export function readPaymentFile(bytes: Uint8Array): { rows: readonly PaymentRow[]; errors: readonly ImportError[] } {
	const records = readRecords(bytes);
	if ("error" in records) return { rows: [], errors: [records.error] };
	const [header = [], ...lines] = records.rows;
	const errors: ImportError[] = [];
	const columns = readHeader(header, errors);
	if (errors.length > 0) return { rows: [], errors };
	const filled = lines
		.map((cells, index) => ({ cells, row: index + 2 }))
		.filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
	if (filled.length === 0) return { rows: [], errors: [paymentFileError("empty")] };
	if (filled.length > MAX_PAYMENTS)
		return { rows: [], errors: [paymentFileError("too-many-rows", undefined, "", String(MAX_PAYMENTS))] };
	const rows = filled.flatMap(({ cells, row }) => readRow(cells, row, columns, errors) ?? []);
	return { rows, errors };
}

function readRecords(bytes: Uint8Array): { rows: string[][] } | { error: ImportError } {
	const text = decode(bytes);
	if (text === undefined) return { error: paymentFileError("encoding") };
	const named = /^sep=(.)\r?\n/i.exec(text);
	const body = named ? text.slice(named[0].length) : text;
	const firstLine = body.split(/[\r\n]/, 1)[0] ?? "";
	const found = [",", ";", "\t"].reduce((best, next) =>
		firstLine.split(next).length > firstLine.split(best).length ? next : best,
	);
	try {
		const rows: string[][] = parse(body, {
			delimiter: named?.[1] ?? found,
			relax_column_count: true,
			max_record_size: MAX_RECORD_LENGTH,
			to: MAX_PAYMENTS + 10_000,
		});
		return { rows: named ? [[], ...rows].slice(1) : rows };
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		const near = typeof error.lines === "number" ? `, near line ${error.lines}` : "";
		const what = error.code === "CSV_MAX_RECORD_SIZE" ? "a row is too long" : "a quotation mark is missing or too many";
		return { error: paymentFileError("unreadable", undefined, "", `${what}${near}`) };
	}
}

function decode(bytes: Uint8Array): string | undefined {
	const [first, second] = bytes;
	const encoding =
		first === 0xff && second === 0xfe
			? "utf-16le"
			: first === 0xfe && second === 0xff
				? "utf-16be"
				: second === 0
					? "utf-16le"
					: "utf-8";
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

function readHeader(header: readonly string[], errors: ImportError[]): Columns {
	const columns: Partial<Record<ColumnName, number>> = {};
	for (const [column, cell] of header.entries()) {
		const plain = cell
			.trim()
			.toLowerCase()
			.replace(/[\s-]+/g, "_");
		const name = columnNames().find((each) => COLUMN_NAMES[each].some((known) => known === plain));
		if (name === undefined) continue;
		if (columns[name] !== undefined) errors.push(paymentFileError("column-twice", { row: 1, column }, cell));
		columns[name] ??= column;
	}
	for (const name of ["contract", "reference"] as const)
		if (columns[name] === undefined) errors.push(paymentFileError("column-missing", undefined, "", name));
	if (columns.amount === undefined && columns.amountMinor === undefined)
		errors.push(paymentFileError("column-missing", undefined, "", "amount"));
	if (columns.amount !== undefined && columns.amountMinor !== undefined)
		errors.push(paymentFileError("column-twice", { row: 1, column: columns.amountMinor }, header[columns.amountMinor]));
	return columns;
}

function columnNames(): ColumnName[] {
	return ["contract", "reference", "amount", "amountMinor", "currency", "received"];
}

function readRow(cells: readonly string[], row: number, columns: Columns, errors: ImportError[]): PaymentRow | undefined {
	const before = errors.length;
	const place = (name: ColumnName) => ({ row, column: columns[name] ?? 0 });
	const text = (name: ColumnName) => {
		const column = columns[name];
		return column === undefined ? "" : (cells[column] ?? "").trim();
	};
	const note = (code: PaymentFileErrorCode, name: ColumnName) => {
		errors.push(paymentFileError(code, place(name), text(name)));
	};
	for (const name of columnNames()) {
		if (INVISIBLE.test(text(name))) note("control-character", name);
		else if (FORMULA_START.test(text(name))) note("formula", name);
	}
	if (errors.length > before) return undefined;

	const [contractId, reference, currency, received] = [text("contract"), text("reference"), text("currency"), text("received")];
	if (contractId === "") note("contract-missing", "contract");
	else if (!CONTRACT.test(contractId)) note("contract-form", "contract");
	if (reference === "") note("reference-missing", "reference");
	else if (!REFERENCE.test(reference)) note("reference-form", "reference");
	const amountColumn = columns.amountMinor === undefined ? "amount" : "amountMinor";
	const amount = text(amountColumn);
	const pattern = amountColumn === "amountMinor" ? /^\d{1,15}$/ : /^\d{1,15}(\.\d{1,6})?$/;
	if (amount === "") note("amount-missing", amountColumn);
	else if (!pattern.test(amount)) note("amount-form", amountColumn);
	else if (Number(amount) <= 0 || Number(amount) > MAX_AMOUNT_MINOR) note("amount-range", amountColumn);
	const receivedAt = received === "" ? undefined : timeOf(received);
	if (received !== "" && receivedAt === undefined) note("received-form", "received");
	if (errors.length > before) return undefined;
	return {
		row,
		contractId,
		reference,
		amount: amountColumn === "amountMinor" ? { minor: Number(amount) } : { major: amount },
		...(currency === "" ? {} : { currency: currency.toUpperCase() }),
		...(receivedAt === undefined ? {} : { receivedAt }),
		place,
	};
}

/** A day is its midnight UTC. A time without a zone is refused: nobody here knows whose it is. */
function timeOf(text: string): number | undefined {
	if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/i.test(text)) return undefined;
	const milliseconds = Date.parse(text.replace(" ", "T"));
	const days = new Date(milliseconds);
	if (Number.isNaN(milliseconds) || milliseconds < 0) return undefined;
	// 30 February would become 2 March.
	if (text.length === 10 && days.toISOString().slice(0, 10) !== text) return undefined;
	return Math.floor(milliseconds / 1000);
}

/** An amount in the currency's minor unit; `undefined` if it has more decimals than the currency. */
export function minorUnits(amount: PaymentRow["amount"], currency: string): number | undefined {
	if ("minor" in amount) return amount.minor;
	const decimals = decimalsOf(currency);
	const [whole = "", fraction = ""] = amount.major.split(".");
	const kept = fraction.replace(/0+$/, "");
	return kept.length > decimals ? undefined : Number(`${whole}${kept.padEnd(decimals, "0")}`);
}

/** Decimals of a currency by ISO 4217, as the platform knows them. */
function decimalsOf(currency: string): number {
	return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}
