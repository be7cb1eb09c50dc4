import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { type Command, Option } from "commander";

import { faultError } from "../../handset/fault.ts";
import { createStationClient } from "../../registry/station-client.ts";
import {
	BATCH_ID,
	type BatchFolderOptions,
	createBatch,
	listBatches,
	type OpenBatch,
	openBatch,
} from "../../station/batch/batch-folder.ts";
import { checkManifest } from "../../station/batch/manifest-check.ts";
import { type ManifestError, manifestErrorsCsv, manifestFault } from "../../station/batch/manifest-error.ts";
import { checkAgainstRegistry } from "../../station/batch/manifest-registry.ts";
import { type Badges, openBadges } from "../../station/crew/badges.ts";
import { figuresOf } from "../../station/journal/figures.ts";
import { batchReport } from "../../station/reports/batch-report.ts";
import { reportFiles } from "../../station/reports/report-files.ts";
import { startStationServer } from "../../station/server/start-station-server.ts";
import { loadHubMap } from "../../station/slots/hub-map-file.ts";
import { type StartedStation, startStation } from "../../station/start-station.ts";
import { type ApkFlags, readAgentApk, withApkFlags } from "../agent-apk.ts";
import { perform, withCommonFlags } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { type PolicyFlags, policyOf, withPolicyFlags } from "../preflight-policy.ts";
import { addressOf, type RegistryFlags, withRegistryFlags } from "../registry-access.ts";
import { UsageError } from "../usage-error.ts";
import { TOOL } from "../version.ts";
import { fetchAhead } from "./fetch-ahead.ts";
import { showStation } from "./show-station.ts";
import { erpPostOf, printerOf, type StationFlags, stationFolder, withStationFlags } from "./station-flags.ts";

interface WorkFlags extends StationFlags, RegistryFlags, ApkFlags, PolicyFlags {
	readonly vouchers?: number | boolean;
}

interface RunFlags extends WorkFlags {
	readonly manifest: string;
	readonly batch?: string;
	readonly match: "scan" | "manifest";
	readonly seal: boolean;
	readonly errorsTo?: string;
}

const MOST_ERRORS_SHOWN = 10;
/** Standings of a unit after which nothing more comes by itself. */
const DONE: ReadonlySet<string> = new Set(["pass", "fail", "hold"]);

function withWorkFlags(command: Command): Command {
	withStationFlags(withRegistryFlags(withApkFlags(withPolicyFlags(withCommonFlags(command)))));
	return command.option(
		"--vouchers [count]",
		"fetch vouchers first, for all units or so many, to work without the registry",
		Number,
	);
}

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
	withWorkFlags(command).action(perform<RunFlags>(run));
}

export function addResume(station: Command): void {
	const command = station
		.command("resume")
		.argument("[batch]", "name of the batch (default: the only one that is not closed)")
		.description("go on with a batch where it was");
	withWorkFlags(command).action(perform<WorkFlags>(resume));
}

async function run(context: CommandContext, flags: RunFlags): Promise<ExitCode> {
	const folder = stationFolder(context);
	const manifest = await readFile(flags.manifest).catch((error: unknown) => {
		throw new UsageError(`--manifest ${flags.manifest}: ${error instanceof Error ? error.message : "cannot be read"}`);
	});
	const batchId = flags.batch ?? (await freeName(folder));
	if (!BATCH_ID.test(batchId)) throw new UsageError(`--batch ${batchId}: letters, digits, - and _, at most 32`);
	const apk = await readAgentApk(flags);
	const badges = await badgesOf(context, flags);
	const errors = await mistakesIn(context, flags, manifest);
	if (errors.length > 0) return refuseManifest(context, flags, errors);
	const { match, seal, station } = flags;
	const batch = await createBatch(
		folder,
		batchId,
		manifest,
		{ station, tool: TOOL, apkSha256: apk.sha256, match, seal },
		optionsOf(context, flags),
	);
	return work(context, flags, batch, badges);
}

/** Everything that is wrong with a manifest, in itself and for the registry. */
async function mistakesIn(context: CommandContext, flags: RunFlags, bytes: Uint8Array): Promise<readonly ManifestError[]> {
	const check = await checkManifest(bytes);
	if (!check.ok) return check.errors;
	const { units, unknownColumns } = check.manifest;
	context.output.note(`${units.length} units in the manifest.`);
	if (unknownColumns.length > 0) context.output.note(`Columns that are passed over: ${unknownColumns.join(", ")}.`);
	const registry = createStationClient({ ...(await addressOf(context, flags)), station: flags.station });
	return checkAgainstRegistry(check.manifest, (contractIds) => registry.lookupContracts(contractIds));
}

async function refuseManifest({ output }: CommandContext, flags: RunFlags, errors: readonly ManifestError[]): Promise<ExitCode> {
	for (const { cell, value, problem, remedy } of errors.slice(0, MOST_ERRORS_SHOWN)) {
		output.note(`${cell}${value === "" ? "" : ` (${value})`}: ${problem}. ${remedy}`);
	}
	if (errors.length > MOST_ERRORS_SHOWN) output.note(`and ${errors.length - MOST_ERRORS_SHOWN} more`);
	if (flags.errorsTo !== undefined) {
		const { writeFile } = await import("node:fs/promises");
		await writeFile(flags.errorsTo, manifestErrorsCsv(errors));
		output.note(`All of them: ${flags.errorsTo}`);
	}
	output.fault(manifestFault(errors).fault);
	return ExitCode.refused;
}

