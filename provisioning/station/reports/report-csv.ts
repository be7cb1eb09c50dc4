import { csvLine } from "../../registry/contracts/csv-line.ts";
import type { BatchReport, UnitReport } from "./batch-report.ts";

type Cell = string | number | undefined;

/** Columns in order, with what stands in them. New ones are added at the end only: an import may count them. */
const COLUMNS: readonly (readonly [name: string, cell: (unit: UnitReport) => Cell])[] = [
	["contract", (unit) => unit.contractId],
	["imei1", (unit) => unit.imeis[0]],
	["imei2", (unit) => unit.imeis[1]],
	["serial", (unit) => unit.serial],
	["model", (unit) => unit.model],
	["standing", (unit) => unit.standing],
	["runs", (unit) => unit.runs],
	["fault_codes", (unit) => unit.faults.join(" ")],
	["label", (unit) => unit.label],
	["void_labels", (unit) => unit.voidLabels.join(" ")],
	["slot", (unit) => unit.slot],
	["operator", (unit) => unit.operator],
	["run_started", (unit) => isoTime(unit.startedAtMs)],
	["run_ended", (unit) => isoTime(unit.endedAtMs)],
	["run_seconds", (unit) => (unit.runMs === undefined ? undefined : (unit.runMs / 1000).toFixed(1))],
	["phone_serial", (unit) => unit.phone?.serial],
	["phone_imeis", (unit) => unit.phone?.imeis.join(" ")],
	["phone_model", (unit) => unit.phone?.model],
	["enrollment_id", (unit) => unit.enrollmentId],
	["device_id", (unit) => unit.deviceId],
	["hold_reason", (unit) => unit.hold?.reason],
	["receipt_queued", (unit) => (unit.receiptQueued ? "yes" : "no")],
	["manifest_row", (unit) => unit.row],
];

/**
 * One row for each unit of the manifest, in lines of {@link csvLine}, UTF-8 without a mark in front. Times are UTC. A cell that a
 * spreadsheet would take for a formula has an apostrophe in front; the JSON report has every value as it is.
 */
export function reportCsv(report: BatchReport): string {
	const lines = [COLUMNS.map(([name]) => name), ...report.units.map((unit) => COLUMNS.map(([, cell]) => cell(unit)))];
	return lines.map((cells) => csvLine(cells.map(textOf))).join("");
}

function textOf(cell: Cell): string {
	return cell === undefined ? "" : String(cell);
}

function isoTime(atMs: number | undefined): string | undefined {
	return atMs === undefined ? undefined : new Date(atMs).toISOString();
}
