import type { Command } from "commander";

import { batchPaths, listBatches } from "../../station/batch/batch-folder.ts";
import { foldBatch } from "../../station/journal/fold.ts";
import { verifyJournal } from "../../station/journal/verify-journal.ts";
import { perform, withCommonFlags } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { stationFolder } from "./station-flags.ts";

export function addListBatches(station: Command): void {
	const command = station.command("list").description("the batches of this station");
	withCommonFlags(command).action(perform<object>(list));
}

async function list(context: CommandContext): Promise<ExitCode> {
	const folder = stationFolder(context);
	const batches = await Promise.all((await listBatches(folder)).map((batch) => look(folder, batch)));
	context.output.result(
		{ ok: true, batches },
		batches.length === 0
			? ["There are no batches. Begin one: holdfast station run --manifest FILE"]
			: batches.map(
					({ batch, state, passed, units }) => `${batch}  ${state}${units === undefined ? "" : `  ${passed} of ${units} passed`}`,
				),
	);
	return ExitCode.ok;
}

/** Reads a journal without taking it from whoever works on it. */
async function look(folder: string, batch: string) {
	const verdict = await verifyJournal(batchPaths(folder, batch).journal).catch(() => undefined);
	if (!verdict?.ok || verdict.lines.length === 0) return { batch, state: verdict ? "damaged" : "not begun" };
	const { units, opened, closed } = foldBatch(verdict.lines);
	const passed = [...units.values()].filter(({ standing }) => standing === "pass").length;
	return { batch, state: closed ? "closed" : "open", passed, units: opened.units };
}
