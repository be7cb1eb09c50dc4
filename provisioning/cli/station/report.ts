import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Command, InvalidArgumentError } from "commander";

import { type Fault, FaultError, faultError } from "../../handset/fault.ts";
import { BATCH_ID, type BatchPaths, batchPaths } from "../../station/batch/batch-folder.ts";
import { checkManifest } from "../../station/batch/manifest-check.ts";
import { errorCode } from "../../station/durable-file.ts";
import type { BatchState } from "../../station/journal/batch-state.ts";
import { figuresOf } from "../../station/journal/figures.ts";
import { foldBatch } from "../../station/journal/fold.ts";
import { openJournal } from "../../station/journal/journal-file.ts";
import { verifyJournal } from "../../station/journal/verify-journal.ts";
import { batchReport } from "../../station/reports/batch-report.ts";
import { type ReportFile, reportFiles, reportSums } from "../../station/reports/report-files.ts";
import type { Unit } from "../../station/unit.ts";
import { perform, withCommonFlags } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
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
			timeZone,
			Intl.DateTimeFormat().resolvedOptions().timeZone,
		);
	withCommonFlags(command).action(perform<ReportFlags>(report));
}

async function report(context: CommandContext, flags: ReportFlags, [name = ""]: readonly string[]): Promise<ExitCode> {
	const { output, clock } = context;
	if (!BATCH_ID.test(name)) throw faultError("BATCH_UNKNOWN", { details: { batch: name } });
	const paths = batchPaths(stationFolder(context), name);
	const { state, isTorn } = await readState(paths, name);
	const units = await unitsOf(paths, state);
	const nowMs = clock.nowMs();
	const figures = figuresOf(state, units, nowMs);
	const files = await reportFiles(batchReport({ state, units, figures, nowMs, timeZone: flags.timeZone }));
	const folder = flags.out ?? paths.reports;
	await write(folder, files);
	const untold = isTorn ? undefined : await tell(paths, files, context);
	if (isTorn)
		output.note("The journal's last line is cut off: a crash, or a line that was being written. The report is made without it.");
	if (untold) output.note(`The report is made, but the journal does not tell of it: ${untold.code}. ${untold.meaning}`);
	const { pass, expected, failed, held, queued, missing } = figures;
	output.result(
		{
			...{ ok: true, batch: name, folder, head: state.head, pass, expected, failed, held, queued, missing },
			files: files.map((each) => each.name),
			told: !isTorn && untold === undefined,
		},
		[
			`Batch ${name}: ${pass} of ${expected} passed, ${queued} queued, ${failed} failed, ${held} held, ${missing} not begun.`,
			`Journal: ${state.head.n} lines, all of them whole; head ${state.head.hash}`,
			`Report: ${join(folder, files[0]?.name ?? "")} and beside it`,
		],
	);
	return ExitCode.ok;
}

/** What the journal tells. Takes it from nobody: a report may be made while a station works. */
async function readState({ journal }: BatchPaths, batch: string): Promise<{ state: BatchState; isTorn: boolean }> {
	const verdict = await verifyJournal(journal).catch((error: unknown) => {
		if (errorCode(error) === "ENOENT") throw faultError("BATCH_UNKNOWN", { details: { batch } });
		throw error;
	});
	if (!verdict.ok && !verdict.isTorn)
		throw faultError("JOURNAL_DAMAGED", { details: { file: journal, line: String(verdict.line), problem: verdict.why } });
	if (verdict.lines.length === 0) throw faultError("BATCH_UNKNOWN", { details: { batch } });
	return { state: foldBatch(verdict.lines), isTorn: !verdict.ok };
}

async function unitsOf({ manifest }: BatchPaths, { opened }: BatchState): Promise<readonly Unit[]> {
	const check = await checkManifest(await readFile(manifest));
	if (check.ok && check.manifest.sha256 === opened.manifestSha256) return check.manifest.units;
	throw faultError("MANIFEST_INVALID", { details: { problem: "it is not the file that the batch was opened with" } });
}

async function write(folder: string, files: readonly ReportFile[]): Promise<void> {
	try {
		await mkdir(folder, { recursive: true });
		for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
		await writeFile(join(folder, "SHA256SUMS"), reportSums(files));
	} catch (error) {
		if (!["EACCES", "EEXIST", "ENOTDIR", "EROFS", "EISDIR"].includes(errorCode(error))) throw error;
		throw new UsageError(`--out: the report cannot be written into ${folder} (${errorCode(error)}). Name another folder`);
	}
}

/** Tells the journal which files were made of it. Gives why not, if it cannot be told: a station may be at work on it. */
async function tell(
	{ journal: path }: BatchPaths,
	files: readonly ReportFile[],
	{ clock }: CommandContext,
): Promise<Fault | undefined> {
	try {
		const journal = await openJournal(path, { clock });
		try {
			await journal.append(...files.map(({ format, sha256 }) => ({ type: "report-made" as const, format, sha256 })));
		} finally {
			await journal.close();
		}
		return undefined;
	} catch (error) {
		if (error instanceof FaultError) return error.fault;
		throw error;
	}
}

function timeZone(text: string): string {
	try {
		Intl.DateTimeFormat("en", { timeZone: text });
		return text;
	} catch {
		throw new InvalidArgumentError("a zone of the IANA list, such as Asia/Kolkata");
	}
}
