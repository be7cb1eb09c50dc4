import type { CommandAnswer } from "../command.ts";
import type { UnitStanding } from "../journal/batch-state.ts";
import type { BatchLog } from "./batch-log.ts";
import type { AfterRun } from "./open-station.ts";
import type { PendingDecisions } from "./pending-decisions.ts";
import type { RegistryRoad } from "./registry-road.ts";
import type { Shift } from "./shift.ts";
import type { UnitIndex } from "./unit-index.ts";

export interface ClosingTools {
	readonly log: BatchLog;
	readonly pending: PendingDecisions;
	readonly shift: Shift;
	readonly road: RegistryRoad;
	readonly after: AfterRun;
	readonly units: UnitIndex;
}

/** Closes a batch: nothing may be under way or owed to the registry; what was reserved for it is given back. */
export async function closeBatch(
	{ log, pending, shift, road, after, units }: ClosingTools,
	operator: string,
): Promise<CommandAnswer> {
	if (log.state.closed) return { ok: true, text: "The batch is closed." };
	const at = (wanted: UnitStanding) =>
		[...log.state.units.values()].flatMap(({ contractId, standing }) => (standing === wanted ? [contractId] : []));
	const running = new Set([...at("running"), ...pending.taken.keys()]).size;
	const queued = at("queued").length;
	if (running + queued > 0) {
		return {
			ok: false,
			code: "BATCH_UNFINISHED",
			text: `${running} phones are being worked on and ${queued} wait for the registry.`,
			remedy: "Let them end; plug the queued ones in again once the registry is back.",
		};
	}
	pending.closing = true;
	try {
		await log.intend({ type: "batch-closed", operator });
	} finally {
		pending.closing = false;
	}
	await shift.end("batch closed");
	await after.batchClosed();
	const kept = await road.giveBack(units.all.map(({ contractId }) => contractId));
	const text = kept ? ` Its vouchers could not be given back (${kept.code}); they end by themselves.` : "";
	return { ok: true, text: `The batch is closed. Take the report along.${text}` };
}
