import type { Crypto } from "../../../proto/crypto.ts";
import type { HandsetFacts } from "../../handset/facts.ts";
import { type Fault, FaultError } from "../../handset/fault.ts";
import type { AgentApk } from "../../handset/packages.ts";
import type { HandsetPort } from "../../handset/port.ts";
import type { PreflightPolicy } from "../../handset/preflight.ts";
import { type Enrollment, enrollSteps } from "../../procedure/enroll.ts";
import { identityOf, imeisOf, type KnownHandset } from "../../procedure/identity.ts";
import type { RegistryPort } from "../../procedure/registry-port.ts";
import { type Clock, type ProgressEvent, runSteps, type StepEntry } from "../../procedure/step.ts";
import type { Verdict } from "../journal/entry.ts";
import type { Unit } from "../unit.ts";
import type { BatchLog } from "./batch-log.ts";
import { knownHandset } from "./known-handset.ts";
import { verdictOf } from "./verdict.ts";

/** What every run of a station is made with. */
export interface RunTools {
	readonly log: BatchLog;
	/** The registry for one run. */
	registryFor(run: string): RegistryPort;
	/** Makes sure that no other station works on the contract. @throws {FaultError} CONTRACT_LEASED_ELSEWHERE. */
	lease(contractId: string): Promise<void>;
	/** Lets other stations work on the contract again. Returns at once; a contract that a voucher or a receipt waits for is kept. */
	letGo(contractId: string): void;
	readonly apk: AgentApk;
	readonly apkSigner?: string | undefined;
	readonly policy: PreflightPolicy;
	readonly clock: Clock;
	readonly crypto: Crypto;
	randomBytes(length: number): Uint8Array;
	readonly tool: string;
}

/** One phone in one slot, and the unit that it is. */
export interface RunJob {
	readonly unit: Unit;
	readonly slot: number;
	readonly usbPath: string;
	readonly port: HandsetPort;
	/** Read through this very port, just now. */
	readonly facts: HandsetFacts;
	readonly operator: string;
	readonly signal: AbortSignal;
	onProgress(event: ProgressEvent): void;
}

export interface RunEnd {
	readonly verdict: Verdict;
	readonly fault?: Fault;
	/** The step that ended with the fault. */
	readonly step?: string;
}

/**
 * Enrolls one unit, with every step in the journal: before it does something to the phone, and after. Ends well or with a fault,
 * never with neither.
 *
 * @throws {FaultError} if the journal cannot be written before anything was done.
 */
export async function enrollUnit(tools: RunTools, job: RunJob): Promise<RunEnd> {
	const { log, clock } = tools;
	const { unit, slot, usbPath, port, operator } = job;
	const earlier = log.state.units.get(unit.contractId)?.runs ?? [];
	const run = `${unit.contractId}#${earlier.length + 1}`;
	const handset = identityOf(job.facts);
	const seen: KnownHandset = { serial: handset.serial, imeis: imeisOf(handset), bootId: job.facts.boot.id };
	const { contractId } = unit;
	const startedAtMs = clock.nowMs();
	await log.intend(
		{ type: "run-started", run, contractId, slot, usbPath, adbSerial: port.adbSerial, operator },
		{ type: "identified", run, serial: seen.serial, imeis: seen.imeis, model: handset.model },
	);
	const { fault, enrollment } = await perform(tools, job, run, knownHandset(earlier) ?? seen);
	const verdict = fault ? verdictOf(fault.code) : enrollment.found.queued ? "queued" : "pass";
	const { offer } = enrollment.found;
	await log.tell({
		type: "run-ended",
		run,
		contractId,
		verdict,
		milliseconds: clock.nowMs() - startedAtMs,
		...(fault ? { fault: fault.code, ...(fault.details ? { details: fault.details } : {}) } : {}),
		...(offer ? { enrollmentId: offer.enrollmentId, deviceId: offer.deviceId } : {}),
	});
	// A phone that failed may go on at any station, and a lease of fifteen minutes would let it wait there.
	if (verdict !== "pass" && verdict !== "queued") tools.letGo(contractId);
	const step = enrollment.entries.findLast(({ end }) => end === "failed")?.name;
	return { verdict, ...(fault ? { fault } : {}), ...(step === undefined ? {} : { step }) };
}

async function perform(
	tools: RunTools,
	job: RunJob,
	run: string,
	known: KnownHandset,
): Promise<{ fault: Fault | undefined; enrollment: Enrollment }> {
	const { log, apk, apkSigner, policy, clock, crypto, randomBytes, tool } = tools;
	const { unit, port, facts, operator, signal, onProgress } = job;
	const { contractId } = unit;
	const entries: StepEntry[] = [];
	const enrollment: Enrollment = {
		port,
		registry: tools.registryFor(run),
		contractId,
		apk,
		apkSigner,
		policy,
		known,
		read: facts,
		clock,
		crypto,
		randomBytes,
		tool,
		operator,
		entries,
		found: {},
	};
	try {
		await tools.lease(contractId);
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		return { fault: error.fault, enrollment };
	}
	let fault: Fault | undefined;
	const steps = enrollSteps({ seal: log.state.opened.seal });
	const beforeAct = (step: string) => log.intend({ type: "act", run, step });
	for await (const event of runSteps(steps, enrollment, clock, entries, signal, beforeAct)) {
		onProgress(event);
		if (event.type === "finished") fault = event.fault;
		if (event.type !== "step-ended") continue;
		const { step, end, milliseconds } = event;
		void log.tell({ type: "step-ended", run, step, end, milliseconds, ...(event.fault ? { fault: event.fault.code } : {}) });
	}
	return { fault, enrollment };
}
