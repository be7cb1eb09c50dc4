import type { Command } from "commander";

import { batchOverviews } from "../../station/batch/batch-overview.ts";
import { perform, withCommonFlags } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { stationFolder } from "./station-flags.ts";

export function addListBatches(station: Command): void {
	const command = station.command("list").description("the batches of this station");
	withCommonFlags(command).action(perform<object>(list));
}

async function list(context: CommandContext): Promise<ExitCode> {
	const batches = await batchOverviews(stationFolder(context));
	context.output.result(
		{ ok: true, batches },
		batches.length === 0
			? ["There are no batches. Begin one: holdfast station run --manifest FILE"]
			: batches.map((each) => {
					const { batch, state } = each;
					return "units" in each ? `${batch}  ${state}  ${each.passed} of ${each.units} passed` : `${batch}  ${state}`;
				}),
	);
	return ExitCode.ok;
}