async function resume(context: CommandContext, flags: WorkFlags, [name]: readonly string[]): Promise<ExitCode> {
	const folder = stationFolder(context);
	const badges = await badgesOf(context, flags);
	const batch = await openBatch(folder, name ?? (await onlyBatch(folder)), optionsOf(context, flags));
	if (batch.interrupted > 0)
		context.output.note(`${batch.interrupted} phones were being worked on when the station stopped: plug them in again.`);
	return work(context, flags, batch, badges);
}

function optionsOf({ clock }: CommandContext, { station }: WorkFlags): BatchFolderOptions {
	return { clock, station, tool: TOOL };
}

async function onlyBatch(folder: string): Promise<string> {
	const names = await listBatches(folder);
	const [only, ...others] = names;
	if (only === undefined) throw faultError("BATCH_UNKNOWN");
	if (others.length > 0) throw new UsageError(`which batch? There are ${names.join(", ")}`);
	return only;
}

/** The day and the next number: short enough for a label. */
async function freeName(folder: string): Promise<string> {
	const day = new Date().toISOString().slice(2, 10).replaceAll("-", "");
	const taken = new Set(await listBatches(folder));
	for (let number = 1; ; number += 1) if (!taken.has(`B${day}-${number}`)) return `B${day}-${number}`;
}

/** A station without anybody who may sign in would wait for ever. */
async function badgesOf(context: CommandContext, { operator }: WorkFlags): Promise<Badges> {
	const badges = await openBadges(stationFolder(context), { clock: context.clock });
	if (operator !== undefined || (await badges.list()).length > 0) return badges;
	throw new UsageError(
		"there are no badges on this station: make one with holdfast station badge add NAME, or name who works with --operator",
	);
}

async function work(context: CommandContext, flags: WorkFlags, batch: OpenBatch, badges: Badges): Promise<ExitCode> {
	const { output } = context;
	const folder = stationFolder(context);
	const [apk, hubMap, registry] = await Promise.all([readAgentApk(flags), loadHubMap(folder), addressOf(context, flags)]);
	let bug: unknown;
	const station = await startStation({
		batch,
		station: flags.station,
		tool: TOOL,
		adbPort: flags.adbPort,
		// One attempt: the station goes on with a voucher, or tries again when the registry is back.
		registry: { ...registry, attempts: 1 },
		pinKeySet: flags.pinKeySet,
		hubMap,
		apk,
		apkSigner: flags.apkSigner,
		policy: policyOf(flags),
		printer: printerOf(flags.printer),
		erpPost: await erpPostOf(flags),
		installsAtOnce: flags.installsAtOnce,
		operator: flags.operator,
		findBadge: (code) => badges.find(code),
		onBug(error) {
			bug ??= error;
			output.note(`unexpected: ${error instanceof Error ? error.message : String(error)}`);
		},
	});
	const page = flags.page ? await openPage(station, batch, flags) : undefined;
	try {
		if (flags.vouchers !== undefined && flags.vouchers !== false) await fetchAhead(context, station, batch.units, flags.vouchers);
		output.line({ type: "ready", batch: batch.batchId, ...(page ? { page: page.entryUrl() } : {}), pid: process.pid });
		output.note(
			`Batch ${batch.batchId}, ${batch.units.length} units. ${page ? `Page: ${page.entryUrl()}` : ""} Ctrl-C stops; holdfast station resume ${batch.batchId} goes on.`,
		);
		const hide = showStation(station, context);
		await finished(station, context, flags.exitWhenDone === true);
		hide();
	} finally {
		await page?.close();
		await station.close();
	}
	if (bug !== undefined) throw bug;
	const figures = figuresOf(station.log.state, batch.units, context.clock.nowMs());
	const { expected, pass, queued, failed, held, missing } = figures;
	output.result({ ok: true, batch: batch.batchId, expected, pass, queued, failed, held, missing, head: station.log.state.head }, [
		`Batch ${batch.batchId}: ${pass} of ${expected} passed, ${queued} queued, ${failed} failed, ${held} held, ${missing} not begun.`,
		`Report: holdfast station report ${batch.batchId}`,
	]);
	return pass === expected ? ExitCode.ok : ExitCode.partial;
}

function openPage(station: StartedStation, batch: OpenBatch, { pageHost, pagePort }: StationFlags) {
	const isOpenToOthers = !["127.0.0.1", "::1", "localhost"].includes(pageHost);
	return startStationServer({
		station,
		// As deep in a checkout as in the bundle.
		pageFolder: fileURLToPath(new URL("../../web/build/station", import.meta.url)),
		host: pageHost,
		port: pagePort,
		...(isOpenToOthers ? { token: randomBytes(32).toString("base64url") } : {}),
		batchState: () => station.log.state,
		async reports(format) {
			const { state } = station.log;
			const nowMs = Date.now();
			const report = batchReport({ state, units: batch.units, figures: figuresOf(state, batch.units, nowMs), nowMs });
			return (await reportFiles(report)).find((file) => file.format === format)?.bytes;
		},
	});
}

/** Resolves when a person, or the clock of `--timeout`, says so; or when nothing is left to do, where that is asked for. */
function finished(station: StartedStation, { signal }: CommandContext, whenDone: boolean): Promise<void> {
	return new Promise((resolve) => {
		// A run that ended by the cable or by this program is not done: its phone comes back, or tells the registry that it is sealed.
		const isDone = () => {
			const { opened, units } = station.log.state;
			return whenDone && [...units.values()].filter(({ standing }) => DONE.has(standing)).length === opened.units;
		};
		const stop = station.onChange(() => {
			if (isDone()) end();
		});
		const end = () => {
			stop();
			resolve();
		};
		if (signal.aborted || isDone()) end();
		signal.addEventListener("abort", end, { once: true });
	});
}
