import { randomBytes } from "node:crypto";

import type { Command } from "commander";

import { VERIFY_RELEASED_STEPS, VERIFY_STEPS, type Verification } from "../procedure/verify.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import { type ApkFlags, readAgentApk, withApkFlags } from "./agent-apk.ts";
import { perform, withCommonFlags } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { chooseHandset, type HandsetFlags, openHandset, withHandsetFlags } from "./handset-choice.ts";
import { openRegistry, type RegistryFlags, withRegistryFlags } from "./registry-access.ts";
import { runProcedure } from "./run-procedure.ts";

interface VerifyFlags extends HandsetFlags, RegistryFlags, ApkFlags {
	readonly released?: boolean;
}

export function addVerify(program: Command): void {
	const command = program
		.command("verify")
		.argument("<contract>")
		.description("compare a handset with what the registry says of it; changes nothing")
		.option("--released", "after payoff: prove that nothing was left behind");
	withHandsetFlags(withRegistryFlags(withApkFlags(withCommonFlags(command)))).action(perform<VerifyFlags>(verify));
}

async function verify(context: CommandContext, flags: VerifyFlags, [contractId = ""]: readonly string[]): Promise<ExitCode> {
	const registry = await openRegistry(context, flags);
	const apk = await readAgentApk(flags);
	const choice = await chooseHandset(context, flags);
	if (!choice) return ExitCode.noDevice;
	const port = await openHandset(context, flags, choice);
	const verification: Verification = {
		port,
		registry,
		contractId,
		apk,
		clock: context.clock,
		crypto: createNodeCrypto(),
		randomBytes: (length) => Uint8Array.from(randomBytes(length)),
		found: {},
	};
	try {
		const fault = await runProcedure(context, flags.released ? VERIFY_RELEASED_STEPS : VERIFY_STEPS, verification);
		if (fault) {
			context.output.fault(fault);
			return exitCodeOf(fault.code);
		}
	} finally {
		await port.close();
	}
	const { handset, status } = verification.found;
	const word = flags.released ? "Free: no owner, no restriction, no agent" : "Enrolled and as the registry says";
	context.output.result(
		{
			ok: true,
			contract: contractId,
			released: flags.released ?? false,
			handset,
			state: status?.state,
		},
		[`${word}. Contract ${contractId}, IMEI ${handset?.imei1}.`],
	);
	return ExitCode.ok;
}
