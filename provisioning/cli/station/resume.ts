import type { Command } from "commander";

import { openBatch } from "../../station/batch/batch-folder.ts";
import { batchOverviews } from "../../station/batch/batch-overview.ts";
import { perform } from "../command.ts";
import type { CommandContext } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { TOOL } from "../version.ts";
import { openEquipment } from "./equipment.ts";
import { type StationFlags, stationFolder, withStationFlags } from "./station-flags.ts";
import { work } from "./work.ts";

export function addResume(station: Command): void {
	const command = station
		.command("resume")
		.argument("[batch]", "name of the batch (default: the only one that is not closed)")
		.description("go on with a batch where it was, until it is told to stop");
	withStationFlags(command, "the one that opened the batch").action(perform<StationFlags>(resume));
}

async function resume(context: CommandContext, flags: StationFlags, [name]: readonly string[]): Promise<ExitCode> {
	const { output, clock } = context;
	const folder = stationFolder(context);
	const batchId = name ?? (await onlyOpenBatch(folder));
	const equipment = await openEquipment(context, flags);
	const { station } = flags;
	const batch = await openBatch(folder, batchId, { clock, tool: TOOL, ...(station === undefined ? {} : { station }) });
	const { opened } = batch.state;
	if (opened.station !== batch.station)
		output.note(
			`Station ${opened.station} opened this batch and may hold its contracts. If phones are refused to ${batch.station}, resume without --station.`,
		);
	if (batch.interrupted > 0)
		output.note(`${batch.interrupted} phones were being worked on when the station stopped: plug them in again.`);
	return work(context, flags, equipment, batch);
}

/** The batch that is meant when none is named. A damaged one counts: somebody has to see to it. */
async function onlyOpenBatch(folder: string): Promise<string> {
	const [only, ...others] = (await batchOverviews(folder)).filter(({ state }) => state === "open" || state === "damaged");
	if (only === undefined) throw new UsageError("there is no open batch. Begin one: holdfast station run --manifest FILE");
	if (others.length > 0) throw new UsageError(`which batch? Open are ${[only, ...others].map(({ batch }) => batch).join(", ")}`);
	return only.batch;
}
