import type { OpenBatch } from "../../station/batch/batch-folder.ts";
import { figuresOf } from "../../station/journal/figures.ts";
import type { StationServer } from "../../station/server/start-station-server.ts";
import { type StartedStation, startStation } from "../../station/start-station.ts";
import type { CommandContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { policyOf } from "../preflight-policy.ts";
import { TOOL } from "../version.ts";
import type { Equipment } from "./equipment.ts";
import { fetchAhead } from "./fetch-ahead.ts";
import { showStation } from "./show-station.ts";
import type { StationFlags } from "./station-flags.ts";
import { openPage } from "./station-page.ts";

/** Standings of a unit after which nothing more comes by itself. */
const DONE: ReadonlySet<string> = new Set(["pass", "fail", "hold"]);

/** Works on a batch until a person ends it, or nothing is left to do where that is asked for. Then the batch is no longer open here. */
export async function work(
	context: CommandContext,
	flags: StationFlags,
	equipment: Equipment,
	batch: OpenBatch,
): Promise<ExitCode> {
	let bug: unknown;
	const station = await start(flags, equipment, batch, (error) => {
		bug ??= error;
		context.output.note(`unexpected: ${error instanceof Error ? error.message : String(error)}`);
	});
	let page: StationServer | undefined;
	try {
		if (flags.page) page = await openPage(context, station, batch, flags);
		if (flags.vouchers !== undefined && flags.vouchers !== false) await fetchAhead(context, station, batch.units, flags.vouchers);
		announce(context, batch, page);
		const hide = showStation(station, context);
		await finished(station, context.signal, flags.exitWhenDone === true);
		hide();
	} finally {
		await page?.close();
		await station.close();
	}
	if (bug !== undefined) throw bug;
	return conclude(context, station, batch);
}

async function start(
	flags: StationFlags,
	{ badges, registry, ...equipment }: Equipment,
	batch: OpenBatch,
	onBug: (error: unknown) => void,
): Promise<StartedStation> {
	try {
		return await startStation({
			...equipment,
			batch,
			station: batch.station,
			tool: TOOL,
			adbPort: flags.adbPort,
			// One attempt: the station goes on with a voucher, or tries again when the registry is back.
			registry: { ...registry, attempts: 1 },
			pinKeySet: flags.pinKeySet,
			apkSigner: flags.apkSigner,
			policy: policyOf(flags),
			installsAtOnce: flags.installsAtOnce,
			operator: flags.operator,
			findBadge: (code) => badges.find(code),
			onBug,
		});
	} catch (error) {
		await batch.journal.close();
		throw error;
	}
}

function announce({ output }: CommandContext, { batchId, units }: OpenBatch, page: StationServer | undefined): void {
	// An entry address lets one browser in, once: both who read must be told the same one.
	const address = page?.entryUrl();
	output.line({ type: "ready", batch: batchId, ...(address === undefined ? {} : { page: address }), pid: process.pid });
	output.note(
		`Batch ${batchId}, ${units.length} units.${address === undefined ? "" : ` Page: ${address}`} Ctrl-C stops; holdfast station resume ${batchId} goes on.`,
	);
}

/** Resolves when a person says so, or when nothing is left to do, where that is asked for. */
function finished(station: StartedStation, signal: AbortSignal, whenDone: boolean): Promise<void> {
	return new Promise((resolve) => {
		// A run that ended by the cable or by this program is not done: its phone comes back, or tells the registry that it is sealed.
		const isDone = () => {
			const { opened, units, closed } = station.log.state;
			return whenDone && (closed || [...units.values()].filter(({ standing }) => DONE.has(standing)).length === opened.units);
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

function conclude({ output, clock }: CommandContext, { log }: StartedStation, { batchId, units }: OpenBatch): ExitCode {
	const { expected, pass, queued, failed, held, missing } = figuresOf(log.state, units, clock.nowMs());
	output.result({ ok: true, batch: batchId, expected, pass, queued, failed, held, missing, head: log.state.head }, [
		`Batch ${batchId}: ${pass} of ${expected} passed, ${queued} queued, ${failed} failed, ${held} held, ${missing} not begun.`,
		`Report: holdfast station report ${batchId}`,
	]);
	return pass === expected ? ExitCode.ok : ExitCode.partial;
}
