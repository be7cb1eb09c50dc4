import { fault } from "../../handset/fault.ts";
import type { UnitStanding } from "../journal/batch-state.ts";
import { squareCodeDots } from "../square-code.ts";
import { stationTime } from "../station-time.ts";
import type { BatchReport, UnitReport } from "./batch-report.ts";
import { hourChart, percent, slotBars } from "./pdf-charts.ts";
import { INK, type PdfFlow, pageFeet, pdfFlow } from "./pdf-flow.ts";

/** Most rows of one table: past it the report says how many more there are, and that the CSV file has them all. */
const MOST_ROWS = 300;
/** A line of missing contracts names this many. */
const MISSING_COLUMNS = 4;
/** What has to be looked at first, first. Units that passed or wait are not in this list. */
const WORST_FIRST: readonly UnitStanding[] = ["fail", "error", "running", "cancelled", "hold", "queued"];

/**
 * A report for people, A4: figures, runs by hour, yield by slot, what failed and what is missing, overrides, and the journal's head as
 * text and as a QR code. The same report gives the same bytes on one release of Node: nothing in it comes from a clock or from chance.
 */
export async function reportPdf(report: BatchReport): Promise<Uint8Array> {
	// Loaded when a report is made: it is the largest part of a command that mostly does something else.
	const { default: PDFDocument } = await import("pdfkit");
	const doc = new PDFDocument({
		size: "A4",
		margin: 40,
		bufferPages: true,
		lang: "en",
		info: {
			Title: `Batch report ${report.batch.id}`,
			Author: report.station.id,
			Producer: "Holdfast",
			Creator: "Holdfast",
			CreationDate: new Date(report.madeAtMs),
			ModDate: new Date(report.madeAtMs),
		},
	});
	const chunks: Uint8Array[] = [];
	const whole = new Promise<Uint8Array>((resolve, reject) => {
		doc.on("data", (chunk: Uint8Array) => chunks.push(chunk));
		doc.on("end", () => resolve(new Uint8Array(Buffer.concat(chunks))));
		doc.on("error", reject);
	});
	const flow = pdfFlow(doc);
	header(flow, report);
	summary(flow, report);
	charts(flow, report);
	faults(flow, report);
	units(flow, report);
	review(flow, report);
	proof(flow, report);
	pageFeet(
		flow,
		`Batch ${report.batch.id}, station ${report.station.id}, made ${when(report, report.madeAtMs)} ${report.timeZone}`,
	);
	doc.end();
	return await whole;
}

function header(flow: PdfFlow, report: BatchReport): void {
	const { batch, station, operators } = report;
	const side = 84;
	const code = squareCodeDots(headText(report), "medium");
	const dot = side / code.length;
	for (const [row, dots] of code.entries())
		for (const [column, dark] of dots.entries())
			if (dark) flow.doc.rect(flow.left + flow.width - side + column * dot, flow.y + row * dot, dot, dot);
	flow.doc.fill(INK.text);
	const width = flow.width - side - 20;
	flow.line(`Batch ${batch.id}`, flow.left, flow.y, width, { size: 20, bold: true });
	flow.line(batch.closed ? "Closed" : "Still open: the figures can change", flow.left, flow.y + 26, width, {
		size: 11,
		color: batch.closed ? INK.good : INK.bad,
		bold: true,
	});
	const lines = [
		`Station ${station.id}, ${station.tool}, agent ${station.apkSha256.slice(0, 16)}`,
		`Opened ${when(report, batch.openedAtMs)}${batch.closed ? `, closed ${when(report, batch.closed.atMs)} by ${batch.closed.operator}` : ""}`,
		`${batch.firstRunAtMs === undefined ? "No run yet" : `Runs from ${when(report, batch.firstRunAtMs)} to ${when(report, batch.lastRunEndedAtMs)}`} (${report.timeZone})`,
		`Operators: ${operators.length === 0 ? "nobody yet" : operators.join(", ")}`,
	];
	for (const [index, line] of lines.entries())
		flow.line(line, flow.left, flow.y + 44 + index * 12, width, { size: 9, color: INK.muted });
	flow.y += 100;
}

