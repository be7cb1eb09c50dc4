import { readFile, writeFile } from "node:fs/promises";

import { type Command, Option } from "commander";

import { createStationClient } from "../../registry/clients/station-client.ts";
import { BATCH_ID, createBatch, listBatches } from "../../station/batch/batch-folder.ts";
import { checkManifest } from "../../station/batch/manifest-check.ts";
import { type ManifestError, manifestErrorsCsv, manifestFault } from "../../station/batch/manifest-error.ts";
import { checkAgainstRegistry } from "../../station/batch/manifest-registry.ts";
import { perform } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { TOOL } from "../version.ts";
import { type Equipment, openEquipment } from "./equipment.ts";
import { nameOfThisComputer, type StationFlags, stationFolder, withStationFlags } from "./station-flags.ts";
import { work } from "./work.ts";

interface RunFlags extends StationFlags {
	readonly manifest: string;
	readonly batch?: string;
	readonly match: "scan" | "manifest";
	readonly seal: boolean;
	readonly errorsTo?: string;
}

const MOST_ERRORS_SHOWN = 10;

export function addRun(station: Command): void {
	const command = station
		.command("run")
		.description("open a batch from a manifest and work on it until it is told to stop")
		.requiredOption("--manifest <file>", "CSV or XLSX: contract, imei, and if known imei2, serial, model")
		.option("--batch <name>", "name of the batch (default: today's date and a number)")
		.addOption(
			new Option("--match <how>", "scan: each box is scanned; manifest: a phone that the manifest names is taken as it comes")
				.choices(["scan", "manifest"])
				.default("scan"),
		)
		.option("--no-seal", "leave USB debugging on (training and repair only)")
		.option("--errors-to <file>", "where to write the manifest's mistakes as CSV");
	withStationFlags(command, nameOfThisComputer()).action(perform<RunFlags>(run));
}

async function run(context: CommandContext, flags: RunFlags): Promise<ExitCode> {
	const { station = nameOfThisComputer(), match, seal } = flags;
	const folder = stationFolder(context);
	const batchId = flags.batch ?? (await freeName(folder, context));
	if (!BATCH_ID.test(batchId)) throw new UsageError(`--batch ${batchId}: letters, digits, - and _, at most 32`);
	const manifest = await readFile(flags.manifest).catch((error: unknown) => {
		throw new UsageError(`--manifest ${flags.manifest}: ${error instanceof Error ? error.message : "cannot be read"}`);
	});
	const equipment = await openEquipment(context, flags);
	const errors = await mistakesIn(context, manifest, equipment, station);
	if (errors.length > 0) return refuseManifest(context, flags, errors);
	const opening = { station, tool: TOOL, apkSha256: equipment.apk.sha256, match, seal };
	const batch = await createBatch(folder, batchId, manifest, opening, { clock: context.clock, tool: TOOL });
	return work(context, flags, equipment, batch);
}

/** Everything that is wrong with a manifest, in itself and for the registry. */
async function mistakesIn(
	{ output, signal }: CommandContext,
	bytes: Uint8Array,
	{ registry }: Equipment,
	station: string,
): Promise<readonly ManifestError[]> {
	const check = await checkManifest(bytes);
	if (!check.ok) return check.errors;
	const { units, unknownColumns } = check.manifest;
	output.note(`${units.length} units in the manifest.`);
	if (unknownColumns.length > 0) output.note(`Columns that are passed over: ${unknownColumns.join(", ")}.`);
	const client = createStationClient({ ...registry, signal, station });
	return checkAgainstRegistry(check.manifest, (contractIds) => client.lookupContracts(contractIds));
}

async function refuseManifest(
	{ output }: CommandContext,
	{ errorsTo }: RunFlags,
	errors: readonly ManifestError[],
): Promise<ExitCode> {
	for (const { cell, value, problem, remedy } of errors.slice(0, MOST_ERRORS_SHOWN)) {
		output.note(`${cell}${value === "" ? "" : ` (${value})`}: ${problem}. ${remedy}`);
	}
	if (errors.length > MOST_ERRORS_SHOWN) output.note(`and ${errors.length - MOST_ERRORS_SHOWN} more`);
	if (errorsTo !== undefined) {
		await writeFile(errorsTo, manifestErrorsCsv(errors)).then(
			() => output.note(`All of them: ${errorsTo}`),
			(error: unknown) => output.note(`--errors-to ${errorsTo}: ${error instanceof Error ? error.message : "not written"}`),
		);
	}
	output.fault(manifestFault(errors).fault);
	return ExitCode.refused;
}

/** The day and the next number: short enough for a label. */
async function freeName(folder: string, { clock }: CommandContext): Promise<string> {
	const day = new Date(clock.nowMs()).toISOString().slice(2, 10).replaceAll("-", "");
	const taken = new Set(await listBatches(folder));
	for (let number = 1; ; number += 1) if (!taken.has(`B${day}-${number}`)) return `B${day}-${number}`;
}
