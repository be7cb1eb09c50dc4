import { createHash } from "node:crypto";

import type { BatchReport } from "./batch-report.ts";
import { reportCsv } from "./report-csv.ts";
import { reportJson } from "./report-json.ts";
import { reportPdf } from "./report-pdf.ts";

/** One file of a report. */
export interface ReportFile {
	readonly format: "csv" | "json" | "pdf";
	/** Such as `B7-report.pdf`: letters, digits, dots, hyphens and underscores only. */
	readonly name: string;
	readonly bytes: Uint8Array;
	/** Of the bytes, hexadecimal: what the journal's `report-made` line records. */
	readonly sha256: string;
}

/** A report in every format. Write each file, then record its hash in the journal. */
export async function reportFiles(report: BatchReport): Promise<readonly ReportFile[]> {
	const stem = `${report.batch.id.replaceAll(/[^A-Za-z0-9_-]/g, "_")}-report`;
	const text = new TextEncoder();
	return [
		file("csv", stem, text.encode(reportCsv(report))),
		file("json", stem, text.encode(reportJson(report))),
		file("pdf", stem, await reportPdf(report)),
	];
}

/** The hashes of a report's files, as `sha256sum -c` reads them: the text of a `SHA256SUMS` file to put beside them. */
export function reportSums(files: readonly ReportFile[]): string {
	return files.map(({ sha256, name }) => `${sha256}  ${name}\n`).join("");
}

function file(format: ReportFile["format"], stem: string, bytes: Uint8Array): ReportFile {
	return { format, name: `${stem}.${format}`, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}