function summary(flow: PdfFlow, { figures }: BatchReport): void {
	const boxes: readonly (readonly [string, number, string])[] = [
		["expected", figures.expected, INK.text],
		["passed", figures.pass, INK.good],
		["queued", figures.queued, INK.queued],
		["failed", figures.failed, figures.failed > 0 ? INK.bad : INK.text],
		["on hold", figures.held, INK.text],
		["running", figures.running, INK.text],
		["missing", figures.missing, figures.missing > 0 ? INK.bad : INK.text],
	];
	const gap = 6;
	const width = (flow.width - gap * (boxes.length - 1)) / boxes.length;
	for (const [index, [name, count, color]] of boxes.entries()) {
		const x = flow.left + index * (width + gap);
		flow.doc.roundedRect(x, flow.y, width, 44, 4).fill(INK.band);
		flow.line(String(count), x + 4, flow.y + 7, width - 8, { size: 17, bold: true, color, align: "center" });
		flow.line(name, x + 4, flow.y + 29, width - 8, { size: 8, color: INK.muted, align: "center" });
	}
	flow.y += 54;
	const seconds = figures.medianRunMs === null ? "-" : `${(figures.medianRunMs / 1000).toFixed(1)} s`;
	const perHour = figures.unitsPerHour === null ? "-" : figures.unitsPerHour.toFixed(0);
	flow.paragraph(
		`First-pass yield ${percent(figures.firstPassYield)}    Units per hour ${perHour}    Median run ${seconds}    Scans refused ${figures.misScans}`,
		{ size: 9.5 },
	);
}

function charts(flow: PdfFlow, { hours, figures }: BatchReport): void {
	if (hours.length > 0) {
		flow.heading("Runs by the time at which they ended");
		hourChart(flow, hours);
	}
	if (figures.slots.length > 0) {
		flow.heading("Yield of each slot (passed / runs)");
		slotBars(flow, figures.slots);
	}
}

function faults(flow: PdfFlow, { figures }: BatchReport): void {
	if (figures.topFaults.length === 0) return;
	flow.heading("What ended runs most often");
	flow.table(
		[
			{ title: "Code", part: 0.3 },
			{ title: "Times", part: 0.08 },
			{ title: "What it means", part: 0.62 },
		],
		figures.topFaults.map(({ code, count }) => [code, String(count), fault(code).meaning]),
	);
}

function units(flow: PdfFlow, report: BatchReport): void {
	const open = WORST_FIRST.flatMap((worst) => report.units.filter(({ standing }) => standing === worst));
	flow.heading(`Not passed: ${open.length}`);
	if (open.length === 0) flow.paragraph("None.");
	else {
		flow.table(
			[
				{ title: "Contract", part: 0.19 },
				{ title: "IMEI", part: 0.17 },
				{ title: "Standing", part: 0.1 },
				{ title: "Runs", part: 0.06 },
				{ title: "Slot", part: 0.06 },
				{ title: "Operator", part: 0.12 },
				{ title: "Why", part: 0.3 },
			],
			open.slice(0, MOST_ROWS).map((unit) => unitRow(unit)),
		);
		more(flow, open.length);
	}
	const missing = report.units.filter(({ standing }) => standing === "waiting");
	flow.heading(`Missing, nothing was done: ${missing.length}`);
	if (missing.length === 0) flow.paragraph("None.");
	for (let index = 0; index < Math.min(missing.length, MOST_ROWS); index += MISSING_COLUMNS) {
		flow.room(11);
		for (const [column, unit] of missing.slice(index, Math.min(index + MISSING_COLUMNS, MOST_ROWS)).entries()) {
			const width = flow.width / MISSING_COLUMNS;
			flow.line(`${unit.contractId}  ..${unit.imeis[0]?.slice(-4)}`, flow.left + column * width, flow.y, width - 6);
		}
		flow.y += 11;
	}
	more(flow, missing.length);
}

