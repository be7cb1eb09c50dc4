import type { FaultCode } from "../../handset/fault-codes.ts";
import type { BatchFigures, BatchState, RunState, UnitStanding, UnitState } from "../journal/batch-state.ts";
import { stationTime } from "../station-time.ts";
import type { Unit } from "../unit.ts";

/** Grows when a field changes its meaning or goes away; a new field does not count. */
export const BATCH_REPORT_SCHEMA = "holdfast-batch-report/1";

/** Runs that ended in one hour of the station's day. Hours in which none did are left out. */
export interface HourReport {
	/** When it began by the clock on the wall: `2026-11-21 14:00`. */
	readonly hour: string;
	readonly ended: number;
	readonly passed: number;
	readonly queued: number;
}

/** One unit of the manifest, and what came of it. */
export interface UnitReport {
	readonly contractId: string;
	/** Row of the manifest; the header is 1. */
	readonly row: number;
	/** From the box. */
	readonly imeis: readonly string[];
	/** From the box. */
	readonly serial?: string;
	readonly model?: string;
	readonly standing: UnitStanding;
	readonly runs: number;
	/** What ended each run that did not pass, first run first. */
	readonly faults: readonly FaultCode[];
	/** Where, by whom and when the last run was made. */
	readonly slot?: number;
	readonly operator?: string;
	readonly startedAtMs?: number;
	readonly endedAtMs?: number;
	readonly runMs?: number;
	/** What the phone told itself in the last run. */
	readonly phone?: { readonly serial: string; readonly imeis: readonly string[]; readonly model?: string };
	readonly enrollmentId?: string;
	readonly deviceId?: string;
	readonly label?: string;
	readonly voidLabels: readonly string[];
	readonly hold?: { readonly reason: string; readonly operator: string; readonly atMs: number };
	/** The registry has yet to hear of it. */
	readonly receiptQueued?: true;
}

/** A batch at one moment, for the lender, the auditor and the shift lead: everything is told by the journal up to `journal.n`. */
export interface BatchReport {
	readonly schema: typeof BATCH_REPORT_SCHEMA;
	/** Milliseconds since 1970-01-01T00:00:00Z, like every time here. */
	readonly madeAtMs: number;
	/** IANA time zone of the hours. */
	readonly timeZone: string;
	readonly batch: {
		readonly id: string;
		/** SHA-256 of the manifest file, hexadecimal. */
		readonly manifestSha256: string;
		readonly match: "scan" | "manifest";
		readonly seal: boolean;
		readonly openedAtMs: number;
		readonly closed?: { readonly atMs: number; readonly operator: string };
		readonly firstRunAtMs?: number;
		readonly lastRunEndedAtMs?: number;
	};
	readonly station: { readonly id: string; readonly tool: string; readonly apkSha256: string };
	/** Whoever made a run or had a scan refused, in order of the alphabet. */
	readonly operators: readonly string[];
	readonly figures: BatchFigures;
	readonly hours: readonly HourReport[];
	/** In order of the manifest. */
	readonly units: readonly UnitReport[];
	readonly review: {
		readonly misScans: BatchState["misScans"];
		/** Contracts of the journal that the manifest does not name. */
		readonly unmatched: readonly string[];
		readonly lockedSlots: readonly number[];
		/** Messages to the ERP that are under way. */
		readonly openWebhooks: number;
	};
	readonly overrides: readonly {
		readonly what: string;
		readonly reason: string;
		readonly supervisor: string;
		readonly operator: string;
		readonly atMs: number;
		readonly contractId?: string;
		readonly slot?: number;
	}[];
	/** The journal's last line when the report was made. Its hash stands for everything before it. */
	readonly journal: BatchState["head"];
}

export interface BatchReportInput {
	readonly state: BatchState;
	readonly units: readonly Unit[];
	readonly figures: BatchFigures;
	readonly nowMs: number;
	/** Default `UTC`. */
	readonly timeZone?: string;
}

