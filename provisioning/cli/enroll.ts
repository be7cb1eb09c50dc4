import { randomBytes } from "node:crypto";

import type { Command } from "commander";

import { parseImei } from "../../proto/imei.ts";
import { type Fault, FaultError, faultError } from "../handset/fault.ts";
import { type Enrollment, enrollSteps } from "../procedure/enroll.ts";
import type { KnownHandset } from "../procedure/identity.ts";
import type { EnrollmentStatus, RegistryPort } from "../procedure/registry-port.ts";
import type { StepEntry } from "../procedure/step.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { type ApkFlags, readAgentApk, withApkFlags } from "./agent-apk.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { type EvidenceLog, openEvidenceLog } from "./evidence-log.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { chooseHandset, type HandsetChoice, type HandsetFlags, openHandset, withHandsetFlags } from "./handset-choice.ts";
import { lockHandset } from "./handset-lock.ts";
import { type PolicyFlags, policyOf, withPolicyFlags } from "./preflight-policy.ts";
import { openRegistry, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { runProcedure } from "./run-procedure.ts";
import { UsageError } from "./usage-error.ts";
import { TOOL } from "./version.ts";

interface EnrollFlags extends HandsetFlags, RegistryFlags, ApkFlags, PolicyFlags {
	readonly imei?: string;
	readonly operator?: string;
	readonly seal: boolean;
	readonly dryRun?: boolean;
}

/** How often a lost cable is waited for before the operator is told to start again. */
const MAX_RECONNECTS = 2;
/** Faults after which the same handset may come back by itself, or by pushing the plug in. */
const COMES_BACK: readonly string[] = [
	"USB_LOST",
	"HANDSET_REBOOTED",
	"LINK_STALLED",
	"ADB_OFFLINE",
	"ADB_SERVER_GONE",
	// The handset was there when it was chosen, and left while it was opened.
	"NO_DEVICE",
];

export function addEnroll(program: Command): void {
	const command = program
		.command("enroll")
		.argument("<contract>", "number of a contract that the registry knows")
		.description("check a handset, install the agent, make it device owner, bind the contract, prove it, seal it")
		.option("--imei <imei>", "the handset must be this one (either slot), as scanned from its box")
		.option("--operator <name>", "who is doing this, for the evidence")
		.option("--no-seal", "leave USB debugging on (training and repair only)")
		.option("--dry-run", "say what would be done and change nothing");
	withHandsetFlags(withRegistryFlags(withApkFlags(withPolicyFlags(withCommonFlags(command))))).action(
		perform<EnrollFlags>(enroll),
	);
}

async function enroll(context: CommandContext, flags: EnrollFlags, args: readonly string[]): Promise<ExitCode> {
	const [contractId = ""] = args;
	const [registry, apk] = await Promise.all([openRegistry(context, flags, "enrolling"), readAgentApk(flags)]);
	const expected = flags.imei === undefined ? undefined : scanned(flags.imei);
	if (flags.dryRun) {
		for (const [index, step] of enrollSteps(flags).entries()) context.output.note(`${index + 1}. ${step.title}`);
		context.output.result({ ok: true, contract: contractId, dryRun: true }, ["Nothing was changed."]);
		return ExitCode.ok;
	}
	const choice = await choose(context, flags, registry, contractId);
	if (!choice) return alreadySealed(context, registry, contractId);
	const lock = await lockHandset(context.stateFolder, choice.adbSerial);
	const evidence = await openEvidenceLog(context.stateFolder, `enroll-${contractId}`, context.clock.nowMs());
	try {
		const run: Run = {
			context,
			flags,
			registry,
			contractId,
			apk,
			evidence,
			expected,
		};
		const { fault, status } = await withReconnects(run, choice);
		if (fault) {
			context.output.fault(fault);
			context.output.note(`Evidence: ${evidence.path}`);
			return exitCodeOf(fault.code);
		}
		report(context, status, contractId);
		return ExitCode.ok;
	} finally {
		await evidence.close();
		await lock.release();
	}
}

interface Run {
	readonly context: CommandContext;
	readonly flags: EnrollFlags;
	readonly registry: RegistryPort;
	readonly contractId: string;
	readonly apk: Awaited<ReturnType<typeof readAgentApk>>;
	readonly evidence: EvidenceLog;
	readonly expected: string | undefined;
}

interface Ending {
	readonly fault?: Fault;
	readonly status?: EnrollmentStatus | undefined;
}

/** Runs the steps; when the cable is lost, waits for the same handset and runs them again, with its identity proven anew. */
async function withReconnects(run: Run, choice: HandsetChoice): Promise<Ending> {
	let known: KnownHandset | undefined;
	for (let attempt = 0; ; attempt += 1) {
		const identified = async (handset: KnownHandset) => {
			if (run.expected !== undefined && !handset.imeis.includes(run.expected)) {
				throw faultError("IMEI_MISMATCH", { details: { scanned: run.expected, handset: handset.imeis.join(", ") } });
			}
			known = handset;
		};
		const ending = await once(run, choice, known, identified);
		if (!ending.fault || !COMES_BACK.includes(ending.fault.code) || attempt >= MAX_RECONNECTS) return ending;
		// A handset that sealed itself does not come back, and need not.
		const status = await run.registry.enrollmentOf(run.contractId);
		if (status?.state === "sealed") return { status };
		run.context.output.note(`${ending.fault.code}: ${ending.fault.remedy} Waiting for the same phone …`);
		if (!(await isBack(run, choice))) {
			const latest = await run.registry.enrollmentOf(run.contractId);
			return latest?.state === "sealed" ? { status: latest } : ending;
		}
	}
}

/** Waits until the handset is on the cable again, or is known to have sealed itself: it may have told the registry only now. */
async function isBack({ context, flags, registry, contractId }: Run, choice: HandsetChoice): Promise<boolean> {
	if (choice.road === "tcp") return true;
	const options = { optional: true, isNeedless: () => isSealed(registry, contractId) };
	return (await chooseHandset(context, { ...flags, serial: choice.adbSerial }, options)) !== undefined;
}

async function once(
	run: Run,
	choice: HandsetChoice,
	known: KnownHandset | undefined,
	identified: (handset: KnownHandset) => Promise<void>,
): Promise<Ending> {
	const { context, flags, registry, contractId, apk, evidence } = run;
	const port = await openHandset(context, flags, choice).catch((error: unknown) => {
		if (error instanceof FaultError) return error.fault;
		throw error;
	});
	if ("code" in port) return { fault: port };
	const entries: StepEntry[] = [];
	const enrollment: Enrollment = {
		port,
		registry,
		contractId,
		apk,
		apkSigner: flags.apkSigner,
		known,
		identified,
		entries,
		policy: policyOf(flags),
		clock: context.clock,
		crypto: createNodeCrypto(),
		randomBytes: (length) => Uint8Array.from(randomBytes(length)),
		tool: TOOL,
		operator: flags.operator ?? "",
		found: {},
	};
	try {
		const fault = await runProcedure(context, enrollSteps(flags), enrollment, {
			evidence,
			entries,
		});
		if (fault) return { fault };
		return {
			status: enrollment.found.status ?? (await registry.enrollmentOf(contractId)),
		};
	} finally {
		await port.close();
	}
}

/** The handset to work on, or `undefined` when there is none and none is needed because the contract's phone is sealed. */
async function choose(
	context: CommandContext,
	flags: EnrollFlags,
	registry: RegistryPort,
	contractId: string,
): Promise<HandsetChoice | undefined> {
	// A sealed phone is not on the cable: look before waiting for it, and while waiting, for an earlier run may have sealed it just now.
	const waitMs = (await isSealed(registry, contractId)) ? 0 : undefined;
	return chooseHandset(context, flags, { waitMs, isNeedless: () => isSealed(registry, contractId) });
}

async function isSealed(registry: RegistryPort, contractId: string): Promise<boolean> {
	return (await registry.enrollmentOf(contractId))?.state === "sealed";
}

async function alreadySealed(context: CommandContext, registry: RegistryPort, contractId: string): Promise<ExitCode> {
	report(context, await registry.enrollmentOf(contractId), contractId);
	return ExitCode.ok;
}

function report({ output }: CommandContext, status: EnrollmentStatus | undefined, contractId: string): void {
	const imeis = [status?.imei1, status?.imei2].filter((imei) => imei !== undefined && imei !== "");
	output.result(
		{
			ok: true,
			contract: contractId,
			enrollment: status?.enrollmentId,
			device: status?.deviceId,
			state: status?.state,
			imeis,
		},
		[`Enrolled: contract ${contractId}, IMEI ${imeis.join(" and ")}, ${status?.state ?? "state unknown"}.`],
	);
}

function scanned(text: string): string {
	const parsed = parseImei(text);
	if ("problem" in parsed) throw new UsageError(`--imei ${text}: ${parsed.problem}. Scan the box again.`);
	return parsed.imei;
}