function unitRow(unit: UnitReport): string[] {
	const why = unit.hold ? `${unit.hold.reason} (${unit.hold.operator})` : unit.faults.join(", ");
	return [
		...[
			unit.contractId,
			unit.imeis.join(" "),
			unit.standing,
			String(unit.runs),
			unit.slot === undefined ? "" : String(unit.slot),
		],
		...[unit.operator ?? "", why],
	];
}

function review(flow: PdfFlow, report: BatchReport): void {
	const { overrides } = report;
	flow.heading(`Overrides by a supervisor: ${overrides.length}`);
	if (overrides.length === 0) flow.paragraph("None.");
	else {
		flow.table(
			[
				{ title: "When", part: 0.17 },
				{ title: "What", part: 0.16 },
				{ title: "Supervisor", part: 0.12 },
				{ title: "Operator", part: 0.12 },
				{ title: "Contract or slot", part: 0.18 },
				{ title: "Reason", part: 0.25 },
			],
			overrides
				.slice(0, MOST_ROWS)
				.map(({ atMs, what, supervisor, operator, contractId, slot, reason }) => [
					...[when(report, atMs), what, supervisor, operator],
					...[[contractId, slot === undefined ? undefined : `slot ${slot}`].filter(Boolean).join(", "), reason],
				]),
		);
		more(flow, overrides.length);
	}
	const { misScans, unmatched, lockedSlots, openWebhooks } = report.review;
	flow.heading(`To review: scans refused ${misScans.length}, contracts that the manifest does not name ${unmatched.length}`);
	if (lockedSlots.length > 0) flow.paragraph(`Slots locked after three mismatches in a row: ${lockedSlots.join(", ")}.`);
	if (openWebhooks > 0) flow.paragraph(`Messages to the ERP that are still under way: ${openWebhooks}.`);
	if (unmatched.length > 0) flow.paragraph(`Not in the manifest: ${unmatched.slice(0, MOST_ROWS).join(", ")}.`);
	if (misScans.length > 0) {
		flow.table(
			[
				{ title: "When", part: 0.25 },
				{ title: "Why", part: 0.25 },
				{ title: "Operator", part: 0.3 },
				{ title: "Slot", part: 0.2 },
			],
			misScans
				.slice(0, MOST_ROWS)
				.map(({ atMs, why, operator, slot }) => [when(report, atMs), why, operator, slot === undefined ? "" : String(slot)]),
		);
		more(flow, misScans.length);
	}
}

function proof(flow: PdfFlow, report: BatchReport): void {
	flow.room(110);
	flow.heading("Proof");
	flow.paragraph(
		"Everything above is told by the station's journal up to the line below, whose hash stands for all lines before it.",
	);
	for (const [name, value] of [
		["Journal line", String(report.journal.n)],
		["Its hash", report.journal.hash],
		["Its time", when(report, report.journal.atMs)],
		["Manifest SHA-256", report.batch.manifestSha256],
		["Agent SHA-256", report.station.apkSha256],
	] as const) {
		flow.room(12);
		flow.line(name, flow.left, flow.y, 90, { color: INK.muted });
		flow.line(value, flow.left + 95, flow.y, flow.width - 95);
		flow.y += 12;
	}
}

/** The text of the report's QR code: `HFJ1:<batch>:<line>:<hash>`. */
function headText({ batch, journal }: BatchReport): string {
	return `HFJ1:${batch.id}:${journal.n}:${journal.hash.toUpperCase()}`;
}

function more(flow: PdfFlow, count: number): void {
	if (count > MOST_ROWS) flow.paragraph(`And ${count - MOST_ROWS} more: the CSV file has all of them.`, { bold: true });
}

function when(report: BatchReport, atMs: number | undefined): string {
	if (atMs === undefined) return "-";
	const { date, time } = stationTime(atMs, report.timeZone);
	return `${date} ${time}`;
}