/** Puts a batch's report together. The same state gives the same report, but for `madeAtMs`. */
export function batchReport({ state, units, figures, nowMs, timeZone = "UTC" }: BatchReportInput): BatchReport {
	const { opened } = state;
	const runs = [...state.units.values()].flatMap((unit) => unit.runs);
	const starts = runs.map(({ startedAtMs }) => startedAtMs);
	const ends = runs.flatMap(({ end }) => (end ? [end.atMs] : []));
	const named = new Set(units.map(({ contractId }) => contractId));
	const operators = [...runs.map(({ operator }) => operator), ...state.misScans.map(({ operator }) => operator)];
	return {
		schema: BATCH_REPORT_SCHEMA,
		madeAtMs: nowMs,
		timeZone,
		batch: {
			id: opened.batchId,
			manifestSha256: opened.manifestSha256,
			match: opened.match,
			seal: opened.seal,
			openedAtMs: opened.atMs,
			...(state.closed === undefined ? {} : { closed: state.closed }),
			...(starts.length === 0 ? {} : { firstRunAtMs: starts.reduce((a, b) => Math.min(a, b)) }),
			...(ends.length === 0 ? {} : { lastRunEndedAtMs: ends.reduce((a, b) => Math.max(a, b)) }),
		},
		station: { id: opened.station, tool: opened.tool, apkSha256: opened.apkSha256 },
		operators: [...new Set(operators)].sort(),
		figures,
		hours: hoursOf(runs, timeZone),
		units: units.map((unit) => unitReport(unit, state.units.get(unit.contractId))),
		review: {
			misScans: state.misScans,
			unmatched: [...state.units.keys()].filter((contractId) => !named.has(contractId)).sort(),
			lockedSlots: [...state.lockedSlots].sort((a, b) => a - b),
			openWebhooks: state.openWebhooks.size,
		},
		overrides: state.overrides.map(({ what, reason, supervisor, operator, atMs, contractId, slot }) => ({
			...{ what, reason, supervisor, operator, atMs },
			...(contractId === undefined ? {} : { contractId }),
			...(slot === undefined ? {} : { slot }),
		})),
		journal: state.head,
	};
}

function unitReport(unit: Unit, state: UnitState | undefined): UnitReport {
	const { contractId, row, imeis, serial, model } = unit;
	const last = state?.runs.at(-1);
	return {
		...{ contractId, row, imeis },
		...(serial === undefined ? {} : { serial }),
		...(model === undefined ? {} : { model }),
		standing: state?.standing ?? "waiting",
		runs: state?.runs.length ?? 0,
		faults: state?.runs.flatMap(({ end }) => (end?.fault === undefined ? [] : [end.fault])) ?? [],
		...(last === undefined ? {} : runReport(last)),
		...(state?.label === undefined ? {} : { label: state.label }),
		voidLabels: state?.voidLabels ?? [],
		...(state?.hold === undefined ? {} : { hold: state.hold }),
		...(state?.queuedReceipt === undefined ? {} : { receiptQueued: true }),
	};
}

function runReport(run: RunState): Partial<UnitReport> {
	const { slot, operator, startedAtMs, end, serial, imeis = [], model } = run;
	return {
		...{ slot, operator, startedAtMs },
		...(end === undefined ? {} : { endedAtMs: end.atMs, runMs: end.milliseconds }),
		...(serial === undefined ? {} : { phone: { serial, imeis, ...(model === undefined ? {} : { model }) } }),
		...(end?.enrollmentId === undefined ? {} : { enrollmentId: end.enrollmentId }),
		...(end?.deviceId === undefined ? {} : { deviceId: end.deviceId }),
	};
}

function hoursOf(runs: readonly RunState[], timeZone: string): HourReport[] {
	const ends = runs.flatMap(({ end }) => (end ? [end] : [])).sort((a, b) => a.atMs - b.atMs);
	// A quarter of an hour is in one hour of every time zone. Asking for each run's own would be slow.
	const quarters = new Map<number, string>();
	const hours = new Map<string, { hour: string; ended: number; passed: number; queued: number }>();
	for (const { atMs, verdict } of ends) {
		const quarter = Math.floor(atMs / 900_000);
		const hour = quarters.get(quarter) ?? hourOf(quarter * 900_000, timeZone);
		quarters.set(quarter, hour);
		const figures = hours.get(hour) ?? { hour, ended: 0, passed: 0, queued: 0 };
		figures.ended += 1;
		if (verdict === "pass") figures.passed += 1;
		if (verdict === "queued") figures.queued += 1;
		hours.set(hour, figures);
	}
	return [...hours.values()];
}

function hourOf(atMs: number, timeZone: string): string {
	const { date, time } = stationTime(atMs, timeZone);
	return `${date} ${time.slice(0, 2)}:00`;
}
