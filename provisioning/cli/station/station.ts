import type { Command } from "commander";

import { addBadge } from "./badge.ts";
import { addCalibrate } from "./calibrate.ts";
import { addListBatches } from "./list.ts";
import { addReport } from "./report.ts";
import { addResume } from "./resume.ts";
import { addRun } from "./run.ts";

/** `holdfast station`: one operator, many phones. */
export function addStation(program: Command): void {
	const station = program.command("station").description("enrol a batch of phones, many at once");
	for (const add of [addRun, addResume, addListBatches, addReport, addCalibrate, addBadge]) add(station);
}
