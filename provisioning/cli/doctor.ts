import { randomBytes } from "node:crypto";

import type { Command } from "commander";

import { type Fault, FaultError } from "../handset/fault.ts";
import { DOCTOR_STEPS, type Examination } from "../procedure/doctor.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { chooseHandset, type HandsetFlags, openHandset, withHandsetFlags } from "./handset-choice.ts";
import { type HardwareReportFlags, hardwareReport } from "./hardware-report.ts";
import { jsonOf } from "./output.ts";
import { type PolicyFlags, policyOf, withPolicyFlags } from "./preflight-policy.ts";
import { runProcedure } from "./run-procedure.ts";
import { UsageError } from "./usage-error.ts";

interface DoctorFlags extends HandsetFlags, PolicyFlags, HardwareReportFlags {}

export function addDoctor(program: Command): void {
	const command = program
		.command("doctor")
		.description("find what keeps a handset from being enrolled; changes nothing on it")
		.option("--hardware-report [file]", "instead, write what only a phone can tell into a file to send back")
		.option("--with-identifiers", "leave serial number and IMEIs in that file as they are")
		.option("--force", "overwrite that file");
	withHandsetFlags(withPolicyFlags(withCommonFlags(command))).action(perform<DoctorFlags>(doctor));
}

async function doctor(context: CommandContext, flags: DoctorFlags): Promise<ExitCode> {
	if (flags.hardwareReport !== undefined) return hardwareReport(context, flags);
	if (flags.withIdentifiers || flags.force) throw new UsageError("--with-identifiers and --force belong to --hardware-report");
	const found: Examination["found"] = { faults: [] };
	try {
		const stopped = await examine(context, flags, found);
		if (stopped && !found.faults.some(({ code }) => code === stopped.code)) found.faults.push(stopped);
	} catch (error) {
		// A handset that cannot even be opened is a finding, not a failure of the examination.
		if (!(error instanceof FaultError)) throw error;
		found.faults.push(error.fault);
	}
	const [first] = found.faults;
	context.output.result(
		{
			ok: first === undefined,
			faults: found.faults.map(jsonOf),
			...(found.facts === undefined ? {} : { facts: found.facts }),
		},
		first === undefined ? ["Nothing stands in the way of an enrolment."] : found.faults.flatMap(lines),
	);
	return first === undefined ? ExitCode.ok : exitCodeOf(first.code);
}

async function examine(context: CommandContext, flags: DoctorFlags, found: Examination["found"]): Promise<Fault | undefined> {
	const choice = await chooseHandset(context, flags, {
		waitMs: (flags.wait ?? 0) * 1000,
	});
	if (!choice) return undefined;
	const port = await openHandset(context, flags, choice);
	try {
		return await runProcedure(context, DOCTOR_STEPS, {
			port,
			found,
			policy: policyOf(flags),
			clock: context.clock,
			crypto: createNodeCrypto(),
			randomBytes: (length) => Uint8Array.from(randomBytes(length)),
		});
	} finally {
		await port.close();
	}
}

function lines(fault: Fault): string[] {
	const details = Object.entries(fault.details ?? {}).map(([name, value]) => `    ${name}: ${value}`);
	return [`${fault.code}: ${fault.meaning}`, ...details, `    Next (${fault.fixer}): ${fault.remedy}`];
}
