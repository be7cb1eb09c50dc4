import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Command } from "commander";

import { faultError } from "../../handset/fault.ts";
import { batchPaths } from "../../station/batch/batch-folder.ts";
import { checkManifest } from "../../station/batch/manifest-check.ts";
import { figuresOf } from "../../station/journal/figures.ts";
import { foldBatch } from "../../station/journal/fold.ts";
import { verifyJournal } from "../../station/journal/verify-journal.ts";
import { batchReport } from "../../station/reports/batch-report.ts";
import { reportFiles, reportSums } from "../../station/reports/report-files.ts";
import { perform, withCommonFlags } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { stationFolder } from "./station-flags.ts";

interface ReportFlags {
	readonly out?: string;
	readonly timeZone: string;
}

export function addReport(station: Command): void {
	const command = station
		.command("report")
		.argument("<batch>", "name of the batch")
		.description("check a batch's journal and write its report: CSV, JSON, PDF and their hashes")
		.option("--out <folder>", "where to write it (default: reports/ in the batch's folder)")
		.option(
			"--time-zone <zone>",
			"time zone of the report, such as Asia/Kolkata",
			Intl.DateTimeFormat().resolvedOptions().timeZone,
		);
	withCommonFlags(command).action(perform<ReportFlags>(report));
}

async function report(context: CommandContext, flags: ReportFlags, [name = ""]: readonly string[]): Promise<ExitCode> {
	const paths = batchPaths(stationFolder(context), name);
	const verdict = await verifyJournal(paths.journal).catch(() => undefined);
	if (!verdict) throw faultError("BATCH_UNKNOWN", { details: { batch: name } });
	if (!verdict.ok)
		throw faultError("JOURNAL_DAMAGED", { details: { file: paths.journal, line: String(verdict.line), problem: verdict.why } });
	const state = foldBatch(verdict.lines);
	const manifest = await checkManifest(await readFile(paths.manifest));
	if (!manifest.ok || manifest.manifest.sha256 !== state.opened.manifestSha256) {
		throw faultError("MANIFEST_INVALID", { details: { problem: "it is not the file that the batch was opened with" } });
	}
	const { units } = manifest.manifest;
	const nowMs = context.clock.nowMs();
	const figures = figuresOf(state, units, nowMs);
	const files = await reportFiles(batchReport({ state, units, figures, nowMs, timeZone: flags.timeZone }));
	const folder = flags.out ?? paths.reports;
	await mkdir(folder, { recursive: true });
	for (const { name: file, bytes } of files) await writeFile(join(folder, file), bytes);
	await writeFile(join(folder, "SHA256SUMS"), reportSums(files));
	const { pass, expected, failed, held, queued, missing } = figures;
	context.output.result(
		{
			ok: true,
			batch: name,
			folder,
			head: state.head,
			pass,
			expected,
			failed,
			held,
			queued,
			missing,
			files: files.map((each) => each.name),
		},
		[
			`Batch ${name}: ${pass} of ${expected} passed, ${queued} queued, ${failed} failed, ${held} held, ${missing} not begun.`,
			`Journal: ${state.head.n} lines, all of them whole; head ${state.head.hash}`,
			`Report: ${join(folder, files[0]?.name ?? "")} and beside it`,
		],
	);
	return ExitCode.ok;
}
