import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { faultError } from "../../handset/fault.ts";
import type { Clock } from "../../procedure/step.ts";
import { errorCode, replaceFile } from "../durable-file.ts";
import type { BatchState } from "../journal/batch-state.ts";
import type { JournalEntry } from "../journal/entry.ts";
import { foldBatch, stepBatch } from "../journal/fold.ts";
import { interruptedRuns } from "../journal/interrupted.ts";
import type { JournalDisk } from "../journal/journal-disk.ts";
import { type Journal, openJournal } from "../journal/journal-file.ts";
import type { Unit } from "../unit.ts";
import { checkManifest } from "./manifest-check.ts";
import { manifestFault } from "./manifest-error.ts";

/** A batch's number: becomes the name of a folder, and stands on labels. */
export const BATCH_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;

/** Where a batch's things lie. */
export interface BatchPaths {
	readonly folder: string;
	readonly journal: string;
	readonly manifest: string;
	readonly vouchers: string;
	readonly labels: string;
	readonly outbox: string;
	readonly reports: string;
}

/** A batch that is open in this process and in no other. */
export interface OpenBatch {
	readonly batchId: string;
	readonly paths: BatchPaths;
	/** Name of the station that works on it: its leases are held in this name. */
	readonly station: string;
	readonly units: readonly Unit[];
	readonly journal: Journal;
	readonly state: BatchState;
	/** Runs that were under way when the station's program or its power ended. */
	readonly interrupted: number;
}

export type BatchOpening = Omit<Extract<JournalEntry, { type: "batch-opened" }>, "type" | "batchId" | "manifestSha256" | "units">;

export interface BatchFolderOptions {
	readonly clock: Pick<Clock, "nowMs">;
	/** Default: the station that opened the batch first. */
	readonly station?: string;
	readonly tool: string;
	readonly disk?: JournalDisk;
}

export function batchPaths(stationFolder: string, batchId: string): BatchPaths {
	const folder = join(stationFolder, "batches", batchId);
	return {
		folder,
		journal: join(folder, "journal.jsonl"),
		manifest: join(folder, "manifest"),
		vouchers: join(folder, "vouchers"),
		labels: join(folder, "labels"),
		outbox: join(folder, "outbox"),
		reports: join(folder, "reports"),
	};
}

/**
 * Makes a batch from a manifest, and opens it. The manifest's bytes lie in the folder before the journal names their hash, so that a
 * crash in between leaves a folder in which the batch is simply made again.
 *
 * @throws {FaultError} BATCH_EXISTS, MANIFEST_INVALID, and what {@link openJournal} throws.
 */
export async function createBatch(
	stationFolder: string,
	batchId: string,
	manifest: Uint8Array,
	opening: BatchOpening,
	options: BatchFolderOptions,
): Promise<OpenBatch> {
	const paths = batchPaths(stationFolder, batchId);
	const check = await checkManifest(manifest);
	if (!check.ok) throw manifestFault(check.errors);
	await mkdir(paths.folder, { recursive: true, mode: 0o700 });
	const journal = await openJournal(paths.journal, options);
	try {
		if (journal.lines.length > 0) throw faultError("BATCH_EXISTS", { details: { batch: batchId } });
		await replaceFile(paths.manifest, manifest, 0o600);
		const { units, sha256 } = check.manifest;
		const { station = opening.station } = options;
		const lines = await journal.append(
			{ type: "batch-opened", batchId, manifestSha256: sha256, units: units.length, ...opening },
			{ type: "station-started", station, tool: options.tool },
		);
		return { batchId, paths, station, units, journal, state: foldBatch(lines), interrupted: 0 };
	} catch (error) {
		await journal.close();
		throw error;
	}
}

/**
 * Opens a batch again and goes on where it was: runs that had no end get one, which says so.
 *
 * @throws {FaultError} BATCH_UNKNOWN, JOURNAL_DAMAGED, JOURNAL_BUSY, MANIFEST_INVALID if the manifest is not the one that the journal names.
 */
export async function openBatch(stationFolder: string, batchId: string, options: BatchFolderOptions): Promise<OpenBatch> {
	if (!BATCH_ID.test(batchId)) throw faultError("BATCH_UNKNOWN", { details: { batch: batchId } });
	const paths = batchPaths(stationFolder, batchId);
	const manifest = await readFile(paths.manifest).catch((error: unknown) => {
		if (errorCode(error) === "ENOENT") throw faultError("BATCH_UNKNOWN", { details: { batch: batchId } });
		throw error;
	});
	const check = await checkManifest(manifest);
	const journal = await openJournal(paths.journal, options);
	try {
		if (journal.lines.length === 0) throw faultError("BATCH_UNKNOWN", { details: { batch: batchId } });
		const before = foldBatch(journal.lines);
		if (!check.ok || check.manifest.sha256 !== before.opened.manifestSha256) {
			throw faultError("MANIFEST_INVALID", { details: { problem: "it is not the file that the batch was opened with" } });
		}
		const { station = before.opened.station } = options;
		const tornBytes = journal.recovered?.tornBytes;
		const interrupted = interruptedRuns(before);
		const lines = await journal.append(
			{
				type: "station-started",
				station,
				tool: options.tool,
				...(tornBytes === undefined ? {} : { tornBytes }),
			},
			...interrupted,
		);
		const state = lines.reduce(stepBatch, before);
		return { batchId, paths, station, units: check.manifest.units, journal, state, interrupted: interrupted.length };
	} catch (error) {
		await journal.close();
		throw error;
	}
}

/** Batches of a station, by name. */
export async function listBatches(stationFolder: string): Promise<readonly string[]> {
	const names = await readdir(join(stationFolder, "batches")).catch((error: unknown) => {
		if (errorCode(error) === "ENOENT") return [];
		throw error;
	});
	return names.filter((name) => BATCH_ID.test(name)).sort();
}
