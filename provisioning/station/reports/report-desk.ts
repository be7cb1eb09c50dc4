import type { BatchState } from "../journal/batch-state.ts";
import type { JournalEntry } from "../journal/entry.ts";
import { figuresOf } from "../journal/figures.ts";
import type { Unit } from "../unit.ts";
import { batchReport } from "./batch-report.ts";
import { type ReportFile, reportFiles } from "./report-files.ts";

export interface ReportDeskOptions {
	/** The batch's journal and the state that it tells. */
	readonly log: { readonly state: BatchState; tell(entry: JournalEntry): Promise<void> };
	readonly units: readonly Unit[];
	nowMs(): number;
	/** IANA time zone. Default: this computer's. */
	readonly timeZone?: string;
}

/** A report that was made, and what of it the journal was told. */
interface Made {
	readonly files: readonly ReportFile[];
	/** Line of the journal after which nothing has happened but that this report was told. */
	upTo: number;
	readonly told: Set<ReportFile["format"]>;
}

/**
 * Gives a batch's report while a station works on it. As long as nothing happens, everybody who asks gets the same bytes, and the journal
 * tells of each format once.
 */
export function openReportDesk(options: ReportDeskOptions): (format: ReportFile["format"]) => Promise<Uint8Array | undefined> {
	const { log, units, nowMs, timeZone } = options;
	let made: Made | undefined;
	let turn: Promise<unknown> = Promise.resolve();

	async function current(): Promise<Made> {
		const { state } = log;
		if (made?.upTo === state.head.n) return made;
		const at = nowMs();
		const figures = figuresOf(state, units, at);
		const report = batchReport({ state, units, figures, nowMs: at, ...(timeZone === undefined ? {} : { timeZone }) });
		made = { files: await reportFiles(report), upTo: state.head.n, told: new Set() };
		return made;
	}

	async function give(format: ReportFile["format"]): Promise<Uint8Array | undefined> {
		const report = await current();
		const file = report.files.find((each) => each.format === format);
		if (!file || report.told.has(format)) return file?.bytes;
		report.told.add(format);
		const before = log.state.head.n;
		await log.tell({ type: "report-made", format, sha256: file.sha256 });
		if (report.upTo === before && log.state.head.n === before + 1) report.upTo += 1;
		return file.bytes;
	}

	return (format) => {
		// One at a time: two who ask at once would each make and tell it.
		const given = turn.then(() => give(format));
		turn = given.catch(() => {});
		return given;
	};
}
