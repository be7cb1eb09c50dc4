import { errorCode } from "../durable-file.ts";
import { foldBatch } from "../journal/fold.ts";
import { verifyJournal } from "../journal/verify-journal.ts";
import { batchPaths, listBatches } from "./batch-folder.ts";

/** A batch as whoever chooses one has to know it. */
export type BatchOverview =
	| {
			readonly batch: string;
			readonly state: "open" | "closed";
			/** Units of the manifest. */
			readonly units: number;
			readonly passed: number;
	  }
	/** `not begun`: a folder that a crash left before the batch was opened; `holdfast station run` makes it anew. */
	| { readonly batch: string; readonly state: "damaged" | "not begun" };

/** Every batch of a station, by name. Takes no journal from whoever works on it, and changes nothing. */
export async function batchOverviews(stationFolder: string): Promise<readonly BatchOverview[]> {
	const overviews: BatchOverview[] = [];
	// One after the other: each journal is read whole.
	for (const batch of await listBatches(stationFolder)) overviews.push(await overviewOf(stationFolder, batch));
	return overviews;
}

async function overviewOf(stationFolder: string, batch: string): Promise<BatchOverview> {
	const verdict = await verifyJournal(batchPaths(stationFolder, batch).journal).catch((error: unknown) =>
		errorCode(error) === "ENOENT" ? ("none" as const) : ("unreadable" as const),
	);
	if (verdict === "unreadable" || (verdict !== "none" && !verdict.ok && !verdict.isTorn)) return { batch, state: "damaged" };
	if (verdict === "none" || verdict.lines.length === 0) return { batch, state: "not begun" };
	if (verdict.lines[0]?.type !== "batch-opened") return { batch, state: "damaged" };
	const { units, opened, closed } = foldBatch(verdict.lines);
	const passed = [...units.values()].filter(({ standing }) => standing === "pass").length;
	return { batch, state: closed ? "closed" : "open", units: opened.units, passed };
}
