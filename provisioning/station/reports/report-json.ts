import type { BatchReport } from "./batch-report.ts";

/** The whole report as JSON, its members in the order of the type, indented with a tab, ending with a newline: the same report, the same bytes. */
export function reportJson(report: BatchReport): string {
	return `${JSON.stringify(report, null, "\t")}\n`;
}
