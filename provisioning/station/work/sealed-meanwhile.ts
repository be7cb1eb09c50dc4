import { FaultError } from "../../handset/fault.ts";
import type { RegistryPort } from "../../procedure/registry-port.ts";
import type { RunState, UnitState } from "../journal/batch-state.ts";
import type { BatchLog } from "./batch-log.ts";

export interface SealedMeanwhileOptions {
	readonly log: BatchLog;
	readonly registry: Pick<RegistryPort, "enrollmentOf">;
	/** A unit passed after all. */
	passed(contractId: string): void;
}

/**
 * Looks for phones that sealed themselves although nobody heard them say so: the cable was pulled, or this program killed, in the moment
 * of the last step. Such a phone shows nothing on the cable any more, so no run can tell; but it tells the registry as soon as it is
 * online. Its run then ends a second time, with what is known now. Never throws for a registry that does not answer.
 */
export async function findSealedMeanwhile({ log, registry, passed }: SealedMeanwhileOptions): Promise<void> {
	for (const unit of [...log.state.units.values()]) {
		const run = lostAtSeal(unit);
		if (!run?.end) continue;
		try {
			const status = await registry.enrollmentOf(unit.contractId);
			if (status?.state !== "sealed" || status.serial !== run.serial) continue;
			const { contractId, enrollmentId, deviceId } = status;
			const { milliseconds } = run.end;
			await log.tell({
				...{ type: "run-ended", run: run.run, contractId, verdict: "pass", milliseconds, enrollmentId, deviceId },
				foundSealed: true,
			});
			passed(contractId);
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			return;
		}
	}
}

/**
 * The last run of a unit, if a seal was once begun and nothing was heard of its end. Not only in the last run: the phone closes its cable a
 * second after it decided, and a run that began in that second is lost at any step.
 */
function lostAtSeal({ standing, runs }: UnitState): RunState | undefined {
	const wasBegun = runs.some(({ openAct, steps }) => openAct === "seal" || steps.some(({ step }) => step === "seal"));
	return standing === "error" && wasBegun ? runs.at(-1) : undefined;
}
